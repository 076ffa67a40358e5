"""The mean of each feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...job.description import ChannelMean
from .averages import relative_square, weighted

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(maps: Float[Tensor, "c h w"], _term: ChannelMean) -> Float[Tensor, " c"]:
    """The means."""
    return maps.flatten(1).mean(1)


merge = weighted


def compare(means: Float[Tensor, " c"], target: Float[Tensor, " c"], _term: ChannelMean) -> Float[Tensor, ""]:
    """Squared distance of the means, in units of the target's squared length."""
    return relative_square(means, target)
