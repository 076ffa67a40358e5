"""What holds for every loss term, or for all of a kind."""

import dataclasses
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import anew, network, noise, objective, waves

from neural_texture_addon.engine import solver
from neural_texture_addon.engine.losses import content
from neural_texture_addon.engine.losses.kinds import STATISTICS
from neural_texture_addon.engine.objective import Objective
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap, roll
from neural_texture_addon.job.description import (
    Adam,
    Autocorrelation,
    Centring,
    ChannelMean,
    Content,
    Features,
    Gram,
    Histogram,
    Layer,
    Lbfgs,
    Moments,
    NearestPatches,
    Patches,
    PatternAlignment,
    PatternEnhancement,
    PowerSpectrum,
    SlicedWasserstein,
    Term,
    Texels,
    TotalVariation,
    ValueRange,
    Vgg19,
)

TEXELS = Texels()
PATCHES = Patches(size=3, filters=6, stride=1, stride_from=0)
VGG = Vgg19(layers={Layer.RELU1_1: 1.0, Layer.RELU2_1: 0.5})
NETWORK = network(Layer.RELU3_1)
ANYWHERE = [
    SlicedWasserstein(projections=6),
    ChannelMean(),
    Moments(),
    Histogram(),
    *(Gram(centring=centring) for centring in Centring),
]
"""Style terms of any features."""
SPECTRAL = [PowerSpectrum(), Autocorrelation()]
PATTERN = [PatternEnhancement(), PatternAlignment(limit=100.0)]


def seen_through(terms: list[Any], *families: Features) -> list[Any]:
    return [dataclasses.replace(term, features=family) for term in terms for family in families]


WINDOWS = NearestPatches(size=3, components=12, stride=1)
STYLE = [*seen_through(ANYWHERE, TEXELS, PATCHES, VGG), *seen_through(SPECTRAL, TEXELS, VGG), WINDOWS]
EVERY = [*STYLE, *seen_through([*PATTERN, Content()], TEXELS, VGG), TotalVariation(), ValueRange()]


def name(value: Any) -> str:
    parts = [type(value).__name__, type(getattr(value, "features", None)).__name__, getattr(value, "centring", "")]
    return "-".join(part for part in parts if part and part != "NoneType")


every_term = pytest.mark.parametrize("term", EVERY, ids=name)
style_term = pytest.mark.parametrize("term", STYLE, ids=name)


def goal(term: Term, **fields: Any) -> Objective:
    """With all that any term may ask for."""
    fields = {"exemplars": [noise(1, 3, 20, 24, seed=7).square()], "content": noise(1, 3, 16, 16, seed=8)} | fields
    return objective(term, net=NETWORK, **fields)


def loss_and_gradient(canvas: torch.Tensor, term: Term, **fields: Any) -> tuple[torch.Tensor, torch.Tensor]:
    canvas = canvas.clone().requires_grad_()
    loss = goal(term, **{"start": canvas.detach()} | fields)(canvas)
    loss.backward()
    return loss.detach(), canvas.grad


def distance(maps: torch.Tensor, target: Any, term: Term) -> torch.Tensor:
    """Of one layer's features, whatever kind of statistic the term has."""
    statistic = STATISTICS[type(term)]
    if hasattr(statistic, "distance"):
        return statistic.distance(maps, target, term)
    target = statistic.merge([target], [1.0]) if isinstance(target, torch.Tensor) else target
    return statistic.compare(statistic.summarise(maps, term), target, term)


def minimised(canvas: torch.Tensor, how: solver.Solver, *terms: Term, **fields: Any) -> torch.Tensor:
    canvas = canvas.clone()
    list(solver.minimise(canvas, objective(*terms, start=canvas, net=NETWORK, **fields), how))
    return canvas


@every_term
@pytest.mark.parametrize("wrap", [TORUS, Wrap(x=True, y=False), PLANE])
def test_the_gradient_is_that_of_finite_differences(term: Term, wrap: Wrap) -> None:
    exemplars = [noise(1, 3, 9, 10, seed=7), noise(1, 3, 11, 8, seed=8).square()]

    def loss(canvas: torch.Tensor) -> torch.Tensor:  # a new objective each time: the same draws
        start = noise(1, 3, 8, 6, seed=9)
        return goal(term, exemplars=exemplars, weights=[1.0, 2.0], wrap=wrap, start=start)(canvas)

    assert torch.autograd.gradcheck(anew(loss), (1.4 * noise(1, 3, 8, 6) - 0.2).requires_grad_())


