from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from neural_texture_addon.engine import fourier, srgb
from neural_texture_addon.engine.estimates import illumination
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap
from neural_texture_addon.job.description import Estimates, MapKind

Example = Callable[[str, MapKind], torch.Tensor]
NAMES = ["brick_wall", "pebbles", "wood_planks", "fallen_leaves"]


def unevenly_lit(colour: torch.Tensor) -> torch.Tensor:
    """By a lamp at one side, through a lens that darkens the corners."""
    y, x = torch.meshgrid(*(torch.linspace(-1, 1, n) for n in colour.shape[2:]), indexing="ij")
    return srgb.encoded(srgb.linear(colour) * torch.exp(0.7 * x - 0.4 * y - 0.6 * (x * x + y * y) - 0.3)).clamp(0, 1)


def unevenness(colour: torch.Tensor, wrap: Wrap = PLANE) -> float:
    """The deviation of what is left of brightness by a wide blur."""
    return float(fourier.blurred(illumination.brightness(colour), 0.12 * min(colour.shape[2:]), wrap).std())


@pytest.mark.parametrize("name", NAMES)
def test_a_lamp_at_the_side_and_dark_corners_are_taken_off(name: str, example: Example) -> None:
    colour = example(name, MapKind.COLOUR)
    lit = unevenly_lit(colour)
    assert unevenness(lit) > 3 * unevenness(colour)
    assert unevenness(illumination.flattened(lit, Estimates(), PLANE)) < 1.5 * unevenness(colour)


def test_more_is_taken_off_the_more_is_asked_for(example: Example) -> None:
    lit = unevenly_lit(example("brick_wall", MapKind.COLOUR))
    left = [unevenness(illumination.flattened(lit, Estimates(flatten=share), PLANE)) for share in (0.0, 0.5, 1.0)]
    assert left[1] == pytest.approx(0.5 * left[0], rel=0.2)
    assert left[2] < 0.2 * left[0]
    assert torch.equal(illumination.flattened(lit, Estimates(flatten=0.0), PLANE), lit)


def test_a_tile_has_waves_of_light_taken_off() -> None:
    wave = torch.exp(0.5 * torch.sin(2 * torch.pi * torch.arange(64) / 64)).expand(1, 3, 64, 64)
    lit = srgb.encoded(0.3 * wave * (0.8 + 0.2 * torch.rand(64, 64, generator=torch.Generator().manual_seed(1))))
    flat = illumination.flattened(lit, Estimates(light_size=0.05), TORUS)
    assert unevenness(flat, TORUS) < 0.15 * unevenness(lit, TORUS)


def test_light_hue_and_detail_stay(example: Example) -> None:
    lit = unevenly_lit(example("pebbles", MapKind.COLOUR))
    before, after = (srgb.linear(texels) for texels in (lit, illumination.flattened(lit, Estimates(), PLANE)))
    assert float(after.mean()) == pytest.approx(float(before.mean()), rel=0.02)
    inside = (after.amax(1) < 0.99) & (before.amin(1) > 0.02)
    hues = [(light / light.sum(1, keepdim=True)).movedim(1, 3)[inside] for light in (before, after)]
    torch.testing.assert_close(*hues, rtol=0, atol=1e-3)
    fine = []
    for texels in (lit, srgb.encoded(after)):
        bright = illumination.brightness(texels)
        fine.append((bright - fourier.blurred(bright, 5.0, PLANE)).flatten())
    assert float(torch.stack(fine).corrcoef()[0, 1]) > 0.98


def test_a_smaller_light_size_flattens_more(example: Example) -> None:
    colour = example("fallen_leaves", MapKind.COLOUR)
    sizes = [replace(Estimates(), light_size=size) for size in (0.5, 0.1, 0.03)]
    changes = [float((illumination.flattened(colour, wanted, PLANE) - colour).abs().mean()) for wanted in sizes]
    assert changes == sorted(changes)
    assert changes[0] < 0.5 * changes[2]
