"""Sliced Wasserstein distance between two sets of features (Rabin et al. 2011; Heitz et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from ...job.description import Histogram, SlicedWasserstein
from . import ranks
from .averages import SMALL
from .ranks import ordered, quantiles

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

Term = SlicedWasserstein | Histogram


def summarise(maps: Float[Tensor, "f h w"], _term: Term) -> Float[Tensor, "f n"]:
    """The distribution along each feature: its values in order. Carries no gradient."""
    return ordered(maps.flatten(1))


def merge(summaries: list[Float[Tensor, "f _"]], weights: list[float]) -> Float[Tensor, "f n"]:
    """The mixture in which each summary has its weight's share, with as many values as the largest summary."""
    if len(summaries) == 1:
        return summaries[0]
    count = max(s.shape[1] for s in summaries)
    ends = torch.tensor([0.0, *weights], dtype=torch.float64).cumsum(0)
    ends = (ends / ends[-1] * count).round().long()
    shares = ends.diff().tolist()
    return ordered(torch.cat([quantiles(s, share) for s, share in zip(summaries, shares, strict=True)], 1))


def distance(maps: Float[Tensor, "f h w"], target: Float[Tensor, "f _"], _term: Term) -> Float[Tensor, ""]:
    """Mean squared distance between equal quantiles, in units of the target's variance.

    Each value is compared with the target's value of the same rank; the ranks are constant but for ties, so they need
    no gradient.
    """
    return _errors(maps, target).mean() / _variances(target).mean().clamp_min(SMALL)


def to_slopes(features: Float[Tensor, "f n"], target: Float[Tensor, "f _"]) -> tuple[Tensor, Tensor, float]:
    """The sums of the features' mean squared distances, and of the target's variances.

    The features, which lie in memory row by row, become the gradient of the former but for a factor, the last that is
    returned.
    """
    ranks.subtract(features, target)
    return _squares(features).sum(), _variances(target).sum(), 2 / features.shape[1]


def unit(target: Float[Tensor, "f _"], _size: Sequence[int], _term: Term) -> Float[Tensor, ""]:
    """The second of these sums, for maps of any height and width."""
    return _variances(target).sum()


def in_units(errors: Tensor, units: Tensor, count: int) -> Float[Tensor, ""]:
    """The distance, from the sums over all `count` features."""
    return errors / units.clamp_min(count * SMALL)


def _errors(maps: Float[Tensor, "f h w"], target: Float[Tensor, "f _"]) -> Float[Tensor, " f"]:
    return _MeanSquares.apply(maps.flatten(1), target)


def _squares(residual: Float[Tensor, "f n"]) -> Float[Tensor, " f"]:
    """Their means."""
    return torch.linalg.vector_norm(residual, dim=1).square() / residual.shape[1]


def _variances(values: Float[Tensor, "f n"]) -> Float[Tensor, " f"]:
    """As `var` without its correction, which takes ten times as long on a CPU; there few enough at a time to stay
    in its cache."""
    few = max(ranks.AT_ONCE // values.shape[1], 1) if values.device.type == "cpu" else len(values)
    return torch.cat([_squares(some - some.mean(1, keepdim=True)) for some in values.split(few)])


class _MeanSquares(torch.autograd.Function):
    """Of each feature's distances to the values of equal rank."""

    @staticmethod
    def forward(context: Any, features: Float[Tensor, "f n"], target: Float[Tensor, "f m"]) -> Float[Tensor, " f"]:
        residual = ranks.residual(features, target)
        context.save_for_backward(residual)
        return _squares(residual)

    @staticmethod
    def backward(context: Any, slopes: Float[Tensor, " f"]) -> tuple[Tensor, None]:
        (residual,) = context.saved_tensors
        return residual * (slopes[:, None] * (2 / residual.shape[1])), None
