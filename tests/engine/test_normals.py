import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine import normals
from neural_texture_addon.job.description import MapKind

MAPS = (MapKind.HEIGHT, MapKind.NORMAL, MapKind.ROUGHNESS)


def lengths(texels: torch.Tensor) -> torch.Tensor:
    return torch.linalg.vector_norm(2 * texels.double() - 1, dim=1)


def leaning(right: float, up: float) -> torch.Tensor:
    """One texel of a unit normal that leans by these angles in degrees."""
    vector = torch.tensor([math.sin(math.radians(right)), math.sin(math.radians(up)), 0.0])
    vector[2] = (1 - vector.square().sum()).sqrt()
    return ((vector + 1) / 2).view(1, 3, 1, 1)


@given(st.integers(0, 2**31))
def test_any_numbers_become_unit_vectors_and_those_stay(seed: int) -> None:
    once = normals.renormalised(torch.rand(1, 3, 8, 9, generator=torch.Generator().manual_seed(seed)))
    torch.testing.assert_close(lengths(once), torch.ones(1, 8, 9).double(), atol=1e-5, rtol=0)
    torch.testing.assert_close(normals.renormalised(once), once, atol=1e-6, rtol=0)


def test_where_there_is_no_direction_it_is_towards_the_viewer() -> None:
    flat = normals.renormalised(torch.full((1, 3, 2, 2), 0.5))
    assert flat[0, :, 0, 0].tolist() == [0.5, 0.5, 1.0]


def test_the_average_of_two_that_lean_apart_is_upright_and_of_unit_length() -> None:
    average = normals.renormalised((leaning(60, 0) + leaning(-60, 0)) / 2)
    torch.testing.assert_close(average, leaning(0, 0))


def test_flipping_turns_the_green_alone_and_twice_is_nothing() -> None:
    texels = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(1))
    turned = normals.flipped(texels)
    assert torch.equal(turned[:, [0, 2]], texels[:, [0, 2]])
    torch.testing.assert_close(normals.flipped(turned), texels)
    torch.testing.assert_close(normals.flipped(leaning(10, 25)), leaning(10, -25))


def test_in_a_stack_only_the_normals_change() -> None:
    stack = torch.rand(1, 5, 4, 4, generator=torch.Generator().manual_seed(1))
    made = normals.renormalised_in(stack, MAPS)
    assert torch.equal(made[:, [0, 4]], stack[:, [0, 4]])
    assert torch.equal(made[:, 1:4], normals.renormalised(stack[:, 1:4]))
    assert normals.renormalised_in(stack, (MapKind.HEIGHT,)) is stack


@pytest.mark.parametrize("angle", [0, 30, 80])
def test_no_vector_is_changed_by_being_read(angle: float) -> None:
    torch.testing.assert_close(
        normals.vectors(leaning(angle, 0))[0, 0, 0, 0], torch.tensor(math.sin(math.radians(angle)))
    )
