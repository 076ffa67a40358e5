"""Random directions at right angles."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from toys import noise

from neural_texture_addon.engine.features.orthogonal import OrthogonalDirections
from neural_texture_addon.engine.features.patches import Filters, PatchLens
from neural_texture_addon.engine.losses import sliced_wasserstein
from neural_texture_addon.engine.torus import PLANE, TORUS
from neural_texture_addon.job.description import SlicedWasserstein


def random(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(dimensions: int, counts: list[int], seed: int = 1) -> torch.Tensor:
    directions, generator = OrthogonalDirections(dimensions), random(seed)
    return torch.cat([directions.draw(count, generator) for count in counts])


@given(st.integers(1, 40), st.lists(st.integers(1, 30), min_size=1, max_size=8))
def test_those_of_a_basis_are_at_right_angles_however_they_are_drawn(dimensions: int, counts: list[int]) -> None:
    for basis in drawn(dimensions, counts).split(dimensions):
        torch.testing.assert_close(basis @ basis.T, torch.eye(len(basis)), atol=1e-5, rtol=0)


@given(st.integers(1, 40), st.integers(1, 5), st.integers(0, 99))
def test_over_a_basis_a_mean_square_is_exact(dimensions: int, each: int, seed: int) -> None:
    point = noise(dimensions, seed=seed).float()
    counts = [each] * dimensions  # as many bases as are drawn at a time
    mean = (drawn(dimensions, counts, seed) @ point).square().mean()
    torch.testing.assert_close(mean, point.square().mean(), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("dimensions", [2, 3, 18, 600])
def test_they_have_unit_length_and_no_favourite_direction(dimensions: int) -> None:
    found = drawn(dimensions, [100] * 40)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(4000))
    uniform = torch.eye(dimensions) / dimensions
    torch.testing.assert_close(found.T @ found / 4000, uniform, atol=0.3 / dimensions, rtol=0)


@pytest.mark.parametrize("place", [0, 1, 5, 17])
def test_each_is_even_on_the_sphere_whatever_its_place(place: int) -> None:
    """The moments of one coordinate of the place-th direction, over many sequences of three dimensions: 1/3 and 1/5."""
    generator = random()
    found = torch.stack([OrthogonalDirections(3).draw(place + 1, generator)[place] for _ in range(1500)])
    for power, moment in ((1, 0.0), (2, 1 / 3), (3, 0.0), (4, 1 / 5)):
        torch.testing.assert_close(found.pow(power).mean(0), torch.full((3,), moment), atol=0.05, rtol=0)


@pytest.mark.parametrize("place", range(3))
def test_each_is_even_on_the_sphere_from_basis_to_basis(place: int) -> None:
    """The same of one long sequence."""
    found = drawn(3, [3] * 3000).view(-1, 3, 3)[:, place]
    for power, moment in ((1, 0.0), (2, 1 / 3), (3, 0.0), (4, 1 / 5)):
        torch.testing.assert_close(found.pow(power).mean(0), torch.full((3,), moment), atol=0.05, rtol=0)


def test_no_basis_comes_again() -> None:
    found = drawn(7, [70])
    likeness = (found @ found.T).abs() - torch.eye(70)
    assert float(likeness.max()) < 0.999


def test_the_seed_decides_them() -> None:
    assert torch.equal(drawn(18, [5, 5]), drawn(18, [5, 5]))
    assert torch.equal(drawn(18, [5, 5]), drawn(18, [10]))
    assert not torch.allclose(drawn(18, [5]), drawn(18, [5], seed=2))


def test_a_distance_is_found_sooner_than_with_independent_ones() -> None:
    """Between two pictures, by as many filters: how much it varies is the noise of the gradient, too."""
    canvas, exemplar = noise(1, 3, 20, 20), noise(1, 3, 20, 20, seed=1).pow(2)
    directions, generator = OrthogonalDirections(27), random()
    ways = {
        "orthogonal": lambda: directions.draw(9, generator),
        "independent": lambda: torch.nn.functional.normalize(torch.randn(9, 27, generator=generator), dim=1),
    }
    spread = {}
    for name, draw in ways.items():
        means = [sum(_distance(draw(), canvas, exemplar) for _ in range(3)) / 3 for _ in range(60)]
        spread[name] = float(torch.tensor(means).std())
    assert spread["orthogonal"] < 0.6 * spread["independent"]


def _distance(directions: torch.Tensor, canvas: torch.Tensor, exemplar: torch.Tensor) -> float:
    filters = Filters(kernels=directions.view(-1, 3, 3, 3).double(), offset=torch.zeros(2))
    term = SlicedWasserstein()
    target = sliced_wasserstein.summarise(filters(exemplar, PLANE, 1)[:, None], term)
    seen = PatchLens(filters=filters, wrap=TORUS, apart=1).look(canvas)
    return float(sliced_wasserstein.distance(seen["all"], target, term))
