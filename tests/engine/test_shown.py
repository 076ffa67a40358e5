"""An exemplar that is looked at in pieces shows what it shows as a whole."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from live_bytes import LiveBytes
from toys import network, noise, objective

from neural_texture_addon.engine import shown
from neural_texture_addon.engine.features.vgg import PLACES
from neural_texture_addon.engine.tiles import Plan
from neural_texture_addon.job.description import (
    Autocorrelation,
    ChannelMean,
    Content,
    Gram,
    Histogram,
    Layer,
    Moments,
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

NETWORK = network(Layer.RELU4_2)
PLANS = st.builds(Plan, side=st.integers(3, 40), room=st.sampled_from([0, 9000, 2**40]))
LAYERS = Vgg19(layers={Layer.RELU1_1: 1.0, Layer.POOL1: 0.3, Layer.RELU2_2: -0.5, Layer.RELU4_2: 1.0})
SHALLOW = Vgg19(layers={Layer.RELU2_1: 1.0})
KINDS = (
    SlicedWasserstein,
    ChannelMean,
    Moments,
    Gram,
    Histogram,
    PowerSpectrum,
    Autocorrelation,
    PatternEnhancement,
    PatternAlignment,
    Content,
)


def losses(terms: list[Term], exemplars: list[torch.Tensor], plan: Plan | None, **fields: Any) -> list[float]:
    """Of each term by itself; and of all of them."""
    canvas = 0.6 * noise(1, 3, 24, 31)
    fields = {"content": noise(1, 3, 24, 24, seed=8), "net": NETWORK, "start": canvas} | fields
    asked = [[term] for term in terms] + [terms]
    return [float(objective(*some, exemplars=exemplars, exemplar_plan=plan, **fields)(canvas)) for some in asked]


@given(st.tuples(st.integers(9, 60), st.integers(9, 60)), PLANS, st.sampled_from([Texels(), LAYERS]))
@settings(max_examples=8)
def test_in_pieces_it_shows_what_it_shows_as_a_whole(shape: tuple[int, int], plan: Plan, features: Any) -> None:
    terms: list[Term] = [kind(features=features, weight=1 + n / 7) for n, kind in enumerate(KINDS)]
    terms += [TotalVariation(), ValueRange()]
    exemplars = [noise(1, 3, *shape, seed=4), noise(1, 3, 21, 28)]
    assert losses(terms, exemplars, plan) == pytest.approx(losses(terms, exemplars, None), rel=1e-9)


@pytest.mark.parametrize("layer", Layer)
def test_each_layer_has_the_same_places(layer: Layer) -> None:
    """Also of an exemplar whose sides its stride does not divide."""
    stride = PLACES[layer].stride
    terms: list[Term] = [Gram(features=Vgg19(layers={layer: 1.0}))]
    exemplars = [noise(1, 3, 5 * stride + 3, 6 * stride + stride // 2)]
    whole, pieces = (losses(terms, exemplars, plan, net=network(layer)) for plan in (None, Plan(side=stride, room=0)))
    assert pieces == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("kind", [SlicedWasserstein, Histogram])
@pytest.mark.parametrize("features", [Texels(), SHALLOW])
def test_a_sample_has_the_distribution_of_the_whole(kind: Any, features: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST_SAMPLED", 4 * 3000)
    exemplars = [noise(1, 3, 220, 200, seed=5)]
    whole, sample = (losses([kind(features=features)], exemplars, plan) for plan in (None, Plan(side=64, room=0)))
    assert sample != whole
    assert sample == pytest.approx(whole, rel=0.05)


def peak(features: Any, side: int) -> int:
    """Bytes that live at once beside the exemplar, while it is looked at and compared with a small canvas."""
    terms = [kind(features=features) for kind in (SlicedWasserstein, Histogram, Moments)]
    exemplars, canvas = [noise(1, 3, side, side)], noise(1, 3, 16, 16)
    with LiveBytes(exemplars) as live:
        objective(*terms, exemplars=exemplars, exemplar_plan=Plan(side=64, room=0), net=NETWORK)(canvas)
    return live.peak


@pytest.mark.parametrize("features", [SHALLOW, Texels(), Patches()])
def test_it_takes_no_more_memory_the_larger_it_is(features: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST_SAMPLED", 2**12)
    assert peak(features, 320) <= 1.05 * peak(features, 192)
