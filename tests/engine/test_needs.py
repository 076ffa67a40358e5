"""The arithmetic is held against the bytes of all tensors that live at once."""

from typing import Any

import pytest
import torch
from live_bytes import LiveBytes
from toys import noise, objective

from neural_texture_addon.engine import needs, solver
from neural_texture_addon.engine.features import weights
from neural_texture_addon.engine.features.vgg import PLACES, Network, deepest
from neural_texture_addon.engine.schedule import Octave
from neural_texture_addon.job.description import (
    Adam,
    Autocorrelation,
    Canvas,
    ChannelMean,
    Content,
    Gram,
    Histogram,
    Job,
    Layer,
    Moments,
    Optimise,
    Patches,
    PatternAlignment,
    PatternEnhancement,
    PowerSpectrum,
    SlicedWasserstein,
    Solver,
    Term,
    Texels,
    TotalVariation,
    ValueRange,
    Vgg19,
)

PATCHES = Patches(stride_from=0)
SHALLOW, DEEP = Vgg19(layers={Layer.RELU1_1: 1.0}), Vgg19(layers={Layer.RELU3_1: 1.0})
DEFAULT = Vgg19()


def real_network(*layers: Layer) -> Network:
    """As wide as VGG-19 is."""
    count = PLACES[deepest(layers)].convolutions
    shapes = [(c.outputs, c.inputs) for c in weights.CONVOLUTIONS[:count]]
    kernels = tuple(torch.full((*shape, 3, 3), 0.3 / shape[1]) for shape in shapes)
    return Network(kernels=kernels, biases=tuple(torch.zeros(o) for o, _ in shapes), maps=(3,))


def peak(side: int, exemplar: int, terms: tuple[Term, ...], how: Solver, **plans: Any) -> int:
    """Bytes that live at once in two iterations, besides the exemplar and the network."""
    layers = {layer for term in terms for layer in getattr(getattr(term, "features", None), "layers", ())}
    canvas, texels, net = noise(1, 3, side, side).float(), noise(1, 3, exemplar, exemplar).float(), None
    if layers:
        net = real_network(*layers)
    known = [texels, *(net.kernels + net.biases if net else ())]
    with LiveBytes() as live:
        goal = objective(*terms, exemplars=[texels], content=canvas, start=canvas, net=net, **plans)
        steps = solver.minimise(canvas, goal, how)
        next(steps)
        next(steps)
    return live.peak - sum(tensor.nbytes for tensor in known)


def forecast(side: int, exemplar: int, terms: tuple[Term, ...], how: Solver, **plans: Any) -> int:
    job = Job(canvas=Canvas(width=side, height=side), steps=(Optimise(terms=terms, solver=how),))
    octave = Octave(width=side, height=side, scale=1.0, fineness=1.0, extent=side)
    return needs.of_step(job, job.steps[0], octave, [(exemplar, exemplar)], **plans)


def check(side: int, exemplar: int, *terms: Term, how: Solver = Adam(), within: float = 0.15, **plans: Any) -> None:  # noqa: B008
    actual = peak(side, exemplar, terms, how, **plans)
    foreseen = forecast(side, exemplar, terms, how, **plans)
    assert (1 - within) * actual < foreseen < (1 + within) * actual, (foreseen / actual, actual)


LOOKS = [
    *((SlicedWasserstein(features=features),) for features in (PATCHES, Texels(), SHALLOW, DEEP, DEFAULT)),
    *((kind(features=PATCHES),) for kind in (Moments, Gram, Histogram)),
    *((kind(features=SHALLOW),) for kind in (Histogram, Moments, PowerSpectrum, Autocorrelation)),
    *(
        (kind(features=DEFAULT),)
        for kind in (
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
    ),
    (SlicedWasserstein(features=PATCHES), Moments(features=DEFAULT)),
    (Moments(features=DEFAULT), Histogram(features=DEFAULT), TotalVariation(), ValueRange()),
]


def named(terms: tuple[Term, ...]) -> str:
    names = []
    for term in terms:
        features = getattr(term, "features", None)
        names.append(f"{type(term).__name__}-{type(features).__name__}{len(getattr(features, 'layers', ''))}")
    return " ".join(names)


@pytest.mark.parametrize("terms", LOOKS, ids=named)
def test_a_look_at_the_whole_takes_what_was_foreseen(terms: tuple[Term, ...]) -> None:
    check(192, 96, *terms)
