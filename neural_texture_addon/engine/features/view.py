"""A feature family that looks at canvas and exemplars alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ...job.description import Patches
from ..torus import HEIGHT, PLANE, WIDTH, Wrap
from . import patches
from .lens import ALL, Lens, Maps, Piece, Span, crossed, divided
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
"""Windows: enough for the quantiles of any canvas, and 150 MB of texels."""


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

    def drawn(self, _canvas: Float[Tensor, "1 c h w"], _generator: Generator) -> Sight:
        """As always."""
        return Sight(lens=self.lens, exemplars=self.exemplars)


class PatchView:
    """Random filters, drawn anew at every iteration."""

    def __init__(
        self,
        spec: Patches,
        exemplars: list[Float[Tensor, "1 c h w"]],
        wrap: Wrap,
        stride: int,
        *,
        sampled: bool = False,
    ) -> None:
        """`sampled`: of no exemplar more than `LARGEST_SAMPLE` windows are looked at."""
        self._spec = spec
        self._exemplars = exemplars
        self._wrap = wrap
        self._stride = stride
        self._sampled = sampled

    def drawn(self, canvas: Float[Tensor, "1 c h w"], generator: Generator) -> Sight:
        """New filters, for a canvas of this shape."""
        filters = patches.draw(self._spec.filters, canvas.shape[1], self._spec.size, generator, canvas.device)
        (_, rows), (_, columns) = filters.windows(canvas.shape[2:], self._wrap, self._stride)
        with torch.no_grad():
            exemplars = [self._of_exemplar(filters, texels, rows * columns, generator) for texels in self._exemplars]
        return Sight(
            lens=PatchLens(filters=filters, wrap=self._wrap, apart=self._stride),
            exemplars=[{ALL: responses[:, None]} for responses in exemplars],
        )

    def _of_exemplar(self, filters: Filters, texels: Tensor, count: int, generator: Generator) -> Tensor:
        """Windows as dense as the canvas's; of an exemplar with many more of them, a sample that costs as much."""
        windows = texels[0, 0].numel() / self._stride**2
        if windows <= CROWD * count and (windows <= LARGEST_SAMPLE or not self._sampled):
            return filters(texels, PLANE, self._stride)
        return filters.sampled(texels, min(count, LARGEST_SAMPLE), generator)


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


def directions(exemplars: list[Maps], layers: Iterable[str], count: int, generator: Generator) -> Directions:
    """Random directions of the feature space of each of these layers: unit vectors."""
    drawn = {}
    for layer in layers:
        like = exemplars[0][layer]
        drawn[layer] = torch.nn.functional.normalize(torch.randn(count, like.shape[0], generator=generator), dim=1)
        drawn[layer] = drawn[layer].to(like)
    return drawn


def along(directions: Directions, maps: Maps) -> Maps:
    """The maps of those layers, as far as they go along each direction."""
    return {layer: torch.tensordot(direction, maps[layer], 1) for layer, direction in directions.items()}
