"""Statistics that are means over places: how those of several exemplars become one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

SMALL = 1e-8
"""Keeps a distance finite where the target is zero."""


def weighted(summaries: list[Tensor], weights: list[float]) -> Tensor:
    """The mean of the summaries, each with its weight's share."""
    if len(summaries) == 1:
        return summaries[0]
    return sum(s * w for s, w in zip(summaries, weights, strict=True)) / sum(weights)  # type: ignore[return-value]


def relative_square(value: Tensor, target: Tensor) -> Float[Tensor, ""]:
    """The squared distance in units of the target's squared length."""
    return (value - target).square().sum() / target.square().sum().clamp_min(SMALL)


def second_moments(maps: Float[Tensor, "c h w"]) -> Float[Tensor, "c+1 c+1"]:
    """The mean products of all pairs of features, and in the last row and column their means.

    Means of exemplars' moments are the moments of their union: variance between exemplars is kept.
    """
    flat = maps.flatten(1)
    flat = torch.cat((flat, torch.ones_like(flat[:1])))
    return flat @ flat.T / flat.shape[1]


def covariance(moments: Float[Tensor, "c+1 c+1"]) -> Float[Tensor, "c c"]:
    """Of features with these second moments."""
    mean = moments[:-1, -1]
    return moments[:-1, :-1] - mean[:, None] * mean