@every_term
@given(st.integers(-9, 9), st.integers(-9, 9))
@settings(max_examples=5)
def test_rolling_the_canvas_leaves_the_loss_and_rolls_its_gradient(term: Term, dy: int, dx: int) -> None:
    """By places of the deepest layer; the content rolls along."""
    canvas, content = 1.4 * noise(1, 3, 12, 16) - 0.2, noise(1, 3, 12, 16, seed=8)
    loss, gradient = loss_and_gradient(canvas, term, content=content)
    dy, dx = 2 * dy, 2 * dx
    rolled_loss, rolled = loss_and_gradient(roll(canvas, dy, dx), term, content=roll(content, dy, dx))
    torch.testing.assert_close(rolled_loss, loss)
    torch.testing.assert_close(rolled, roll(gradient, dy, dx))
    assert float(gradient.abs().max()) > 0


@every_term
def test_along_an_axis_with_an_end_the_loss_changes(term: Term) -> None:
    """But for those that know no neighbours."""
    canvas = waves(12, 12) * noise(1, 3, 12, 12)
    loss, _ = loss_and_gradient(canvas, term, wrap=PLANE, content=noise(1, 3, 12, 12))
    rolled, _ = loss_and_gradient(roll(canvas, 4, 4), term, wrap=PLANE, content=noise(1, 3, 12, 12))
    knowing = Content | TotalVariation | NearestPatches
    knows_none = getattr(term, "features", TEXELS) == TEXELS and not isinstance(term, knowing)
    assert (abs(float(loss - rolled)) < 1e-9) == knows_none


@pytest.mark.parametrize("term", seen_through(ANYWHERE, TEXELS), ids=name)
def test_a_canvas_that_is_the_exemplar_is_at_distance_zero(term: Term) -> None:
    exemplar = noise(1, 3, 14, 12)
    loss, gradient = loss_and_gradient(exemplar, term, exemplars=[exemplar])
    assert 0 <= float(loss) < 1e-20
    assert float(gradient.abs().max()) < 1e-8


@pytest.mark.parametrize("term", STYLE, ids=name)
def test_a_part_of_a_periodic_exemplar_is_almost_there(term: Term) -> None:
    """Whole periods of it tile; what remains is what the exemplar's border hides."""
    exemplar = waves(64, 72)
    draws = range(10 if isinstance(term, SlicedWasserstein) or getattr(term, "features", None) == PATCHES else 1)

    def loss(canvas: torch.Tensor) -> float:
        return sum(float(goal(term, exemplars=[exemplar], seed=seed)(canvas)) for seed in draws)

    assert loss(roll(waves(16, 24), 2, 4)) < 0.04 * loss(0.6 * noise(1, 3, 16, 24))


@pytest.mark.parametrize("term", seen_through([PatternEnhancement(), PatternAlignment()], TEXELS), ids=name)
def test_a_pattern_as_strong_as_the_exemplars_counts_minus_one(term: Term) -> None:
    exemplar = noise(1, 3, 14, 12)
    torch.testing.assert_close(float(goal(term, exemplars=[exemplar])(exemplar)), -1.0)


def test_the_content_is_at_distance_zero_of_itself() -> None:
    content = noise(1, 3, 16, 16)
    for term in seen_through([Content()], TEXELS, VGG):
        loss, gradient = loss_and_gradient(content, term, content=content)
        assert float(loss) == 0
        assert not gradient.any()


UNITS = [*seen_through([*ANYWHERE, *SPECTRAL, *PATTERN], TEXELS), TotalVariation()]


@pytest.mark.parametrize("term", UNITS, ids=name)
@given(st.floats(0.2, 50))
@settings(max_examples=10)
def test_the_unit_of_the_features_does_not_matter(term: Term, factor: float) -> None:
    """So that weights mean the same for every layer."""
    statistic = STATISTICS[type(term)]
    canvas, exemplar = noise(3, 12, 12), noise(3, 12, 12, seed=1).square()

    def in_unit(unit: float) -> torch.Tensor:
        return distance(unit * canvas, statistic.summarise(unit * exemplar, term), term)

    torch.testing.assert_close(in_unit(factor), in_unit(1.0), rtol=2e-4, atol=0)


@given(st.floats(0.2, 50))
@settings(max_examples=10)
def test_nor_does_it_for_content(factor: float) -> None:
    canvas, wanted = noise(3, 12, 12), noise(3, 12, 12, seed=1)

    def in_unit(unit: float) -> torch.Tensor:
        square = content.summarise(unit * canvas, unit * wanted)
        return content.compare(square, (unit * wanted).square().sum(), Content())

    torch.testing.assert_close(in_unit(factor), in_unit(1.0), rtol=2e-4, atol=0)


