"""What a step minimises: the signed, weighted sum of its loss terms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from ..job.description import (
    Content,
    Layer,
    MapKind,
    Moments,
    NearestPatches,
    Patches,
    PatternEnhancement,
    Pooling,
    SlicedWasserstein,
    Term,
    Texels,
    TotalVariation,
    ValueRange,
    Vgg19,
)
from . import tiles, torus
from .device import at_once
from .exemplar import Exemplar
from .features.balance import Balance, BalancedView, balanced
from .features.lens import Lens, Maps, Piece, single
from .features.sharing import Key, key_of, layers_of
from .features.vgg import Network, NetworkLens
from .features.view import FixedView, PatchView, Sight, TexelLens, along, directions
from .features.windows import WindowView
from .losses import content, nearest_patches, total_variation
from .losses.kinds import STATISTICS, TAKES_HALF, Sorted, Transformed
from .schedule import Octave
from .shown import AtOnce, InPieces, Scope, Shown
from .stacked import channels_of
from .tiles import Gathered, Plan, Summarise, Summed, Weighed
from .torus import PLANE, Wrap

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor

    from .features.view import Directions


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
    balance: Balance | None = None
    """Of several maps."""
    held: MapKind | None = None
    """A map of the canvas that stays as it is."""


class Objective:
    """The objective of one step in one octave: called with the canvas, it returns the loss."""

    def __init__(
        self,
        terms: tuple[Term, ...],
        start: Float[Tensor, "1 c h w"],
        around: Surroundings,
        plan: Plan | None = None,
        exemplar_plan: Plan | None = None,
    ) -> None:
        """`start` is the canvas as the step finds it: the unit of enhancement where there is no exemplar.

        Without a plan the canvas is looked at as a whole; so are the exemplars without theirs.
        """
        self._around = around
        self._terms = terms
        self._plan = plan
        self._exemplar_plan = exemplar_plan
        self._network = balanced(around.network, around.balance)
        self._views: dict[Key, PatchView | WindowView | BalancedView | FixedView] = {}
        self._targets: dict[int, Mapping[str, Any]] = {}
        """Of the terms whose features are fixed, by their place."""
        self._contents: dict[Key, _Content] = {}
        exemplars = [exemplar.at(around.octave.scale) for exemplar in around.exemplars]
        with torch.no_grad():
            for key in dict.fromkeys(key_of(term) for term in terms):
                self._open_view(key, exemplars, start)

    def draw(self, shape: Sequence[int]) -> list[Tensor]:
        """All random numbers of one look at a canvas of this shape, on the CPU; as many each time."""
        generator = self._around.generator
        drawn = [numbers for view in self._views.values() for numbers in view.draw(shape, generator)]
        for term in self._terms:
            if (view := self._view_to_project(term)) is not None:
                assert isinstance(term, SlicedWasserstein)
                drawn += directions(view.exemplars[0], layers_of(term), term.projections, generator).values()
        return drawn

    def __call__(self, canvas: Float[Tensor, "1 c h w"], drawn: Iterator[Tensor] | None = None) -> Float[Tensor, ""]:
        """The signed sum of the terms. Random features and directions are drawn anew, if they are not given."""
        lenses, parts = self._seen_with(canvas.shape, iter(self.draw(canvas.shape)) if drawn is None else drawn)
        weighed: dict[Key, list[Weighed]] = {key: [] for key in lenses}
        for term, of_term in zip(self._terms, parts, strict=True):
            weighed[key_of(term)] += [(term.weight * weight, part) for weight, part in of_term]
        looks = [(lens, weighed[key]) for key, lens in lenses.items()]
        if self._plan is not None:
            return tiles.descended(canvas, looks, self._plan)
        return torch.stack(at_once([partial(_of_whole, canvas, *look) for look in looks], canvas)).sum()

    def _seen_with(self, shape: Sequence[int], drawn: Iterator[Tensor]) -> tuple[dict[Key, Lens], list[list[Weighed]]]:
        """The lenses of one iteration, and each term's parts. What the exemplars show is needed for these alone."""
        sights = {key: view.sight(shape, drawn) for key, view in self._views.items()}
        parts = [self._parts(i, term, sights[key_of(term)], drawn) for i, term in enumerate(self._terms)]
        return {key: sight.lens for key, sight in sights.items()}, parts

    def _view_to_project(self, term: Term) -> FixedView | None:
        """What a term sees along random directions."""
        view = self._views[key_of(term)]
        return view if isinstance(term, SlicedWasserstein) and isinstance(view, FixedView) else None

    def replan(self, plan: Plan) -> None:
        """Looks in pieces from now on."""
        self._plan = plan
        for shown in self._contents.values():
            shown.forget()

    def _open_view(self, key: Key, exemplars: list[Tensor], start: Tensor) -> None:
        """Makes the view that all terms of this key share, and their targets as far as they are fixed."""
        around = self._around
        terms = {i: term for i, term in enumerate(self._terms) if key_of(term) == key}
        if isinstance(key, Patches):
            stride = key.stride if around.octave.side >= key.stride_from else 1
            linear = [self._balanced(texels) for texels in exemplars]
            self._views[key] = self._of_balanced(PatchView(key, linear, around.wrap, stride))
            return
        if isinstance(key, NearestPatches):
            linear = [self._balanced(texels) for texels in exemplars]
            view = WindowView(key, linear, around.wrap, around.generator)
            self._views[key] = self._of_balanced(view)
            shown = [AtOnce(maps) for maps in view.exemplars]
            self._targets |= {i: self._target(term, *self._shown_to(term, shown)) for i, term in terms.items()}
            return
        layers = list(dict.fromkeys(layer for term in terms.values() for layer in layers_of(term)))
        lens = self._lens(key, layers)
        seen = [self._shown(key, lens, layers, texels, start, list(terms.values())) for texels in exemplars]
        for i, term in terms.items():
            match term:
                case SlicedWasserstein() | ValueRange():
                    pass
                case Content():
                    image = self._with_content(start)
                    self._contents[key] = _Content(lens, image)
                    squares = dict.fromkeys(layers_of(term), partial(self._square_of_colour, term))
                    self._targets[i] = tiles.added_up(image, lens, squares, self._plan)
                case PatternEnhancement() if not exemplars:
                    self._targets[i] = tiles.added_up(start, lens, self._summaries(term, around.wrap), self._plan)
                case TotalVariation() if not exemplars:
                    plane = TexelLens(wrap=PLANE)
                    self._targets[i] = tiles.added_up(start, plane, self._summaries(term, PLANE), self._plan)
                case _:
                    self._targets[i] = self._target(term, *self._shown_to(term, seen))
        projects = any(isinstance(term, SlicedWasserstein) for term in terms.values())
        self._views[key] = FixedView(lens, [shown.maps for shown in seen] if projects else [])

    def _balanced(self, texels: Tensor) -> Tensor:
        """As features that are linear are to see them."""
        balance = self._around.balance
        return texels if balance is None else balance.weighed(texels)

    def _of_balanced(self, view: PatchView | WindowView) -> PatchView | WindowView | BalancedView:
        balance = self._around.balance
        return view if balance is None else BalancedView(view, balance)

    def _lens(self, key: Key, layers: list[str]) -> Lens:
        """How a fixed family looks at a canvas."""
        around = self._around
        if isinstance(key, Texels):
            return TexelLens(wrap=around.wrap)
        assert isinstance(key, Pooling)
        assert self._network is not None
        return NetworkLens(network=self._network, layers=tuple(map(Layer, layers)), pooling=key, wrap=around.wrap)

    def _shown(
        self, key: Key, lens: Lens, layers: list[str], texels: Tensor, canvas: Tensor, terms: list[Term]
    ) -> Shown:
        """What an exemplar shows through a fixed family."""
        network, plan = self._network, self._exemplar_plan
        assert isinstance(key, Texels | Pooling)
        if plan is not None:
            height, width = lens.fitted(canvas).shape[2:]
            sizes = {layer: (height // lens.stride(layer), width // lens.stride(layer)) for layer in layers}
            return InPieces(Scope.of(key, network, layers, texels), terms, plan, sizes)
        if isinstance(key, Texels):
            return AtOnce(lens.look(texels))
        assert network is not None
        return AtOnce(network.on_exemplar(texels, tuple(map(Layer, layers)), key))

    def _shown_to(self, term: Any, seen: Sequence[Shown]) -> tuple[list[Shown], list[float]]:
        """What the term's own exemplars show, and their weights."""
        chosen = [
            (shown, exemplar.weight)
            for shown, exemplar in zip(seen, self._around.exemplars, strict=True)
            if not term.exemplars or exemplar.index in term.exemplars
        ]
        return [shown for shown, _ in chosen], [weight for _, weight in chosen]

    def _target(self, term: Term, seen: list[Shown], weights: list[float]) -> Mapping[str, Any]:
        merge = STATISTICS[type(term)].merge
        return {layer: merge([shown.summary(term, layer) for shown in seen], weights) for layer in layers_of(term)}

    def _parts(self, place: int, term: Term, sight: Sight, drawn: Iterator[Tensor]) -> list[Weighed]:
        """What is compared in each of the term's layers, with the layer's weight."""
        layers, exemplars = layers_of(term), sight.exemplars
        ways: Directions = {}
        with torch.no_grad():
            if self._view_to_project(term) is not None:
                ways = {layer: next(drawn).to(exemplars[0][layer]) for layer in layers}
                exemplars = [along(ways, maps) for maps in exemplars]
            targets = self._targets.get(place)
            if targets is None and not isinstance(term, ValueRange):
                targets = self._target(term, *self._shown_to(term, [AtOnce(maps) for maps in exemplars]))
        total = sum(abs(weight) for weight in layers.values())
        return [
            (weight / total, self._part(term, layer, targets and targets[layer], ways.get(layer)))
            for layer, weight in layers.items()
        ]

    def _part(self, term: Term, layer: str, target: Any, ways: Tensor | None) -> Summed | Gathered:
        statistic = STATISTICS[type(term)]
        if isinstance(term, Sorted | Transformed):
            return Gathered(layer=layer, statistic=statistic, term=term, target=target, directions=ways)
        if isinstance(term, NearestPatches):
            summarise: Summarise = partial(_to_nearest, term, target)
        else:
            summarise = self._summaries(term, self._around.wrap)[layer]
        return Summed(layer=layer, summarise=summarise, compare=self._compare(term, target))

    def _compare(self, term: Any, target: Any) -> Callable[[Tensor], Tensor]:
        """How far a summary is from the target. Correlations of a network's features get the maps' weights back."""
        compare, balance = STATISTICS[type(term)].compare, self._around.balance
        if isinstance(term, Moments) and isinstance(term.features, Vgg19) and balance is not None:
            weights = balance.of_each(len(target.normal.mean)).to(target.normal.mean)
            return lambda summary: compare(summary, target, term, weights)
        return lambda summary: compare(summary, target, term)

    def _summaries(self, term: Any, wrap: Wrap) -> Mapping[str, Summarise]:
        """By layer: what a piece adds to the term's summary."""
        statistic = STATISTICS[type(term)]

        def summarise(layer: str, maps: Tensor, piece: Piece | None) -> Tensor:
            maps = maps if isinstance(term, TAKES_HALF) else single(maps)
            match term:
                case Content():
                    wanted = self._contents[key_of(term)].look(piece)[layer]
                    return content.summarise(*(single(self._of_colour(each, term)) for each in (maps, wanted)))
                case TotalVariation():
                    return total_variation.summarise(maps, term, wrap, piece)
                case _:
                    summary = statistic.summarise(maps, term)
                    return summary if piece is None else summary * piece.share

        return {layer: partial(summarise, layer) for layer in layers_of(term)}

    def _with_content(self, canvas: Tensor) -> Tensor:
        """The canvas with the content image for its colour."""
        image, place = self._around.content, channels_of(MapKind.COLOUR, self._around.maps)
        assert image is not None
        image = torus.resize(image, canvas.shape[torus.HEIGHT], canvas.shape[torus.WIDTH], self._around.wrap)
        return torch.cat((canvas[:, : place.start], image, canvas[:, place.stop :]), 1)

    def _square_of_colour(self, term: Content, maps: Tensor, _piece: Piece | None) -> Tensor:
        return single(self._of_colour(maps, term)).square().sum()

    def _of_colour(self, maps: Tensor, term: Content) -> Tensor:
        """The features of the colour, which is all that a content image shows."""
        kinds = self._around.maps
        if isinstance(term.features, Texels):
            return maps[channels_of(MapKind.COLOUR, kinds)]
        return maps.chunk(len(kinds))[kinds.index(MapKind.COLOUR)]


class _Content:
    """A content image's features, of one piece after another, or of all of it."""

    def __init__(self, lens: Lens, image: Float[Tensor, "1 c h w"]) -> None:
        self._lens, self._image = lens, lens.fitted(image)
        self._seen: tuple[Piece | None, Maps] | None = None

    def look(self, piece: Piece | None) -> Maps:
        """At the same as before, without looking again."""
        if self._seen is None or self._seen[0] is not piece:
            self._seen = None
            with torch.no_grad():
                lens, image = self._lens, self._image
                self._seen = piece, lens.look(image) if piece is None else lens.look_at(piece, piece.cut(image))
        return self._seen[1]

    def forget(self) -> None:
        """Gives the memory back."""
        self._seen = None


def _of_whole(canvas: Tensor, lens: Lens, weighed: list[Weighed]) -> Tensor:
    """The sum of what is seen through a lens."""
    if canvas.device.type == "cpu" and tiles.is_in_place(lens, weighed):
        return tiles.descended(canvas, [(lens, weighed)], tiles.IN_PLACE)
    seen = lens.look(lens.fitted(canvas))
    return torch.stack([weight * part.distance(seen[part.layer]) for weight, part in weighed]).sum()


def _to_nearest(term: NearestPatches, target: nearest_patches.Candidates, maps: Tensor, piece: Piece | None) -> Tensor:
    square = nearest_patches.to_nearest(maps, target, term)
    return square if piece is None else square * piece.share
