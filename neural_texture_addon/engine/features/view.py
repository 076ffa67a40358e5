"""A feature family that looks at canvas and exemplars alike."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ...job.description import Patches
from ..torus import HEIGHT, PLANE, WIDTH, Wrap
from . import patches
from .lens import ALL, Lens, Maps, Piece, Span, crossed, divided
from .orthogonal import OrthogonalDirections
from .patches import Filters, PatchLens

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor

    Directions = Mapping[str, Float[Tensor, "p c"]]

NEXT = "next"
"""The texels, each piece of them with the row and the column that come after it."""
CROWD = 1.5
"""So many times the canvas's windows an exemplar may have before it is sampled."""
LARGEST_SAMPLE = 2**18
"""Windows of an exemplar, however large the canvas: enough for its quantiles. On a graphics card 150 MB of
texels."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sight:
    """What a family sees at one iteration."""

    lens: Lens
    """To look at the canvas."""
    exemplars: list[Maps]
    """Without gradient."""


class FixedView:
    """A family that is the same at every iteration: it looks at the exemplars once."""

    def __init__(self, lens: Lens, exemplars: list[Maps]) -> None:
        self.lens = lens
        self.exemplars = exemplars

    def draw(self, _shape: Sequence[int], _generator: Generator) -> list[Tensor]:
        """Nothing."""
        return []

    def sight(self, _shape: Sequence[int], _drawn: Iterator[Tensor]) -> Sight:
        """As always."""
        return Sight(lens=self.lens, exemplars=self.exemplars)


class PatchView:
    """Random filters, drawn anew at every iteration."""

    def __init__(self, spec: Patches, exemplars: list[Float[Tensor, "1 c h w"]], wrap: Wrap, stride: int) -> None:
        self._spec = spec
        self._exemplars = exemplars
        self._wrap = wrap
        self._stride = stride
        self._directions: OrthogonalDirections | None = None
        """Of the space of windows."""

    def draw(self, shape: Sequence[int], generator: Generator) -> list[Tensor]:
        """For a canvas of this shape: new filters, and where exemplars are looked at that are not seen as a whole."""
        spec, count = self._spec, self._count(shape)
        window = shape[1], spec.size, spec.size
        self._directions = self._directions or OrthogonalDirections(math.prod(window))
        kernels = self._directions.draw(spec.filters, generator).view(-1, *window)
        offset = patches.draw_offset(generator)
        few = [image for image in self._exemplars if self._is_sampled(image, count)]
        jitter = [patches.draw_jitter(image, spec.size, min(count, LARGEST_SAMPLE), generator) for image in few]
        return [kernels, offset, *jitter]

    def sight(self, shape: Sequence[int], drawn: Iterator[Tensor]) -> Sight:
        """Through what was drawn for a canvas of this shape."""
        filters, count = Filters(kernels=next(drawn), offset=next(drawn)), self._count(shape)
        with torch.no_grad():
            exemplars = [
                filters.sampled(image, next(drawn))
                if self._is_sampled(image, count)
                else filters(image, PLANE, self._stride)
                for image in self._exemplars
            ]
        return Sight(
            lens=PatchLens(filters=filters, wrap=self._wrap, apart=self._stride),
            exemplars=[{ALL: responses[:, None]} for responses in exemplars],
        )

    def _count(self, shape: Sequence[int]) -> int:
        """Of the canvas's windows."""
        starts = (shape[dim] - (not self._wrap.along(dim)) * (self._spec.size - 1) for dim in (HEIGHT, WIDTH))
        return math.prod(max(length // self._stride, 1) for length in starts)

    def _is_sampled(self, image: Tensor, count: int) -> bool:
        """Windows are seen as densely as the canvas's; of an exemplar with many more, a sample that costs as much."""
        return image[0, 0].numel() / self._stride**2 > min(CROWD * count, LARGEST_SAMPLE)


@dataclass(frozen=True, kw_only=True, eq=False)
class TexelLens:
    """The numbers of the maps themselves."""

    wrap: Wrap

    def fitted(self, canvas: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c h w"]:
        """As it is."""
        return canvas

    def look(self, image: Float[Tensor, "1 c h w"]) -> Maps:
        """Twice at the same."""
        texels = image[0]
        return {ALL: texels, NEXT: texels}

    def pieces(self, size: tuple[int, int], side: int, layers: Collection[str]) -> list[Piece]:
        """Each with the next row and column, if there are any."""
        axes = []
        for dim, length in zip((HEIGHT, WIDTH), size, strict=True):
            ends = divided(length, side, 1)
            axes.append([Span(start=a, stop=b, after=int(self.wrap.along(dim) or b < length)) for a, b in ends])
        return crossed(axes[0], axes[1], layers)

    def look_at(self, piece: Piece, texels: Float[Tensor, "1 c r k"]) -> Maps:
        """At a piece's own texels, and with the next ones."""
        return {ALL: piece.inner(texels[0], 1), NEXT: texels[0]}

    def stride(self, _layer: str) -> int:
        """Each texel is a place."""
        return 1


def directions(exemplar: Maps, layers: Iterable[str], count: int, generator: Generator) -> Directions:
    """Random directions of the feature space of each of these layers: unit vectors."""
    drawn = {layer: torch.randn(count, exemplar[layer].shape[0], generator=generator) for layer in layers}
    return {layer: torch.nn.functional.normalize(each, dim=1) for layer, each in drawn.items()}


def along(directions: Directions, maps: Maps) -> Maps:
    """The maps of those layers, as far as they go along each direction."""
    return {layer: torch.tensordot(direction, maps[layer], 1) for layer, direction in directions.items()}
