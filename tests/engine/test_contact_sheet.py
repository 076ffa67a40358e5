import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from neural_texture_addon.engine.contact_sheet import ContactSheet

AXES = st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=4), min_size=1, max_size=3)


def colour_of(number: int) -> tuple[int, int, int]:
    return (250, 20 + 3 * number, 100 + 2 * number)


def bounds(sheet: Image.Image, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what has that colour, both ends included."""
    y, x = np.nonzero((np.asarray(sheet) == colour).all(2))
    assert x.size, f"{colour} is not on the sheet"
    assert x.size == (np.ptp(x) + 1) * (np.ptp(y) + 1), "it is whole"
    return int(x.min()), int(y.min()), int(x.max()), int(y.max())


@settings(max_examples=25)
@given(AXES, st.integers(1, 40), st.integers(1, 40))
def test_every_picture_is_whole_at_its_size_in_its_row_and_column(
    tmp_path: Path, axes: list[list[str]], width: int, height: int
) -> None:
    sheet, placed = ContactSheet(axes), {}
    for number, place in enumerate(itertools.product(*(range(len(axis)) for axis in axes))):
        Image.new("RGB", (width, height), colour_of(number)).save(tmp_path / "a.png")
        sheet.put(place, tmp_path / "a.png")
        placed[place] = colour_of(number)
    drawn = sheet.draw()
    at = {place: bounds(drawn, colour) for place, colour in placed.items()}
    for left, top, right, bottom in at.values():
        assert (right - left + 1, bottom - top + 1) == (width, height)
    for (place, a), (other, b) in itertools.combinations(at.items(), 2):
        if place[0] == other[0] and place[2:] == other[2:]:
            assert a[1] == b[1]
            assert a[2] < b[0]
        if place[1:] == other[1:]:
            assert a[0] == b[0]
            assert a[3] < b[1]


@pytest.mark.parametrize(("size", "shown"), [((300, 300), (256, 256)), ((1024, 512), (256, 128)), ((9, 4), (9, 4))])
def test_a_picture_is_made_smaller_but_never_larger(
    tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    Image.new("RGB", size, colour_of(0)).save(tmp_path / "a.png")
    sheet = ContactSheet([["a"], ["b"]])
    sheet.put((0, 0), tmp_path / "a.png")
    left, top, right, bottom = bounds(sheet.draw(), colour_of(0))
    assert (right - left + 1, bottom - top + 1) == shown


def test_many_pictures_are_smaller(tmp_path: Path) -> None:
    sheet = ContactSheet([[str(i) for i in range(1000)], ["x"]])
    Image.new("RGB", (256, 256)).save(tmp_path / "a.png")
    sheet.put((0, 0), tmp_path / "a.png")
    assert sheet.draw().height < 32_000


def test_a_remark_stands_where_a_picture_is_missing(tmp_path: Path) -> None:
    def sheet(remark: str) -> np.ndarray:
        sheet = ContactSheet([["a", "b"], ["c"]])
        if remark:
            sheet.mark((1, 0), remark)
        return np.asarray(sheet.draw())

    assert (sheet("failed") != sheet("")).any()
    y = np.nonzero((sheet("failed") != sheet("")).any((1, 2)))[0]
    assert y.min() > sheet("").shape[0] / 2, "in the second row"


def test_its_file_is_a_png_of_what_is_drawn(tmp_path: Path) -> None:
    sheet = ContactSheet([["a"], ["b"]])
    (tmp_path / "sheet.png").write_bytes(sheet.png())
    with Image.open(tmp_path / "sheet.png") as image:
        assert (np.asarray(image) == np.asarray(sheet.draw())).all()