@pytest.mark.parametrize("term", [*seen_through([*ANYWHERE, *SPECTRAL, *PATTERN], TEXELS), TotalVariation()], ids=name)
@pytest.mark.parametrize("copies", [2, 3])
def test_the_size_of_the_exemplar_does_not_matter(term: Term, copies: int) -> None:
    exemplar, canvas = noise(1, 3, 16, 16, seed=1).square() + 0.5 * waves(16, 16), noise(1, 3, 16, 16)
    once, tiled = (float(goal(term, exemplars=[e])(canvas)) for e in (exemplar, exemplar.repeat(1, 1, copies, copies)))
    assert tiled == pytest.approx(once, rel=0.08 if isinstance(term, PowerSpectrum | Autocorrelation) else 0.03)


@pytest.mark.parametrize("term", [*seen_through([*ANYWHERE, *SPECTRAL, *PATTERN], TEXELS), TotalVariation()], ids=name)
def test_the_size_of_the_canvas_does_not_matter(term: Term) -> None:
    exemplar, canvas = noise(1, 3, 16, 16, seed=1).square() + 0.5 * waves(16, 16), noise(1, 3, 16, 16)
    once, tiled = (float(goal(term, exemplars=[exemplar])(c)) for c in (canvas, canvas.repeat(1, 1, 2, 2)))
    assert tiled == pytest.approx(once, rel=0.08 if isinstance(term, PowerSpectrum | Autocorrelation) else 0.03)


MERGED = [*seen_through([*ANYWHERE, *SPECTRAL, *PATTERN], TEXELS), TotalVariation()]


@pytest.mark.parametrize("term", MERGED, ids=name)
@given(st.floats(0.01, 100))
@settings(max_examples=10)
def test_only_the_proportions_of_weights_count_in_a_mixture(term: Term, factor: float) -> None:
    statistic = STATISTICS[type(term)]
    summaries = [statistic.summarise(noise(3, 10 + i, 12, seed=i), term) for i in range(3)]
    plain = statistic.merge(list(summaries), [1.0, 2.0, 4.0])
    torch.testing.assert_close(statistic.merge(list(summaries), [factor, 2 * factor, 4 * factor]), plain)
    same = statistic.merge([summaries[0]] * 3, [1.0, 2.0, 4.0])
    assert float(distance(noise(3, 10, 12), same, term)) == pytest.approx(
        float(distance(noise(3, 10, 12), summaries[0], term)), abs=2e-3
    )


@pytest.mark.parametrize("term", MERGED, ids=name)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_exemplar_without_weight_leaves_no_trace_in_a_mixture(term: Term, place: int) -> None:
    statistic = STATISTICS[type(term)]
    summaries, weights = [statistic.summarise(noise(3, 14, 12, seed=i), term) for i in range(2)], [1.0, 2.0]
    expected = statistic.merge(list(summaries), list(weights))
    summaries.insert(place, statistic.summarise(5 + noise(3, 8, 8, seed=5), term))
    weights.insert(place, 0.0)
    torch.testing.assert_close(statistic.merge(summaries, weights), expected)


@pytest.mark.parametrize("term", seen_through(ANYWHERE, TEXELS), ids=name)
def test_two_exemplars_make_the_target_that_a_canvas_of_both_would_meet(term: Term) -> None:
    """What varies between the two counts as variance: it is no mean of two separate covariances."""
    dark, light = 0.3 * noise(1, 3, 12, 12), 1 - 0.2 * noise(1, 3, 12, 24, seed=1)
    both = torch.cat((dark, light), 3)
    exemplars = {"exemplars": [dark, light], "weights": [1.0, 2.0]}
    assert float(goal(term, **exemplars)(both)) < 1e-3
    assert float(goal(term, **exemplars)(dark)) > 0.05


FLAT = {"zero": torch.zeros, "one": torch.ones, "noise": noise}


@every_term
@pytest.mark.parametrize("canvas", FLAT)
@pytest.mark.parametrize("exemplar", FLAT)
def test_flat_pictures_give_finite_losses_and_gradients(term: Term, canvas: str, exemplar: str) -> None:
    """In the precision of a canvas, and with exemplars and content that show nothing at all."""
    style = FLAT[exemplar](1, 3, 12, 14).float()
    picture = FLAT[canvas](1, 3, 8, 8).float()
    loss, gradient = loss_and_gradient(picture, term, exemplars=[style], content=style, start=picture)
    assert loss.isfinite()
    assert gradient.isfinite().all()


@pytest.mark.parametrize("term", [term for term in STYLE if term != WINDOWS], ids=name)  # that mends what is near
def test_the_loss_falls_by_ten_on_a_toy_exemplar(term: Term) -> None:
    exemplar = waves(40, 40)
    random = isinstance(term, SlicedWasserstein) or getattr(term, "features", None) == PATCHES
    how = Adam(iterations=160) if random else Lbfgs(iterations=25)
    start = (0.6 if random else 1.0) * noise(1, 3, 16, 16, seed=2)
    made = minimised(start, how, term, exemplars=[exemplar])
    before, after = (
        sum(float(goal(term, exemplars=[exemplar], seed=seed)(canvas)) for seed in range(5)) for canvas in (start, made)
    )
    assert after < 0.1 * before


