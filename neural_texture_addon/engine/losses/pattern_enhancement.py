"""Enhancement of whatever patterns the features show (Mordvintsev, Olah & Tyka 2015): larger magnitudes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...job.description import PatternEnhancement
from .averages import SMALL, weighted

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(maps: Float[Tensor, "c h w"], _term: PatternEnhancement) -> Float[Tensor, ""]:
    """The mean square of the features."""
    return maps.square().mean()


merge = weighted


def compare(square: Float[Tensor, ""], target: Float[Tensor, ""], _term: PatternEnhancement) -> Float[Tensor, ""]:
    """Minus the magnitude (root mean square), in units of the target's. Without bound."""
    return -((square + SMALL) / (target + SMALL)).sqrt()
