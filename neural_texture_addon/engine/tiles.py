"""The gradient of a sum of statistics, piece by piece: exact, at the price of looking at each piece twice.

The first look adds up what is a sum over places, and gathers the features that are needed of all places at once (of
as many as there is room for, in one round or in several). Then the gradient for these sums and features is known. The
second look carries it on to the canvas; where features are linear and gathered there is none. Knows no term and no
family.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import torch

from .features.lens import Lens, LinearLens, Piece, single

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    Looks = list[tuple[Lens, list["Weighed"]]]

_EVERY = slice(None)
AT_ONCE = 2**20
"""Values that are sorted or transformed at once: in some ten times their bytes."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to look at a canvas that can't be looked at as a whole."""

    side: int
    """Texels of a piece, without the margin that it sees besides."""
    room: int
    """Bytes that gathered features may take at once."""


IN_PLACE = Plan(side=512, room=sys.maxsize)
"""For what is looked at but once, even where there is memory: larger pieces are hardly quicker and take more."""
Summarise = Callable[["Tensor", Piece | None], "Tensor"]
"""What the features of a piece add to the summary of them all; without a piece they are all."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Summed:
    """A statistic of a layer that adds up over places."""

    layer: str
    summarise: Summarise
    compare: Callable[[Tensor], Tensor]

    def distance(self, maps: Float[Tensor, "c h w"]) -> Float[Tensor, ""]:
        """Of all features."""
        return self.compare(self.summarise(maps, None))


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """A statistic of each feature of a layer by itself, of all places at once; see `losses`."""

    layer: str
    statistic: ModuleType
    term: Any
    target: Float[Tensor, "f ..."]
    directions: Float[Tensor, "f c"] | None = None
    """Along which the features are seen, if not as they are."""

    def distance(self, maps: Float[Tensor, "c h w"]) -> Float[Tensor, ""]:
        """Of all features."""
        return self.statistic.distance(self.seen(maps, _EVERY), self.target, self.term)

    def seen(self, maps: Float[Tensor, "c h w"], chosen: slice) -> Float[Tensor, "f h w"]:
        """The chosen ones of the features that are compared."""
        if self.directions is None:
            return single(maps[chosen])
        return torch.tensordot(self.directions[chosen], single(maps), 1)


Weighed = tuple[float, Summed | Gathered]
"""With its weight in the loss."""


def descended(canvas: Float[Tensor, "1 c h w"], looks: Looks, plan: Plan) -> Float[Tensor, ""]:
    """The weighted sum of all distances, where `looks` are a lens each, with what is seen through it.

    Its gradient is found along with it, not only when it is asked for.
    """
    return _Descended.apply(canvas, looks, plan)


def is_in_place(lens: Lens, parts: list[Weighed]) -> bool:
    """Whether there is but one look at each piece, and its features are turned into their gradient."""
    return isinstance(lens, LinearLens) and [*map(type, (part for _, part in parts))] == [Gathered]


def added_up(
    canvas: Float[Tensor, "1 c h w"], lens: Lens, summaries: Mapping[str, Summarise], plan: Plan | None
) -> dict[str, Tensor]:
    """The summaries by layer, without gradient; of the canvas as a whole if there is no plan."""
    with torch.no_grad():
        image = lens.fitted(canvas)
        if plan is None:
            maps = lens.look(image)
            return {layer: summarise(maps[layer], None) for layer, summarise in summaries.items()}
        sums = [_Sum(layer, summarise) for layer, summarise in summaries.items()]
        _gather(image, lens, _pieces(lens, image, plan.side, summaries), sums)
        return {each.layer: each.value for each in sums}


class _Descended(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, canvas: Tensor, looks: Looks, plan: Plan) -> Tensor:
        loss, canvas = canvas.new_zeros(()), canvas.detach().requires_grad_()
        gradient = torch.zeros_like(canvas)
        for lens, parts in looks:
            with torch.enable_grad():
                image = lens.fitted(canvas)
            slopes = gradient if image is canvas else torch.zeros_like(image)
            for chosen in _rounds(lens, image, parts, plan):
                loss += _round(image.detach(), lens, chosen, plan.side, slopes)
            if image is not canvas:
                gradient += torch.autograd.grad(image, canvas, slopes)[0]
        context.save_for_backward(gradient)
        return loss

    @staticmethod
    def backward(context: Any, slope: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = context.saved_tensors
        return gradient.mul_(slope), None, None  # in place: torch refuses to ask for it twice


class _Sum:
    """A summary that grows; then its gradient."""

    def __init__(self, layer: str, summarise: Summarise, loss: Callable[[Tensor], Tensor] = torch.zeros_like) -> None:
        self.layer, self.seen, self._loss = layer, summarise, loss
        self.value = torch.zeros(())

    def put(self, _piece: Piece, seen: Tensor) -> None:
        self.value = self.value.to(seen) + seen

    def turn(self) -> Tensor:
        """The loss; from now on the gradient is held."""
        summary = self.value.requires_grad_()
        loss = self._loss(summary)
        (self.value,) = torch.autograd.grad(loss, summary)
        return loss.detach()

    def slope(self, _piece: Piece) -> Tensor:
        return self.value


class _Planes:
    """Some of a layer's features at all places; then their gradient."""

    def __init__(self, part: Gathered, weight: float, chosen: slice, lens: Lens, image: Tensor) -> None:
        self.layer, self.chosen, self._part, self._weight = part.layer, chosen, part, weight
        self._stride = lens.stride(part.layer)
        self._size = chosen.stop - chosen.start, *_size(lens, image, part.layer)
        self._planes: Tensor | None = None
        self.scale = torch.ones(())
        """By which what is held has still to be multiplied, to be the gradient."""

    def seen(self, maps: Tensor, _piece: Piece) -> Tensor:
        return self._part.seen(maps, self.chosen)

    def put(self, piece: Piece, seen: Tensor, *, keep: bool = False) -> None:
        """`keep`: what is seen may be changed, as nobody else has it."""
        if keep and seen.shape == self._size:
            self._planes = seen.contiguous()
            return
        if self._planes is None:
            self._planes = seen.new_empty(self._size)
        self._planes[piece.places(self._stride)] = seen

    def turn(self) -> Tensor:
        """The loss; from now on the gradient is held."""
        assert self._planes is not None
        part, size, errors, factor = self._part, self._size[1:], self._planes.new_zeros(()), 1.0
        units = torch.zeros_like(errors)
        to_slopes = getattr(part.statistic, "to_slopes", None)
        together = sys.maxsize if to_slopes and errors.device.type == "cpu" else AT_ONCE  # there `ranks` sees to it
        for few in _few(len(part.target), self.chosen, size, together):
            target = part.target[few]
            if few.start < self.chosen.start or few.stop > self.chosen.stop:
                units += part.statistic.unit(target, size, part.term)
                continue
            planes = self._planes[few.start - self.chosen.start : few.stop - self.chosen.start]
            if to_slopes:
                with torch.no_grad():
                    error, unit, factor = to_slopes(planes.flatten(1), target)
            else:
                features = planes.clone().requires_grad_()
                error, unit = part.statistic.error_and_unit(features, target, part.term)
                planes.copy_(torch.autograd.grad(error, features)[0])
            errors += error.detach()
            units += unit
        scale = self._weight * part.statistic.in_units(torch.ones_like(errors), units, len(part.target))
        self.scale = scale * factor
        return errors * scale

    def held(self, piece: Piece) -> Tensor:
        """The gradient at a piece's places, but for the scale."""
        assert self._planes is not None
        return self._planes[piece.places(self._stride)]

    def slope(self, piece: Piece) -> Tensor:
        return self.held(piece) * self.scale


