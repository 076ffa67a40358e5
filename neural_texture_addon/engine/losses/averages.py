"""Statistics that are means over places: how those of several exemplars become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

    Means of exemplars' moments are the moments of their union: variance between exemplars is kept. Of features in half
    precision (on a graphics card) they are summed in single precision; the gradient is in the features' own.
    """
    return _SecondMoments.apply(maps.flatten(1))


class _SecondMoments(torch.autograd.Function):
    """The same as a product of matrices, of which autograd would compute the gradient twice: once for each factor."""

    @staticmethod
    def forward(context: Any, features: Float[Tensor, "c n"]) -> Float[Tensor, "c+1 c+1"]:
        context.save_for_backward(features)
        channels, places = features.shape
        if features.dtype == torch.bfloat16:
            moments = features.new_ones(channels + 1, channels + 1, dtype=torch.float32)
            products = torch.mm(features, features.T, out_dtype=torch.float32)
            sums = torch.mm(features, features.new_ones(places, 8), out_dtype=torch.float32)[:, 0]  # 8: as aligned
        else:
            moments = features.new_ones(channels + 1, channels + 1)
            products, sums = features @ features.T, features.sum(1)
        moments[:-1, :-1] = products / places
        moments[:-1, -1] = moments[-1, :-1] = sums / places
        return moments

    @staticmethod
    def backward(context: Any, slopes: Float[Tensor, "c+1 c+1"]) -> Float[Tensor, "c n"]:
        (features,) = context.saved_tensors
        both = ((slopes + slopes.T)[:-1] / features.shape[1]).to(features.dtype)
        products, mean = (each.contiguous() for each in (both[:, :-1], both[:, -1]))  # aligned, many times as fast
        if features.stride(0) == 1:  # as a network leaves its features: a place's side by side, and so they stay
            return torch.addmm(mean, features.T, products).T
        return torch.addmm(mean[:, None], products, features)


def covariance(moments: Float[Tensor, "c+1 c+1"]) -> Float[Tensor, "c c"]:
    """Of features with these second moments."""
    mean = moments[:-1, -1]
    return moments[:-1, :-1] - mean[:, None] * mean
