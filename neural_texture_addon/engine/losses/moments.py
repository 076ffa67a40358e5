"""Mean, standard deviation and correlation of the features: what a normal distribution of them is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...job.description import Moments
from .averages import SMALL, covariance, relative_square, second_moments, weighted

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(maps: Float[Tensor, "c h w"], _term: Moments) -> Float[Tensor, "c+1 c+1"]:
    """Second moments and means."""
    return second_moments(maps)


merge = weighted


def compare(
    moments: Float[Tensor, "c+1 c+1"],
    target: Float[Tensor, "c+1 c+1"],
    _term: Moments,
    weights: Float[Tensor, " c"] | None = None,
) -> Float[Tensor, ""]:
    """Mean of the squared distances of means, deviations and correlations, each in units of the target's.

    `weights` are those that the features have been multiplied by: a correlation loses them, and gets them back.
    """
    pairs = zip(_parts(moments, weights), _parts(target, weights), strict=True)
    return sum(relative_square(value, wanted) for value, wanted in pairs) / 3  # type: ignore[return-value]


def _parts(moments: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    products = covariance(moments)
    deviation = (products.diagonal().clamp_min(0) + SMALL).sqrt()
    correlation = products / (deviation[:, None] * deviation)
    return moments[:-1, -1], deviation, correlation if weights is None else weights[:, None] * correlation * weights
