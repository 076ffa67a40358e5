"""What an exemplar shows through a lens that never changes: all of it at once, or in pieces, in bounded memory.

In pieces, what is a sum over places is added up; of what is sorted a sample of the places is kept; what is transformed
is gathered, as many features at a time as there is room for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import torch

from ..job.description import Content, Layer, Pooling, Term, Texels, TotalVariation, ValueRange
from .features.lens import Lens, Maps, Piece, Span, crossed, single
from .features.sharing import layers_of
from .features.vgg import PLACES, Network, NetworkLens
from .features.view import TexelLens
from .losses import autocorrelation, total_variation
from .losses.kinds import STATISTICS, Sorted, Transformed
from .torus import HEIGHT, PLANE, WIDTH, resize

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    from .tiles import Plan

    Sizes = Mapping[str, Sequence[int]]

MOST_SAMPLED = 2**24
"""Numbers of a layer that are kept: 512 features at 181x181 places have as many, enough for their quantiles."""
_EVERY = slice(None)


class Shown(Protocol):
    """One exemplar."""

    maps: Maps
    """Features of the layers that are looked at along random directions."""

    def summary(self, term: Any, layer: str) -> Any:
        """What the term makes of a layer."""


class AtOnce:
    """With all features of all layers."""

    def __init__(self, maps: Maps) -> None:
        self.maps = maps

    def summary(self, term: Any, layer: str) -> Any:
        """Of all places."""
        return STATISTICS[type(term)].summarise(self.maps[layer], term)


class InPieces:
    """With what the terms need of it, and no more."""

    def __init__(self, scope: Scope, terms: Iterable[Term], plan: Plan, canvas: Sizes) -> None:
        """`canvas` has the height and width of each layer on the canvas: lags beyond it are not kept."""
        self._scope, self._plan, self._canvas = scope, plan, canvas
        asked = [
            (term, layer)
            for term in terms
            if not isinstance(term, Content | ValueRange)  # they ask nothing of exemplars
            for layer in layers_of(term)
        ]
        self._sums: dict[tuple[int, str], Any] = {}
        sampled = {layer: scope.sampled(layer) for term, layer in asked if isinstance(term, Sorted)}
        summed = [(term, layer) for term, layer in asked if not isinstance(term, Sorted | Transformed)]
        layers = [*sampled, *(layer for _, layer in summed)]
        for piece, maps in scope.pieces(plan.side, layers) if layers else ():
            for layer, sample in sampled.items():
                sample.take(piece, maps[layer])
            for term, layer in summed:
                key, part = (id(term), layer), scope.part(piece, layer, maps[layer], term)
                if part is not None:
                    self._sums[key] = self._sums[key] + part if key in self._sums else part
        self.maps: Maps = {layer: sample.values[:, None] for layer, sample in sampled.items()}

    def summary(self, term: Any, layer: str) -> Any:
        """Of all places, or of those that were sampled."""
        if isinstance(term, Sorted):
            return AtOnce(self.maps).summary(term, layer)
        if isinstance(term, Transformed):
            return self._transformed(term, layer)
        return self._sums[id(term), layer]

    def _transformed(self, term: Transformed, layer: str) -> Tensor:
        """Its lags as far as a canvas reaches, feature by feature."""
        found, count, first = [], 1, 0
        while first < count:
            planes, count = self._scope.gathered(layer, first, self._plan)
            for plane in planes:
                lags = STATISTICS[type(term)].summarise(plane[None], term)
                found.append(autocorrelation.within(lags, self._canvas[layer]))
            first += len(planes)
        return torch.cat(found)


class Scope:
    """A lens at an exemplar: its places are those that don't see beyond its border."""

    def __init__(self, lens: Lens, image: Float[Tensor, "1 c h w"]) -> None:
        self._lens, self._image = lens, image

    @classmethod
    def of(cls, key: Texels | Pooling, network: Network | None, layers: Iterable[str], texels: Tensor) -> Scope:
        """For a family, as `Network.on_exemplar` shows it."""
        if isinstance(key, Texels):
            return cls(TexelLens(wrap=PLANE), texels)
        assert network is not None
        lens = NetworkLens(network=network, layers=tuple(map(Layer, layers)), pooling=key, wrap=PLANE)
        stride = max(lens.stride(layer) for layer in layers)
        height, width = (max(texels.shape[dim], stride) for dim in (HEIGHT, WIDTH))
        return cls(lens, resize(texels, height, width, PLANE))

    def pieces(self, side: int, layers: Iterable[str]) -> Iterator[tuple[Piece, Maps]]:
        """All of them, with their features."""
        height, width = self._image.shape[2:]
        cut = self._lens.pieces((height, width), side, tuple(dict.fromkeys(layers)))
        rows, columns = ([*dict.fromkeys(spans)] for spans in zip(*((p.rows, p.columns) for p in cut), strict=True))
        with torch.no_grad():
            for piece in crossed(_to_end(rows, height), _to_end(columns, width), cut[0].layers):
                maps = self._lens.look_at(piece, piece.cut(self._image))
                yield piece, {layer: single(map_) for layer, map_ in maps.items()}

    def part(self, piece: Piece, layer: str, maps: Tensor, term: Any) -> Any:
        """What a piece adds to a sum over all places; None if it has none of them."""
        if isinstance(term, TotalVariation):
            return total_variation.summarise(maps, term, PLANE, piece)
        own = self._own(piece, layer)
        inner = maps[(_EVERY, *own.here)]
        if not inner.numel():
            return None
        return STATISTICS[type(term)].summarise(inner, term) * (inner[0].numel() / (own.size[0] * own.size[1]))

    def sampled(self, layer: str) -> _Sample:
        """An empty sample."""
        return _Sample(lambda piece: self._own(piece, layer))

    def gathered(self, layer: str, first: int, plan: Plan) -> tuple[Float[Tensor, "f h w"], int]:
        """As many features as there is room for, and the number of all."""
        planes, count = None, 0
        for piece, maps in self.pieces(plan.side, [layer]):
            own, count = self._own(piece, layer), len(maps[layer])
            if planes is None:
                room = max(plan.room // (own.size[0] * own.size[1] * self._image.element_size()), 1)
                planes = maps[layer].new_empty(min(room, count - first), *own.size)
            planes[(_EVERY, *own.there)] = maps[layer][(slice(first, first + len(planes)), *own.here)]
        assert planes is not None
        return planes, count

    def _own(self, piece: Piece, layer: str) -> _Own:
        stride, heres, theres, sizes = self._lens.stride(layer), [], [], []
        reach = PLACES[Layer(layer)].reach if isinstance(self._lens, NetworkLens) else 0
        for span, length in zip((piece.rows, piece.columns), self._image.shape[2:], strict=True):
            places = length // stride
            border = min(reach, places // 4)
            first, last = span.start // stride, span.stop // stride
            start, stop = max(first, border), min(last, places - border)
            stop = max(stop, start)
            heres.append(slice(start - first, stop - first))
            theres.append(slice(start - border, stop - border))
            sizes.append(places - 2 * border)
        return _Own(here=tuple(heres), there=tuple(theres), size=tuple(sizes))


@dataclass(frozen=True, kw_only=True)
class _Own:
    """Which of a piece's places count, and where they are among all that do."""

    here: tuple[slice, ...]
    there: tuple[slice, ...]
    size: tuple[int, ...]
    """Rows and columns of all that count."""


class _Sample:
    """A layer's features at random places, one in each of equal shares of their sequence."""

    def __init__(self, own: Callable[[Piece], _Own]) -> None:
        self._own = own
        self._rows = self._columns = torch.empty(0, dtype=torch.long)
        self.values = torch.empty(0)

    def take(self, piece: Piece, maps: Float[Tensor, "c r k"]) -> None:
        """Those places that are the piece's."""
        own = self._own(piece)
        if not self.values.numel():
            self._draw(own.size, maps)
        rows, columns = own.there
        mine = (self._rows >= rows.start) & (self._rows < rows.stop)
        mine &= (self._columns >= columns.start) & (self._columns < columns.stop)
        chosen = mine.nonzero()[:, 0].to(maps.device)
        top = self._rows[mine] - rows.start + own.here[0].start
        left = self._columns[mine] - columns.start + own.here[1].start
        self.values[:, chosen] = maps[:, top.to(maps.device), left.to(maps.device)]

    def _draw(self, size: Sequence[int], maps: Tensor) -> None:
        places = size[0] * size[1]
        count = min(places, max(MOST_SAMPLED // len(maps), 1))
        shift = torch.rand(count, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        chosen = ((torch.arange(count) + shift) * (places / count)).long().clamp_max(places - 1)
        if count == places:
            chosen = torch.arange(count)
        self._rows, self._columns = chosen // size[1], chosen % size[1]
        self.values = maps.new_empty(len(maps), count)


def _to_end(spans: list[Span], length: int) -> list[Span]:
    """Here no texels at the end may be left out, only because the deepest layer has no place there."""
    return [*spans[:-1], dataclasses.replace(spans[-1], stop=length, after=0)]
