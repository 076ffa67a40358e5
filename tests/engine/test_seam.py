import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from toys import noise, waves

from neural_texture_addon.engine import seam
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap, roll
from neural_texture_addon.job.description import MapKind

Y_ONLY, X_ONLY = Wrap(x=False, y=True), Wrap(x=True, y=False)


def ramp(height: int = 32, width: int = 48) -> torch.Tensor:
    """Brighter from top to bottom; from left to right it repeats."""
    return 0.2 * noise(1, 3, height, width) + torch.linspace(0, 0.8, height).view(1, 1, -1, 1)


@given(st.integers(0, 31), st.integers(0, 47))
def test_a_pattern_that_repeats_has_no_seam_wherever_its_border_is(dy: int, dx: int) -> None:
    assert 0 < seam.measured(roll(waves(32, 48), dy, dx), TORUS) <= 1.01


def test_opposite_borders_that_differ_are_a_seam_on_their_axis_only() -> None:
    assert seam.measured(ramp(), Y_ONLY) > 2
    assert seam.measured(ramp(), X_ONLY) < 1.2
    assert seam.measured(ramp(), TORUS) == seam.measured(ramp(), Y_ONLY)
    assert seam.measured(ramp().mT, TORUS) == pytest.approx(seam.measured(ramp(), TORUS))


def test_an_edge_inside_is_no_seam_and_hides_none() -> None:
    """The whole jump is one line's; the others' 99th percentile lies below it."""
    step = 0.1 * noise(1, 3, 200, 200)
    step[:, :, 50:150] += 0.8
    assert seam.measured(step, TORUS) < 1.5
    assert seam.measured(roll(step, 50, 0), TORUS) > 3


def test_a_seam_in_one_map_is_hidden_by_no_other() -> None:
    maps = (MapKind.COLOUR, MapKind.HEIGHT)
    rough, ramped = noise(1, 3, 64, 64), torch.linspace(0, 0.3, 64, dtype=torch.float64).expand(1, 1, 64, 64)
    stack = torch.cat((rough, ramped), 1)
    assert seam.measured(stack, TORUS) < 1.5
    assert seam.of_worst(stack, maps, TORUS) > 3
    assert seam.of_worst(stack, maps, PLANE) is None


def test_where_nothing_wraps_there_is_nothing_to_measure() -> None:
    assert seam.measured(ramp(), PLANE) is None
    assert seam.measured(ramp(2, 2), TORUS) is None


def test_a_flat_canvas_has_a_finite_figure() -> None:
    assert seam.measured(torch.zeros(1, 3, 8, 8), TORUS) == 1
    black_and_white = torch.zeros(1, 1, 64, 64)
    black_and_white[:, :, 32:] = 1
    assert 1 < seam.measured(black_and_white, Y_ONLY) < float("inf")
