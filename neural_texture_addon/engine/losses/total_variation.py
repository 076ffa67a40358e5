"""Total variation (Rudin, Osher & Fatemi 1992): the mean length of the gradient of the picture itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...job.description import TotalVariation
from ..torus import PLANE, Wrap, differences
from .averages import SMALL, weighted

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(maps: Float[Tensor, "c h w"], _term: TotalVariation, wrap: Wrap = PLANE) -> Float[Tensor, ""]:
    """The mean absolute difference of neighbours, smoothed at zero."""
    down, right = differences(maps[None], wrap)
    return sum(((d.square() + SMALL).sqrt().mean() for d in (down, right)), start=maps.new_zeros(()))


merge = weighted


def distance(
    maps: Float[Tensor, "c h w"], target: Float[Tensor, ""], term: TotalVariation, wrap: Wrap = PLANE
) -> Float[Tensor, ""]:
    """In units of the target's."""
    return summarise(maps, term, wrap) / target.clamp_min(SMALL)
