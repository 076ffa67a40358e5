import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine.estimates import occlusion
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap


def trench(half: int, side: int = 201) -> torch.Tensor:
    """Long and straight, with upright walls; its floor is 0, all else 1."""
    surface = torch.ones(1, 1, side, side)
    surface[..., side // 2 - half : side // 2 + half + 1] = 0.0
    return surface


@pytest.mark.parametrize(("half", "depth"), [(8, 4.0), (8, 8.0), (8, 24.0), (15, 15.0)])
@pytest.mark.parametrize("dim", [2, 3])
def test_the_floor_of_a_trench_sees_what_it_must(half: int, depth: float, dim: int) -> None:
    """The sky seen from the middle between two long walls is the sine of half the angle (Lambert's cosine law)."""
    surface = trench(half) if dim == 3 else trench(half).transpose(2, 3)
    seen = occlusion.seen(surface, depth, 90.0, TORUS)
    assert float(seen[0, 0, 100, 100]) == pytest.approx(math.sin(math.atan((half + 1) / depth)), abs=0.06)
    assert float(seen.select(dim, 0).mean()) == pytest.approx(1.0, abs=0.01), "far from it all is seen"


@pytest.mark.parametrize("degrees", [0, 20, 45, 60])
@pytest.mark.parametrize("turn", range(4))
def test_a_plane_sees_all_of_its_sky_however_it_leans(degrees: int, turn: int) -> None:
    ramp = torch.linspace(0, 1, 64).expand(1, 1, 64, 64).rot90(turn, (2, 3))
    seen = occlusion.seen(ramp, 63 * math.tan(math.radians(degrees)), 8.0, PLANE)
    torch.testing.assert_close(seen[..., 16:48, 16:48], torch.ones(1, 1, 32, 32), rtol=0, atol=0.02)


def test_the_foot_of_a_wall_sees_half() -> None:
    step = torch.zeros(1, 1, 101, 101)
    step[..., :50] = 1.0
    seen = occlusion.seen(step, 400.0, 45.0, PLANE)[0, 0, 50]
    assert float(seen[52]) == pytest.approx(0.5, abs=0.05)
    assert float(seen[100]) > float(seen[70]) > float(seen[52])


@given(st.integers(1, 20), st.integers(1, 20), st.floats(0, 1e4), st.floats(0, 60), st.booleans(), st.booleans())
def test_it_is_a_share_for_any_surface(h: int, w: int, depth: float, reach: float, x: bool, y: bool) -> None:
    surface = torch.rand(1, 1, h, w, generator=torch.Generator().manual_seed(h))
    seen = occlusion.seen(surface, depth, reach, Wrap(x=x, y=y))
    assert bool(seen.isfinite().all())
    assert 0 <= float(seen.min()) <= float(seen.max()) <= 1


def test_deeper_or_farther_sees_less() -> None:
    surface = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    depths = [float(occlusion.seen(surface, depth, 8.0, TORUS).mean()) for depth in (0.0, 1.0, 4.0, 16.0)]
    assert depths[0] == pytest.approx(1.0, abs=1e-6)
    assert depths == sorted(depths, reverse=True)
    reaches = [float(occlusion.seen(surface, 8.0, reach, TORUS).mean()) for reach in (1.0, 4.0, 16.0)]
    assert reaches == sorted(reaches, reverse=True)
