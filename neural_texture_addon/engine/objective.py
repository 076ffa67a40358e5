"""What a step minimises: the signed, weighted sum of its loss terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import torch

from ..job.description import (
    Autocorrelation,
    ChannelMean,
    Content,
    Gram,
    Histogram,
    Layer,
    MapKind,
    Moments,
    Patches,
    PatternAlignment,
    PatternEnhancement,
    Pooling,
    PowerSpectrum,
    SlicedWasserstein,
    Term,
    Texels,
    TotalVariation,
    ValueRange,
    Vgg19,
)
from . import torus
from .canvas import channels_of
from .exemplar import Exemplar
from .features.vgg import Network
from .features.view import ALL, FixedView, Maps, PatchView, Sight, projected
from .losses import (
    autocorrelation,
    channel_mean,
    content,
    gram,
    histogram,
    moments,
    pattern_alignment,
    pattern_enhancement,
    power_spectrum,
    sliced_wasserstein,
    total_variation,
    value_range,
)
from .schedule import Octave
from .torus import Wrap

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor

_STATISTICS: Mapping[type, ModuleType] = {
    SlicedWasserstein: sliced_wasserstein,
    ChannelMean: channel_mean,
    Moments: moments,
    Gram: gram,
    Histogram: histogram,
    PowerSpectrum: power_spectrum,
    Autocorrelation: autocorrelation,
    PatternEnhancement: pattern_enhancement,
    PatternAlignment: pattern_alignment,
    Content: content,
    TotalVariation: total_variation,
    ValueRange: value_range,
}
"""The module of each loss term."""
Key = Texels | Patches | Pooling
"""Says which terms can share a view: those of equal patches, and those of a network that pools alike."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Surroundings:
    """What an objective is built in, besides its terms."""

    exemplars: list[Exemplar]
    content: Float[Tensor, "1 colour h w"] | None
    """At the size of the result."""
    maps: tuple[MapKind, ...]
    """Of the canvas."""
    octave: Octave
    wrap: Wrap
    network: Network | None
    generator: Generator


