"""Total variation (Rudin, Osher & Fatemi 1992): the mean length of the gradient of the picture itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...job.description import TotalVariation
from ..features.lens import Piece
from ..torus import PLANE, Wrap, differences
from .averages import SMALL, weighted

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(
    maps: Float[Tensor, "c h w"], _term: TotalVariation, wrap: Wrap = PLANE, piece: Piece | None = None
) -> Float[Tensor, ""]:
    """The mean absolute difference of neighbours, smoothed at zero.

    Or what a piece adds to it, whose texels come with the next row and column unless the image ends there.
    """
    if piece is None:
        down, right = (_lengths(d).mean() for d in differences(maps[None], wrap))
        return down + right
    down, right = differences(maps[None], PLANE)
    (own_height, own_width), (height, width) = piece.size, piece.of
    downwards = _lengths(down[..., :own_width]).sum() / (len(maps) * (height - (not wrap.y)) * width)
    return downwards + _lengths(right[..., :own_height, :]).sum() / (len(maps) * height * (width - (not wrap.x)))


merge = weighted


def compare(length: Float[Tensor, ""], target: Float[Tensor, ""], _term: TotalVariation) -> Float[Tensor, ""]:
    """In units of the target's."""
    return length / target.clamp_min(SMALL)


def _lengths(differences: Tensor) -> Tensor:
    return (differences.square() + SMALL).sqrt()
