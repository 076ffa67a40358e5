"""What holds of every estimate, on the torus and at a border."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_texture_addon.engine import fourier, seam
from neural_texture_addon.engine.estimates import material
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap, roll
from neural_texture_addon.job.description import Estimates, Green, MapKind

WRAPS = [Wrap(x=x, y=y) for x in (False, True) for y in (False, True)]
ALL = tuple(MapKind)
WANTED = Estimates(light=125.0, relief=0.1, metalness=0.25)
sides = st.integers(1, 24)
shifts = st.integers(-30, 30)


def tile(height: int, width: int, *, radius: float = 1.0, seed: int = 0) -> torch.Tensor:
    """Blotches of colour that wrap, 0 to 1."""
    texels = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))
    smooth = fourier.blurred(texels, radius, TORUS)
    low, high = smooth.min(), smooth.max()
    return ((smooth - low) / (high - low).clamp_min(1e-9)).float()


def maps_of(
    colour: torch.Tensor, wanted: Estimates = WANTED, wrap: Wrap = TORUS, kinds: tuple[MapKind, ...] = ALL
) -> dict[MapKind, torch.Tensor]:
    return dict(material.estimated(colour, kinds, wanted, wrap).maps)


@pytest.mark.parametrize("wrap", WRAPS)
@settings(max_examples=20)
@given(h=sides, w=sides, dy=shifts, dx=shifts)
def test_rolling_the_colour_rolls_every_map(wrap: Wrap, h: int, w: int, dy: int, dx: int) -> None:
    dy, dx, colour = dy * wrap.y, dx * wrap.x, tile(h, w)
    rolled_first, plain = maps_of(roll(colour, dy, dx), wrap=wrap), maps_of(colour, wrap=wrap)
    for kind in ALL:
        torch.testing.assert_close(rolled_first[kind], roll(plain[kind], dy, dx), rtol=0, atol=1e-4, msg=kind)


def test_rolling_a_large_colour_rolls_every_map_though_the_light_is_looked_for() -> None:
    """By odd numbers of texels: none that a smaller copy of it would have."""
    colour, wanted = tile(301, 530, radius=3.0), replace(WANTED, light=None)
    rolled_first, plain = maps_of(roll(colour, 101, 37), wanted), maps_of(colour, wanted)
    for kind in ALL:
        torch.testing.assert_close(rolled_first[kind], roll(plain[kind], 101, 37), rtol=0, atol=1e-4, msg=kind)


@pytest.mark.parametrize("kind", ALL)
def test_no_map_of_a_tile_has_a_seam(kind: MapKind) -> None:
    figure = seam.measured(maps_of(tile(96, 128, radius=2.0))[kind], TORUS)
    assert figure is not None
    assert figure <= 1.1


@pytest.mark.parametrize("kind", ALL)
def test_a_picture_that_does_not_wrap_has_a_border(kind: MapKind) -> None:
    """Metalness is the same all over."""
    colour = tile(96, 128, radius=2.0)
    borders = [maps_of(colour, wrap=wrap)[kind][:, :, :3] for wrap in (PLANE, TORUS)]
    assert torch.allclose(*borders, atol=1e-3) == (kind is MapKind.METALNESS)


@pytest.mark.parametrize("wrap", [TORUS, PLANE])
@settings(max_examples=20)
@given(h=sides, w=sides, wanted=st.from_type(Estimates), seed=st.integers(0, 9))
def test_any_picture_has_all_maps_with_any_numbers(wrap: Wrap, h: int, w: int, wanted: Estimates, seed: int) -> None:
    colour = tile(h, w, radius=0.0, seed=seed).round()
    before = colour.clone()
    made = maps_of(colour, wanted, wrap)
    assert tuple(made) == ALL
    for kind, texels in made.items():
        assert texels.shape == (1, kind.channels, h, w)
        assert texels.dtype == torch.float32
        assert 0 <= float(texels.min()) <= float(texels.max()) <= 1
    assert torch.equal(colour, before)


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_one_colour_is_a_flat_and_even_surface(wrap: Wrap, value: float) -> None:
    made = maps_of(torch.full((1, 3, 13, 10), value), replace(WANTED, light=None), wrap)
    expected = {
        MapKind.COLOUR: [value] * 3,
        MapKind.NORMAL: [0.5, 0.5, 1.0],
        MapKind.HEIGHT: [0.5],
        MapKind.ROUGHNESS: [WANTED.roughness],
        MapKind.OCCLUSION: [1.0],
        MapKind.METALNESS: [WANTED.metalness],
    }
    for kind, texel in expected.items():
        even = torch.tensor(texel).view(1, -1, 1, 1).expand_as(made[kind])
        torch.testing.assert_close(made[kind], even, rtol=0, atol=1e-3, msg=kind)


@pytest.mark.parametrize("kind", ALL)
def test_each_map_can_be_had_alone(kind: MapKind) -> None:
    colour = tile(20, 30)
    assert torch.equal(maps_of(colour, kinds=(kind,))[kind], maps_of(colour)[kind])
    assert list(maps_of(colour, kinds=(kind,))) == [kind]


def test_directx_flips_the_green_of_the_normals_alone() -> None:
    colour = tile(20, 30)
    opengl, directx = (material.estimated(colour, ALL, WANTED, TORUS, green).maps for green in Green)
    for kind in ALL:
        same = directx[kind].clone()
        if kind is MapKind.NORMAL:
            same[:, 1] = 1 - same[:, 1]
        torch.testing.assert_close(same, opengl[kind])
    assert not torch.equal(directx[MapKind.NORMAL], opengl[MapKind.NORMAL])