class Objective:
    """The objective of one step in one octave: called with the canvas, it returns the loss."""

    def __init__(self, terms: tuple[Term, ...], start: Float[Tensor, "1 c h w"], around: Surroundings) -> None:
        """`start` is the canvas as the step finds it: the unit of enhancement where there is no exemplar."""
        self._around = around
        self._terms = terms
        self._views: dict[Key, PatchView | FixedView] = {}
        self._targets: dict[int, Mapping[str, Any]] = {}
        """Of the terms whose features are fixed, by their place."""
        exemplars = [exemplar.at(around.octave.scale) for exemplar in around.exemplars]
        for key in dict.fromkeys(_key(term) for term in terms):
            self._open_view(key, exemplars, start)

    def __call__(self, canvas: Float[Tensor, "1 c h w"]) -> Float[Tensor, ""]:
        """The signed sum of the terms. Random features and directions are drawn anew at each call."""
        sights = {key: view.look(canvas, self._around.generator) for key, view in self._views.items()}
        return torch.stack(
            [term.weight * self._distance(i, term, sights[_key(term)]) for i, term in enumerate(self._terms)]
        ).sum()

    def _open_view(self, key: Key, exemplars: list[Tensor], start: Tensor) -> None:
        """Makes the view that all terms of this key share, and their targets as far as they are fixed."""
        around = self._around
        if isinstance(key, Patches):
            stride = key.stride if around.octave.side >= key.stride_from else 1
            self._views[key] = PatchView(key, exemplars, around.wrap, stride)
            return
        terms = {i: term for i, term in enumerate(self._terms) if _key(term) == key}
        of_canvas, of_exemplar = self._looks(key, {layer for term in terms.values() for layer in _layers(term)})
        with torch.no_grad():
            seen = [of_exemplar(texels) for texels in exemplars]
            for i, term in terms.items():
                match term:
                    case SlicedWasserstein() | ValueRange():
                        pass
                    case Content():
                        of_content = of_canvas(self._with_content(start))
                        self._targets[i] = {layer: self._of_colour(maps, term) for layer, maps in of_content.items()}
                    case PatternEnhancement() | TotalVariation() if not exemplars:
                        self._targets[i] = self._target(term, [of_canvas(start)], [1.0])
                    case _:
                        self._targets[i] = self._target(term, *self._shown_to(term, seen))
        projects = any(isinstance(term, SlicedWasserstein) for term in terms.values())
        self._views[key] = FixedView(of_canvas, seen if projects else [])

    def _looks(self, key: Key, layers: set[str]) -> tuple[Callable[[Tensor], Maps], Callable[[Tensor], Maps]]:
        """How a fixed family looks at a canvas, and at an exemplar."""
        around = self._around
        if isinstance(key, Texels):
            return (lambda image: {ALL: image[0]},) * 2
        assert isinstance(key, Pooling)
        assert around.network is not None
        network, wanted = around.network, [Layer(layer) for layer in layers]
        return (
            lambda canvas: network.on_canvas(canvas, wanted, key, around.wrap),
            lambda texels: network.on_exemplar(texels, wanted, key),
        )

    def _shown_to(self, term: Any, seen: list[Maps]) -> tuple[list[Maps], list[float]]:
        """What the term's own exemplars show, and their weights."""
        chosen = [
            (maps, exemplar.weight)
            for maps, exemplar in zip(seen, self._around.exemplars, strict=True)
            if not term.exemplars or exemplar.index in term.exemplars
        ]
        return [maps for maps, _ in chosen], [weight for _, weight in chosen]

    def _target(self, term: Term, seen: list[Maps], weights: list[float]) -> Mapping[str, Any]:
        statistic = _STATISTICS[type(term)]
        return {
            layer: statistic.merge([statistic.summarise(maps[layer], term) for maps in seen], weights)
            for layer in _layers(term)
        }

    def _distance(self, place: int, term: Term, sight: Sight) -> Tensor:
        """The weighted mean over the term's layers."""
        layers = _layers(term)
        if isinstance(term, SlicedWasserstein) and not isinstance(term.features, Patches):
            sight = projected(sight, layers, term.projections, self._around.generator)
        target = self._targets.get(place)
        if target is None and not isinstance(term, ValueRange):
            with torch.no_grad():
                target = self._target(term, *self._shown_to(term, sight.exemplars))
        total = sum(abs(weight) for weight in layers.values())
        distances = [
            weight / total * self._compare(term, sight.canvas[layer], target and target[layer])
            for layer, weight in layers.items()
        ]
        return torch.stack(distances).sum()

    def _compare(self, term: Term, maps: Tensor, target: Any) -> Tensor:
        match term:
            case ValueRange():
                return value_range.distance(maps)
            case TotalVariation():
                return total_variation.distance(maps, target, term, self._around.wrap)
            case Content():
                return content.distance(self._of_colour(maps, term), target, term)
            case _:
                return _STATISTICS[type(term)].distance(maps, target, term)

    def _with_content(self, canvas: Tensor) -> Tensor:
        """The canvas with the content image for its colour."""
        image, place = self._around.content, channels_of(MapKind.COLOUR, self._around.maps)
        assert image is not None
        image = torus.resize(image, canvas.shape[torus.HEIGHT], canvas.shape[torus.WIDTH], self._around.wrap)
        return torch.cat((canvas[:, : place.start], image, canvas[:, place.stop :]), 1)

    def _of_colour(self, maps: Tensor, term: Content) -> Tensor:
        """The features of the colour, which is all that a content image shows."""
        kinds = self._around.maps
        if isinstance(term.features, Texels):
            return maps[channels_of(MapKind.COLOUR, kinds)]
        return maps.chunk(len(kinds))[kinds.index(MapKind.COLOUR)]


def _key(term: Term) -> Key:
    match getattr(term, "features", Texels()):
        case Vgg19(pooling=pooling):
            return pooling
        case features:
            return features


def _layers(term: Term) -> Mapping[str, float]:
    match getattr(term, "features", Texels()):
        case Vgg19(layers=layers):
            return {layer: weight for layer, weight in layers.items() if weight}
        case _:
            return {ALL: 1.0}