def _rounds(lens: Lens, image: Tensor, parts: list[Weighed], plan: Plan) -> Iterator[list[tuple[Weighed, slice]]]:
    """What is held at once: all summaries, as many gathered features as there is room for. Shallow layers first."""
    chosen: list[tuple[Weighed, slice]] = []
    left = plan.room
    for weighed in sorted(parts, key=lambda weighed: lens.stride(weighed[1].layer)):
        _, part = weighed
        if isinstance(part, Summed):
            chosen.append((weighed, _EVERY))
            continue
        plane = math.prod(_size(lens, image, part.layer)) * image.element_size()
        first, count = 0, len(part.target)
        while first < count:
            if chosen and left < plane:
                yield chosen
                chosen, left = [], plan.room
            stop = min(first + max(left // plane, 1), count)
            chosen.append((weighed, slice(first, stop)))
            first, left = stop, left - (stop - first) * plane
    yield chosen


def _round(image: Tensor, lens: Lens, chosen: list[tuple[Weighed, slice]], side: int, slopes: Tensor) -> Tensor:
    """The loss of what is chosen; adds its gradient to `slopes`, the image's."""
    held = [_held(part, weight, few, lens, image) for (weight, part), few in chosen]
    pieces = _pieces(lens, image, side, [each.layer for each in held])
    if len(held) == 1 and isinstance(held[0], _Planes) and isinstance(lens, LinearLens):
        return _round_of_linear(image, lens, held[0], pieces, slopes)
    _gather(image, lens, pieces, held)
    with torch.enable_grad():
        loss = torch.stack([each.turn() for each in held]).sum()
        for piece in pieces:
            piece.add(slopes, _slopes_of(piece, image, lens, held))
    return loss


def _round_of_linear(image: Tensor, lens: LinearLens, held: _Planes, pieces: list[Piece], slopes: Tensor) -> Tensor:
    """The same, without a second look, and in place."""
    few = lens.some(held.chosen)
    for piece in pieces:
        held.put(piece, few.look_at(piece, piece.cut(image))[held.layer], keep=True)
    loss = held.turn()
    for piece in pieces:
        found = few.carried_back(piece, held.held(piece).contiguous())
        piece.add(slopes, found.mul_(held.scale))
    return loss


def _held(part: Summed | Gathered, weight: float, few: slice, lens: Lens, image: Tensor) -> _Sum | _Planes:
    if isinstance(part, Summed):
        return _Sum(part.layer, part.summarise, lambda summary: weight * part.compare(summary))
    return _Planes(part, weight, few, lens, image)


def _gather(image: Tensor, lens: Lens, pieces: list[Piece], held: Sequence[_Sum | _Planes]) -> None:
    with torch.no_grad():
        for piece in pieces:
            for each, seen in zip(held, _seen(piece, piece.cut(image), lens, held), strict=True):
                each.put(piece, seen)


def _slopes_of(piece: Piece, image: Tensor, lens: Lens, held: Sequence[_Sum | _Planes]) -> Tensor:
    texels = piece.cut(image).detach().requires_grad_()
    seen = _seen(piece, texels, lens, held)
    return torch.autograd.grad(seen, texels, [each.slope(piece) for each in held])[0]


def _seen(piece: Piece, texels: Tensor, lens: Lens, held: Sequence[_Sum | _Planes]) -> list[Tensor]:
    maps = lens.look_at(piece, texels)
    return [each.seen(maps[each.layer], piece) for each in held]


def _pieces(lens: Lens, image: Tensor, side: int, layers: Iterable[str]) -> list[Piece]:
    return lens.pieces((image.shape[2], image.shape[3]), side, tuple(dict.fromkeys(layers)))


def _size(lens: Lens, image: Tensor, layer: str) -> tuple[int, int]:
    """How many rows and columns of places a layer has."""
    (whole,) = _pieces(lens, image, sys.maxsize, [layer])
    return whole.rows.stop // lens.stride(layer), whole.columns.stop // lens.stride(layer)


def _few(count: int, chosen: slice, size: tuple[int, ...], together: int) -> Iterator[slice]:
    """Features of this size, as many as have so many values together; the chosen ones not with others."""
    step = max(together // (size[0] * size[1]), 1)
    for start, stop in ((0, chosen.start), (chosen.start, chosen.stop), (chosen.stop, count)):
        yield from (slice(first, min(first + step, stop)) for first in range(start, stop, step))
