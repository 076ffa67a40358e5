import pytest
import torch

from neural_texture_addon.engine import normals, relief
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap, roll
from neural_texture_addon.job.description import MapKind

MAPS = (MapKind.NORMAL, MapKind.HEIGHT)


def hills(height: int = 48, width: int = 64, *, seed: int = 0, shift: float = 0.0) -> torch.Tensor:
    """A smooth surface on the torus, in texels."""
    generator = torch.Generator().manual_seed(seed)
    y, x = torch.meshgrid(torch.arange(height) / height, torch.arange(width) / width, indexing="ij")
    waves = torch.zeros(height, width)
    for _ in range(12):
        a, b = torch.randint(-3, 4, (2,), generator=generator).tolist()
        waves += torch.sin(2 * torch.pi * (a * x + b * y + torch.rand(1, generator=generator) + shift))
    return waves[None, None]


def maps_of(surface: torch.Tensor, steep: float = 1.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Its normals by central differences, and its height from 0 to 1."""
    right, down = ((surface.roll(-1, dim) - surface.roll(1, dim)) / 2 * steep for dim in (3, 2))
    vectors = torch.cat((-right, down, torch.ones_like(right)), 1)
    vectors = vectors / torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
    return (vectors + 1) / 2, (surface - surface.min()) / (surface.max() - surface.min())


def agreement(normal: torch.Tensor, height: torch.Tensor, wrap: Wrap = TORUS) -> float:
    found = relief.agreement(normal, height, wrap)
    assert found is not None
    return found


@pytest.mark.parametrize("steep", [0.2, 1.0, 5.0])
def test_maps_of_one_surface_agree_however_steep_it_is(steep: float) -> None:
    assert agreement(*maps_of(hills(), steep)) > 0.99


def test_maps_of_different_surfaces_do_not() -> None:
    normal, _ = maps_of(hills())
    assert abs(agreement(normal, maps_of(hills(seed=1))[1])) < 0.3


def test_a_green_that_is_upside_down_or_a_hollow_for_a_hill_shows() -> None:
    normal, height = maps_of(hills())
    assert agreement(normals.flipped(normal), height) < 0.7
    assert agreement(normal, 1 - height) < -0.99


def test_rolling_both_changes_nothing_and_one_of_them_much() -> None:
    normal, height = maps_of(hills())
    assert agreement(roll(normal, 5, 9), roll(height, 5, 9)) == pytest.approx(agreement(normal, height), abs=1e-6)
    assert agreement(roll(normal, 12, 16), height) < 0.7


@pytest.mark.parametrize("wrap", [PLANE, Wrap(x=True, y=False), Wrap(x=False, y=True)])
def test_a_part_of_a_surface_agrees_too(wrap: Wrap) -> None:
    """Its opposite borders are far apart, which is no slope."""
    rows, columns = slice(None) if wrap.y else slice(3, 38), slice(None) if wrap.x else slice(5, 52)
    normal, height = (each[:, :, rows, columns] for each in maps_of(hills()))
    assert agreement(normal, height, wrap) > 0.98


def test_a_swirl_is_no_surface_and_does_not_count() -> None:
    """Slopes that go around in circles are all curl: what is added to the normals by them takes nothing away."""
    normal, height = maps_of(hills())
    vectors = 2 * normal - 1
    slopes = vectors[:, :2] / vectors[:, 2:]
    swirl = hills(seed=5)
    right, down = ((swirl.roll(-1, dim) - swirl.roll(1, dim)) / 2 for dim in (3, 2))
    turned = torch.cat((slopes + torch.cat((-down, -right), 1), torch.ones_like(right)), 1)
    turned = turned / torch.linalg.vector_norm(turned, dim=1, keepdim=True)
    assert agreement((turned + 1) / 2, height) > 0.99


@pytest.mark.gpu
def test_on_a_card_it_is_the_same() -> None:
    stack = torch.cat(maps_of(hills()), 1)
    assert relief.agreement_in(stack.cuda(), MAPS, TORUS) == relief.agreement_in(stack, MAPS, TORUS)


def test_without_both_maps_or_on_the_flat_there_is_nothing_to_say() -> None:
    normal, height = maps_of(hills())
    stack = torch.cat((normal, height), 1)
    assert relief.agreement_in(stack, MAPS, TORUS) == pytest.approx(agreement(normal, height))
    assert relief.agreement_in(normal, (MapKind.NORMAL,), TORUS) is None
    assert relief.agreement(normal, torch.full_like(height, 0.3), TORUS) is None
    assert relief.agreement(torch.full_like(normal, 0.5), height, TORUS) is None
