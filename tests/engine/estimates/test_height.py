from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from neural_texture_addon.engine import fourier, relief, srgb
from neural_texture_addon.engine.estimates import height, illumination, light
from neural_texture_addon.engine.torus import PLANE, TORUS
from neural_texture_addon.job.description import Estimates, MapKind

Example = Callable[[str, MapKind], torch.Tensor]


def bumps(seed: int = 0, side: int = 128, radius: float = 4.0) -> torch.Tensor:
    """A surface that wraps, 0 to 1."""
    texels = torch.rand(1, 1, side, side, generator=torch.Generator().manual_seed(seed))
    smooth = fourier.blurred(texels, radius, TORUS)
    return ((smooth - smooth.min()) / (smooth.max() - smooth.min())).float()


def lit_from(degrees: float, surface: torch.Tensor, texels: float = 10.0) -> torch.Tensor:
    """A matt white surface by a low lamp, nothing in shadow."""
    angle = torch.deg2rad(torch.tensor(degrees))
    normals = 2 * relief.normals(surface, texels, TORUS) - 1
    towards = 0.35 * (torch.cos(angle) * normals[:, :1] + torch.sin(angle) * normals[:, 1:2]) + 0.6 * normals[:, 2:]
    return srgb.encoded(0.8 * towards.clamp_min(0)).expand(1, 3, -1, -1)


def alike(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(torch.stack((one.flatten(), other.flatten())).corrcoef()[0, 1])


@pytest.mark.parametrize("degrees", [0.0, 90.0, 135.0, 250.0])
def test_a_surface_in_slanting_light_is_found_by_its_shading(degrees: float) -> None:
    surface = bumps()
    colour, wanted = lit_from(degrees, surface), Estimates(light=degrees, brightness=0.0, shading=1.0)
    made, _ = height.estimated(colour, wanted, TORUS)
    detail = surface - fourier.blurred(surface, 8.0, TORUS).float()
    assert alike(made, detail) > 0.6
    turned, _ = height.estimated(colour, replace(wanted, light=(degrees + 180) % 360), TORUS)
    assert alike(turned, made) < -0.95, "light from the other side makes hollows of bumps"


def test_bright_is_high_or_low_or_neither() -> None:
    surface = bumps()
    colour = srgb.encoded(0.1 + 0.5 * surface).expand(1, 3, -1, -1)
    bright, dark = (
        height.estimated(colour, Estimates(brightness=b, shading=0.0, coarse=1.0), TORUS)[0] for b in (1.0, -1.0)
    )
    assert alike(bright, surface) > 0.95
    assert alike(dark, surface) < -0.95
    neither, _ = height.estimated(colour, Estimates(brightness=0.0, shading=0.0), TORUS)
    assert torch.equal(neither, torch.full_like(neither, 0.5))


@pytest.mark.parametrize(("scale", "radius"), [("fine", 0.4), ("medium", 6.0), ("coarse", 60.0)])
def test_each_scale_has_its_own_strength(scale: str, radius: float) -> None:
    colour = srgb.encoded(0.1 + 0.5 * bumps(side=400, radius=radius)).expand(1, 3, -1, -1)
    none = Estimates(shading=0.0, fine=0.0, medium=0.0, coarse=0.0)
    others = {"fine", "medium", "coarse"} - {scale}
    spread = {}
    for name in (scale, *others):
        surface = height._weighed(illumination.brightness(colour), replace(none, **{name: 1.0}), 400, TORUS)
        spread[name] = float((surface - surface.mean()).std())
    assert spread[scale] == max(spread.values())


def test_a_few_outliers_do_not_press_the_rest_together() -> None:
    surface = bumps()
    colour = srgb.encoded(0.2 + 0.3 * surface).expand(1, 3, -1, -1).clone()
    wanted = Estimates(shading=0.0, coarse=1.0, fine=1.0)
    plain, _ = height.estimated(colour, wanted, TORUS)
    colour[..., 5, 7:10] = 1.0
    made, _ = height.estimated(colour, wanted, TORUS)
    torch.testing.assert_close(made[..., 30:, :], plain[..., 30:, :], rtol=0, atol=0.05)
    assert float(made[..., 5, 8]) == 1.0


@pytest.mark.parametrize(("name", "degrees"), [("pebbles", 140.0), ("brick_wall", 128.0)])
def test_the_light_is_found_in_the_shadows_of_a_picture_however_it_is_turned(
    name: str, degrees: float, example: Example
) -> None:
    """The suns of the rendered examples are known."""
    bright = illumination.brightness(example(name, MapKind.COLOUR))
    for quarter in range(4):
        found = light.find(bright.rot90(quarter, (2, 3)), PLANE)
        assert found is not None
        assert abs((found.degrees - 90 * quarter - degrees + 180) % 360 - 180) < 25
        assert 0 < found.agreement <= 1


def test_where_nothing_casts_a_shadow_no_light_is_found() -> None:
    paint = torch.rand(1, 1, 256, 256, generator=torch.Generator().manual_seed(1))
    assert light.find(torch.log(0.1 + fourier.blurred(paint, 2.0, TORUS)), TORUS) is None
    assert light.find(torch.zeros(1, 1, 30, 20), TORUS) is None


def test_light_that_was_said_is_not_looked_for(example: Example) -> None:
    colour = example("wood_planks", MapKind.COLOUR)
    assert height.estimated(colour, Estimates(), PLANE)[1] is None
    said = height.estimated(colour, Estimates(light=360.0), PLANE)[1]
    assert said is not None
    assert said.degrees == 0.0


@pytest.mark.parametrize(("name", "least"), [("pebbles", 0.55), ("wood_planks", 0.35), ("fallen_leaves", 0.45)])
def test_the_true_height_is_met_as_well_as_the_page_says(name: str, least: float, example: Example) -> None:
    """`docs/materials.md` has the figures; of the brick wall, whose joints are bright, it says that it fails."""
    even = illumination.flattened(example(name, MapKind.COLOUR), Estimates(), PLANE)
    assert alike(height.estimated(even, Estimates(), PLANE)[0], example(name, MapKind.HEIGHT)) > least
