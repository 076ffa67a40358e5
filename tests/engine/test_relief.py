import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine import fourier, relief, seam
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap, roll
from neural_texture_addon.job.description import Green, MapKind

WRAPS = [Wrap(x=x, y=y) for x in (False, True) for y in (False, True)]
sides = st.integers(2, 24)
shifts = st.integers(-30, 30)


def surface(height: int, width: int, *, radius: float = 2.0, seed: int = 0) -> torch.Tensor:
    """A smooth height map that wraps, 0 to 1."""
    texels = torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(seed))
    smooth = fourier.blurred(texels, radius, TORUS)
    low, high = smooth.min(), smooth.max()
    return ((smooth - low) / (high - low).clamp_min(1e-9)).float()


def angle(one: torch.Tensor, other: torch.Tensor) -> float:
    """The mean between two normal maps, in degrees."""
    one, other = ((2 * texels.double() - 1) for texels in (one, other))
    cosine = (one * other).sum(1) / (one.norm(dim=1) * other.norm(dim=1))
    return float(torch.rad2deg(torch.acos(cosine.clamp(-1, 1))).mean())


@pytest.mark.parametrize("wrap", WRAPS)
@given(h=sides, w=sides, dy=shifts, dx=shifts)
def test_rolling_a_height_rolls_its_normals_and_back(wrap: Wrap, h: int, w: int, dy: int, dx: int) -> None:
    dy, dx, height = dy * wrap.y, dx * wrap.x, surface(h, w, radius=0.5)
    made = relief.normals(height, 3.0, wrap)
    rolled = relief.normals(roll(height, dy, dx), 3.0, wrap)
    torch.testing.assert_close(rolled, roll(made, dy, dx), rtol=0, atol=1e-6)
    back, rolled_back = relief.height(made, wrap), relief.height(rolled, wrap)
    assert rolled_back[1] == pytest.approx(back[1], abs=1e-4)
    torch.testing.assert_close(rolled_back[0], roll(back[0], dy, dx), rtol=0, atol=1e-3)


@given(sides, sides, st.floats(0, 50), st.sampled_from(Green))
def test_normals_are_of_length_one_and_face_outwards(h: int, w: int, texels: float, green: Green) -> None:
    normals = 2 * relief.normals(surface(h, w), texels, TORUS, green) - 1
    torch.testing.assert_close(normals.norm(dim=1), torch.ones(1, h, w), rtol=0, atol=1e-5)
    assert float(normals[:, 2].min()) > 0


def test_red_is_to_the_right_and_green_upwards() -> None:
    y, x = torch.meshgrid(torch.arange(21.0) - 10, torch.arange(21.0) - 10, indexing="ij")
    dome = (1 - (x.square() + y.square()) / 200)[None, None]
    made = relief.normals(dome, 10.0, PLANE)[0]
    right, left, top, bottom = (made[:, row, column] for row, column in ((10, 18), (10, 2), (2, 10), (18, 10)))
    assert right[0] > 0.6 > 0.4 > left[0]
    assert top[1] > 0.6 > 0.4 > bottom[1]
    torch.testing.assert_close(made[:, 10, 10], torch.tensor([0.5, 0.5, 1.0]))


@given(sides, sides)
def test_directx_flips_green_and_nothing_else(h: int, w: int) -> None:
    opengl, directx = (relief.normals(surface(h, w), 4.0, TORUS, green) for green in Green)
    torch.testing.assert_close(directx[:, 1], 1 - opengl[:, 1])
    assert torch.equal(directx[:, ::2], opengl[:, ::2])
    for_both = [
        relief.height(normals, TORUS, green)[0] for normals, green in zip((opengl, directx), Green, strict=True)
    ]
    torch.testing.assert_close(*for_both, rtol=0, atol=1e-4)


def test_a_slope_of_one_leans_by_45_degrees() -> None:
    ramp = torch.linspace(0, 1, 11).view(1, 1, 1, -1).expand(1, 1, 5, 11)
    lean = 2 * relief.normals(ramp, 10.0, PLANE)[0, :, 2, 5] - 1
    torch.testing.assert_close(lean, torch.tensor([-math.sqrt(0.5), 0.0, math.sqrt(0.5)]))


@pytest.mark.parametrize("wrap", [TORUS, PLANE])
@pytest.mark.parametrize("texels", [1.0, 8.0, 30.0])
def test_the_normals_of_a_smooth_surface_give_its_height_and_its_relief(texels: float, wrap: Wrap) -> None:
    height = surface(96, 80, radius=6.0)
    if wrap == PLANE:  # level at the border, as a mirrored surface is
        y, x = (torch.linspace(0, math.pi, n).sin().square() for n in (96, 80))
        height = height * y[:, None] * x
        height = (height - height.min()) / (height.max() - height.min())
    back, found = relief.height(relief.normals(height, texels, wrap), wrap)
    assert found == pytest.approx(texels, rel=0.03)
    torch.testing.assert_close(back, height, rtol=0, atol=0.02)


def test_the_maps_of_an_example_agree(example: Callable[[str, MapKind], torch.Tensor]) -> None:
    """Rendered maps: what the normals integrate to is the rendered height, and what it slopes like are the normals."""
    normals, height = example("brick_wall", MapKind.NORMAL), example("brick_wall", MapKind.HEIGHT)
    back, found = relief.height(normals, PLANE)
    both = torch.stack((back.flatten(), height.flatten()))
    assert float(both.corrcoef()[0, 1]) > 0.97
    assert found == pytest.approx(0.0245 / 1.30 * 512, rel=0.25)
    assert angle(relief.normals(height, 0.0245 / 1.30 * 512, PLANE), normals) < 8


@pytest.mark.parametrize("green", Green)
def test_a_flat_surface_is_flat_both_ways(green: Green) -> None:
    flat = relief.normals(torch.full((1, 1, 9, 8), 0.3), 5.0, TORUS, green)
    torch.testing.assert_close(flat, torch.tensor([0.5, 0.5, 1.0]).view(1, 3, 1, 1).expand(1, 3, 9, 8))
    for grey in (0.5, 128 / 255):
        back, found = relief.height(flat.clone().fill_(grey).index_fill_(1, torch.tensor([2]), 1.0), TORUS, green)
        assert found == 0
        assert torch.equal(back, torch.full((1, 1, 9, 8), 0.5))


@given(sides, sides)
def test_any_picture_at_all_has_a_height(h: int, w: int) -> None:
    """One of normals that face away, or have no length."""
    texels = torch.rand(1, 3, h, w, generator=torch.Generator().manual_seed(h + 31 * w)).round()
    back, found = relief.height(texels, TORUS)
    assert bool(back.isfinite().all())
    assert 0 <= float(back.min()) <= float(back.max()) <= 1
    assert math.isfinite(found)


def test_the_normals_of_a_torus_have_no_seam() -> None:
    normals = relief.normals(surface(64, 64), 6.0, TORUS)
    assert seam.measured(normals, TORUS) < 1.1
    assert seam.measured(relief.height(normals, TORUS)[0], TORUS) < 1.1