@style_term
def test_a_lone_negative_term_is_respected(term: Term) -> None:
    start = 0.3 + 0.4 * noise(1, 3, 16, 16, seed=2)
    away = dataclasses.replace(term, weight=-1.0)
    made = minimised(start, Adam(iterations=15, average_from=1.0), away, exemplars=[waves(24, 24)])
    before, after = (float(goal(term, exemplars=[waves(24, 24)])(canvas)) for canvas in (start, made))
    assert after > 1.1 * before


def magnitudes(canvas: torch.Tensor, *layers: Layer) -> list[float]:
    """Root mean squares of the features."""
    seen = NETWORK.on_canvas(canvas, layers, VGG.pooling, TORUS)
    return [float(seen[layer].square().mean().sqrt()) for layer in layers]


CHOSEN = Layer.RELU1_2, Layer.RELU3_1
ENHANCING = pytest.mark.parametrize("exemplars", [(), (waves(32, 32),)], ids=["alone", "beside an exemplar"])


def enhanced(weights: tuple[float, ...], sign: float = 1.0, exemplars: tuple[torch.Tensor, ...] = ()) -> list[float]:
    """By how much the magnitude of either layer has grown."""
    start = 0.35 + 0.3 * noise(1, 3, 16, 16, seed=2)
    term = PatternEnhancement(weight=sign, features=Vgg19(layers=dict(zip(CHOSEN, weights, strict=True))))
    made = minimised(start, Adam(iterations=5, average_from=1.0), term, exemplars=list(exemplars))
    return [after / before for before, after in zip(magnitudes(start, *CHOSEN), magnitudes(made, *CHOSEN), strict=True)]


@ENHANCING
def test_enhancement_raises_each_chosen_layer(exemplars: tuple[torch.Tensor, ...]) -> None:
    assert min(enhanced((1.0, 1.0), exemplars=exemplars)) > 1.2
    assert enhanced((1.0, 0.0), exemplars=exemplars)[0] > 1.2
    assert enhanced((0.0, 1.0), exemplars=exemplars)[1] > 1.2


@ENHANCING
def test_the_sign_turns_enhancement_around(exemplars: tuple[torch.Tensor, ...]) -> None:
    assert max(enhanced((1.0, 1.0), sign=-1.0, exemplars=exemplars)) < 0.95


def test_the_weights_of_layers_shift_enhancement_between_them() -> None:
    shares = [(1.0, 0.0), (0.9, 0.1), (0.5, 0.5), (0.1, 0.9), (0.0, 1.0)]
    first_over_second = [first / second for first, second in map(enhanced, shares)]
    assert first_over_second == sorted(first_over_second, reverse=True)
    assert first_over_second[0] > 1.1 * first_over_second[-1]
    first, second = enhanced((1.0, -1.0))
    assert first / second > 2 * first_over_second[0]


def test_alignment_ends_at_its_limit() -> None:
    exemplar, start = 0.5 * waves(16, 16), 0.1 * noise(1, 3, 16, 16)
    for limit in (0.5, 2.0):
        term = PatternAlignment(features=TEXELS, limit=limit)
        made = minimised(start, Adam(iterations=800, learning_rate=0.001), term, exemplars=[exemplar])
        unlimited = -float(goal(dataclasses.replace(term, limit=100.0), exemplars=[exemplar])(made))
        assert limit <= unlimited < 1.15 * limit


def test_more_weight_on_content_leads_nearer_to_it_and_farther_from_the_style() -> None:
    content, exemplar = noise(1, 3, 16, 16, seed=4), waves(32, 32)
    style, follow = Gram(features=VGG), Content(features=VGG)
    distances = []
    for weight in (0.0, 0.1, 1.0, 10.0):
        terms = style, dataclasses.replace(follow, weight=weight)
        made = minimised(
            noise(1, 3, 16, 16, seed=2), Lbfgs(iterations=25), *terms, exemplars=[exemplar], content=content
        )
        distances.append([float(goal(t, exemplars=[exemplar], content=content)(made)) for t in (follow, style)])
    for less, more in pairwise(distances):
        assert more[0] < less[0]
        assert more[1] > less[1]


@pytest.mark.parametrize("shape", [(3, 8, 10), (3, 10, 8), (2, 8, 8)])
def test_content_of_another_shape_does_not_pass_in_silence(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="content of shape"):
        content.summarise(noise(3, 8, 8), noise(*shape))
