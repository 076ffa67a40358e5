"""Enhancement in the proportions of the exemplar's patterns, up to a limit: it can be mixed without running away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...job.description import PatternAlignment
from .averages import SMALL, second_moments, weighted

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(maps: Float[Tensor, "c h w"], _term: PatternAlignment) -> Float[Tensor, "c c"]:
    """The Gram matrix."""
    return second_moments(maps)[:-1, :-1]


merge = weighted


def compare(gram: Float[Tensor, "c c"], target: Float[Tensor, "c c"], term: PatternAlignment) -> Float[Tensor, ""]:
    """Minus the inner product of both Gram matrices, in units of the target's with itself, clipped at the limit."""
    alignment = (gram * target).sum() / target.square().sum().clamp_min(SMALL)
    return -alignment.clamp_max(term.limit)
