import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine import canvas_size
from neural_texture_addon.engine.canvas_size import Size

SIDES = st.integers(1, 16384)


@given(SIDES, SIDES)
def test_what_is_written_is_what_is_read(width: int, height: int) -> None:
    assert canvas_size.parse(f"{width}x{height}").sides() == (width, height)
    assert canvas_size.parse(f"{width}X{height}").sides_like(3, 7) == (width, height)
    assert canvas_size.parse(str(width)).sides() == (width, width)


@given(st.text(st.sampled_from("0123456789xX-+. a"), max_size=12))
def test_any_text_is_a_size_or_is_refused(text: str) -> None:
    try:
        size = canvas_size.parse(text)
    except argparse.ArgumentTypeError as error:
        message = str(error)
        assert "allowed: 512 or 1024x512" in message
    else:
        assert text.lower() in (str(size.width), f"{size.width}x{size.height}") or text.startswith("0") or "x0" in text


@given(SIDES, SIDES, st.integers(16, 16384))
def test_one_number_is_the_longer_side_of_the_pictures_shape(width: int, height: int, longer: int) -> None:
    sides = Size(width=longer).sides_like(width, height)
    assert max(sides) == longer
    assert min(sides) >= 16
    assert (sides[0] >= sides[1]) == (width >= height) or sides[0] == sides[1]
    exact = longer * min(width, height) / max(width, height)
    assert abs(min(sides) - exact) <= 0.5 or exact < 16


@pytest.mark.parametrize("sides", [(640, 480), (480, 640), (16, 16)])
def test_a_picture_at_its_own_size_stays_as_it_is(sides: tuple[int, int]) -> None:
    assert canvas_size.like(*sides, max(sides)) == sides
