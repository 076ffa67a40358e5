from dataclasses import replace
from typing import Any

import pytest
import torch
from toys import around, network, noise

from neural_texture_addon.engine.features.balance import MOST_GAIN, Balance
from neural_texture_addon.engine.objective import Objective
from neural_texture_addon.engine.tiles import Plan
from neural_texture_addon.job.description import (
    Gram,
    MapKind,
    Moments,
    NearestPatches,
    Patches,
    SlicedWasserstein,
    Term,
    Vgg19,
)

MAPS = (MapKind.COLOUR, MapKind.HEIGHT, MapKind.ROUGHNESS)
TERMS = (
    SlicedWasserstein(features=Patches(size=3, filters=8)),
    NearestPatches(size=3),
    Gram(features=Vgg19(layers={"relu2_1": 1.0})),
)


def stack(height: float = 1.0, roughness: float = 1.0, seed: int = 0, side: int = 24) -> torch.Tensor:
    """Maps of noise with this much contrast, about a half."""
    contrast = torch.tensor([1.0, 1.0, 1.0, height, roughness], dtype=torch.float64).view(1, -1, 1, 1)
    return 0.5 + (noise(1, 5, side, side, seed=seed) - 0.5) * contrast


def loss(term: Term, exemplar: torch.Tensor, canvas: torch.Tensor, plan: Plan | None = None, **weights: float) -> Any:
    balance = Balance.of([exemplar], MAPS, {MapKind(kind): weight for kind, weight in weights.items()})
    given = around([exemplar], 24, maps=MAPS, net=network(maps=(3, 1, 1)))
    canvas = canvas.clone().requires_grad_()
    value = Objective((term,), canvas.detach(), replace(given, balance=balance), plan)(canvas)
    value.backward()
    return value.detach(), canvas.grad


def test_each_map_is_shown_with_the_contrast_of_the_first() -> None:
    exemplar = stack(height=0.3, roughness=2.0)
    balance = Balance.of([exemplar], MAPS, {})
    shown = balance.shown(exemplar)
    deviations = shown.std((0, 2, 3))
    torch.testing.assert_close(deviations, deviations[:1].expand(5), rtol=0.05, atol=0)
    torch.testing.assert_close(shown.mean((0, 2, 3)), exemplar.mean((0, 2, 3)))
    assert torch.equal(shown[:, :3], balance.shown(exemplar)[:, :3])


def test_a_flat_map_is_not_made_of_noise_and_no_gain_is_beyond_the_most() -> None:
    balance = Balance.of([stack(height=0.0, roughness=0.02)], MAPS, {})
    assert balance.gain.flatten().tolist() == [1, 1, 1, 1, MOST_GAIN]


def test_of_one_map_or_without_exemplars_there_is_none() -> None:
    assert Balance.of([noise(1, 3, 8, 8)], (MapKind.COLOUR,), {MapKind.COLOUR: 3.0}) is None
    assert Balance.of([], MAPS, {}) is None


@pytest.mark.parametrize("term", TERMS, ids=lambda term: type(term).__name__)
def test_what_a_map_counts_does_not_depend_on_its_contrast(term: Term) -> None:
    pale, full = (loss(term, stack(height=c, seed=1), stack(height=c, seed=2))[0] for c in (0.25, 1.0))
    torch.testing.assert_close(pale, full, rtol=0.1, atol=0)


@pytest.mark.parametrize("term", [*TERMS, Moments(features=Vgg19())], ids=lambda term: type(term).__name__)
def test_a_map_without_weight_pulls_at_nothing_and_nothing_at_it(term: Term) -> None:
    exemplar, canvas = stack(seed=1), stack(seed=2)
    other = torch.cat((canvas[:, :4], noise(1, 1, 24, 24, seed=9)), 1)
    one, slopes = loss(term, exemplar, canvas, roughness=0.0)
    two, _ = loss(term, exemplar, other, roughness=0.0)
    torch.testing.assert_close(one, two)
    assert float(slopes[:, 4].abs().max()) == 0
    assert float(slopes[:, :4].abs().max()) > 0


@pytest.mark.parametrize("term", [*TERMS, Moments(features=Vgg19())], ids=lambda term: type(term).__name__)
def test_more_weight_draws_a_map_more(term: Term) -> None:
    exemplar, canvas = stack(seed=1), stack(seed=2)
    shares = []
    for weight in (0.5, 1.0, 2.0):
        _, slopes = loss(term, exemplar, canvas, height=weight)
        shares.append(float(slopes[:, 3].norm() / slopes[:, :3].norm()))
    assert shares[0] < shares[1] < shares[2]


@pytest.mark.parametrize("canvas", [stack(seed=2), stack(roughness=0.1, seed=2)])
def test_correlations_of_features_get_the_weights_back(canvas: torch.Tensor) -> None:
    """Each map is the exemplar's own, one of them rolled: what differs is which feature goes with which."""
    exemplar = canvas.clone()
    exemplar[:, 4] = canvas[:, 4].roll(8, 1)
    term = Moments(features=Vgg19(layers={"relu1_1": 1.0}))
    none, little, full = (float(loss(term, exemplar, canvas, roughness=weight)[0]) for weight in (0.0, 0.3, 1.0))
    assert none < little < 0.7 * full


@pytest.mark.parametrize("term", [*TERMS, Moments(features=Vgg19())], ids=lambda term: type(term).__name__)
def test_in_pieces_the_gradient_is_the_same(term: Term) -> None:
    exemplar, canvas = stack(height=0.3, seed=1, side=48), stack(height=0.4, seed=2, side=48)
    whole = loss(term, exemplar, canvas, height=2.0)
    pieces = loss(term, exemplar, canvas, Plan(side=16, room=2**20), height=2.0)
    for one, other in zip(whole, pieces, strict=True):
        torch.testing.assert_close(one, other)
