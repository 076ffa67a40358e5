"""What a feature family looks through: at an image as a whole, or at one piece of it after another."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import torch

from .. import torus
from ..torus import Wrap

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

Maps = Mapping[str, "Float[Tensor, 'c h w']"]
"""Feature maps by the name of their layer."""
ALL = "all"
"""The layer of a family that has but one."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A piece along one axis, in texels."""

    start: int
    stop: int
    before: int = 0
    after: int = 0
    """How far beyond its own texels its features see."""
    closed: bool = False
    """It is the whole of an axis that wraps: no others are needed, it is its own neighbour."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A rectangle of an image. All pieces together have each of its places once."""

    rows: Span
    columns: Span
    layers: tuple[str, ...]
    """What is to be seen of it."""
    of: tuple[int, int]
    """Height and width of all pieces together."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of its own."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    @property
    def share(self) -> float:
        """Of the image's places."""
        return math.prod(self.size) / math.prod(self.of)

    @property
    def seen(self) -> tuple[int, int]:
        """Height and width with what it sees besides its own."""
        rows, columns = (s.stop + s.after - s.start + s.before for s in (self.rows, self.columns))
        return rows, columns

    @property
    def wrap(self) -> Wrap:
        """Of its texels, with those that it sees besides its own."""
        return Wrap(x=self.columns.closed, y=self.rows.closed)

    def cut(self, image: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c r k"]:
        """Its texels and those that it sees besides its own."""
        rows, columns = ((s.start - s.before, s.stop + s.after) for s in (self.rows, self.columns))
        return torus.cut(image, rows, columns)

    def add(self, image: Float[Tensor, "1 c h w"], part: Float[Tensor, "1 c r k"]) -> None:
        """Adds, in place, to the texels that `cut` took."""
        torus.add(image, part, self.rows.start - self.rows.before, self.columns.start - self.columns.before)

    def places(self, stride: int) -> tuple[slice, slice, slice]:
        """Where in the whole image's features its own are."""
        rows, columns = (slice(s.start // stride, s.stop // stride) for s in (self.rows, self.columns))
        return slice(None), rows, columns

    def inner(self, maps: Float[Tensor, "c h w"], stride: int) -> Float[Tensor, "c r k"]:
        """Of the features of what was cut, its own."""
        for dim, span, own in zip((1, 2), (self.rows, self.columns), self.size, strict=True):
            maps = maps.narrow(dim, span.before // stride, own // stride)
        return maps


class Lens(Protocol):
    """A family, looked through; for one iteration or for all."""

    def fitted(self, canvas: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c h w"]:
        """The canvas at a size that can be looked at, and at which its pieces are."""

    def look(self, image: Float[Tensor, "1 c h w"]) -> Maps:
        """At the whole of what was fitted."""

    def pieces(self, size: tuple[int, int], side: int, layers: Collection[str]) -> list[Piece]:
        """An image of this height and width in pieces of about `side` texels, at most, to look at these layers."""

    def look_at(self, piece: Piece, texels: Float[Tensor, "1 c r k"]) -> Maps:
        """At a piece that was cut out."""

    def stride(self, layer: str) -> int:
        """Texels from one place of a layer to the next."""


@runtime_checkable
class LinearLens(Lens, Protocol):
    """Whose features are sums of texels, and new ones at each look: their gradient needs no second look."""

    def some(self, chosen: slice) -> LinearLens:
        """The same with some of its features only."""

    def carried_back(self, piece: Piece, slopes: Float[Tensor, "f rows columns"]) -> Float[Tensor, "1 c r k"]:
        """The gradient of a piece's texels, with those that it sees besides its own, for that of the features at its
        places."""


def divided(length: int, longest: int, grid: int) -> Iterator[tuple[int, int]]:
    """Where parts of a length, alike but for a texel of the grid, start and stop; on the grid that divides it."""
    cells = length // grid
    count = min(math.ceil(length / max(longest, 1)), cells)
    ends = [i * cells // count * grid for i in range(count + 1)]
    return pairwise(ends)


def crossed(rows: list[Span], columns: list[Span], layers: Collection[str]) -> list[Piece]:
    """The pieces of these rows and columns."""
    of = rows[-1].stop, columns[-1].stop
    return [Piece(rows=r, columns=c, layers=tuple(layers), of=of) for r in rows for c in columns]


def single(maps: Tensor) -> Tensor:
    """In single precision, if a network left them in half of it."""
    return maps.float() if maps.dtype == torch.bfloat16 else maps
