"""Sliced Wasserstein distance between two sets of features (Rabin et al. 2011; Heitz et al. 2021)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from ...job.description import Histogram, SlicedWasserstein
from .averages import SMALL

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

Term = SlicedWasserstein | Histogram
_AT_ONCE = 2**18
"""Quantiles of each feature, whose places are found at once: in many times their bytes."""


def summarise(maps: Float[Tensor, "f h w"], _term: Term) -> Float[Tensor, "f n"]:
    """The distribution along each feature: its values in order. Carries no gradient."""
    features = maps.flatten(1)
    if features.device.type == "cpu":  # numpy sorts with vector instructions: many times faster than torch
        return torch.from_numpy(np.sort(features.detach().numpy(), 1))
    return features.detach().sort(1).values


def merge(summaries: list[Float[Tensor, "f _"]], weights: list[float]) -> Float[Tensor, "f n"]:
    """The mixture in which each summary has its weight's share, with as many values as the largest summary."""
    if len(summaries) == 1:
        return summaries[0]
    count = max(s.shape[1] for s in summaries)
    ends = torch.tensor([0.0, *weights], dtype=torch.float64).cumsum(0)
    ends = (ends / ends[-1] * count).round().long()
    shares = ends.diff().tolist()
    return torch.cat([quantiles(s, share) for s, share in zip(summaries, shares, strict=True)], 1).sort(1).values


def quantiles(ordered: Float[Tensor, "f n"], count: int) -> Float[Tensor, "f count"]:
    """The values at the middles of `count` equal shares of the distribution, linear between neighbours."""
    n = ordered.shape[1]
    if n == count:
        return ordered
    taken = ordered.new_empty(len(ordered), count)
    for first in range(0, count, _AT_ONCE):
        share = torch.arange(first, min(first + _AT_ONCE, count), device=ordered.device, dtype=torch.float64)
        position = ((share + 0.5) * n / count - 0.5).clamp(0, n - 1)
        lower = position.long().clamp_max(max(n - 2, 0))
        upper = (lower + 1).clamp_max(n - 1)
        ends = ordered[:, lower], ordered[:, upper]
        taken[:, first : first + _AT_ONCE] = torch.lerp(*ends, (position - lower).to(ordered))
    return taken


def distance(maps: Float[Tensor, "f h w"], target: Float[Tensor, "f _"], _term: Term) -> Float[Tensor, ""]:
    """Mean squared distance between equal quantiles, in units of the target's variance.

    Each value is compared with the target's value of the same rank; the ranks are constant but for ties, so they need
    no gradient.
    """
    target = quantiles(target, maps[0].numel())
    return _errors(maps, target).mean() / _variances(target).mean().clamp_min(SMALL)


def error_and_unit(maps: Float[Tensor, "f h w"], target: Float[Tensor, "f _"], _term: Term) -> tuple[Tensor, Tensor]:
    """The sums of the features' mean squared distances, and of the variances of what they are compared with."""
    target = quantiles(target, maps[0].numel())
    return _errors(maps, target).mean(1).sum(), _variances(target).sum()


def unit(target: Float[Tensor, "f _"], size: Sequence[int], _term: Term) -> Float[Tensor, ""]:
    """The second of these sums, for maps of this height and width."""
    return _variances(quantiles(target, math.prod(size))).sum()


def in_units(errors: Tensor, units: Tensor, count: int) -> Float[Tensor, ""]:
    """The distance, from the sums over all `count` features."""
    return errors / units.clamp_min(count * SMALL)


def _errors(maps: Tensor, target: Tensor) -> Tensor:
    features = maps.flatten(1)
    assigned = torch.empty_like(target).scatter_(1, _order(features.detach()), target)
    return (features - assigned).pow(2)


def _variances(quantiles: Tensor) -> Tensor:
    return quantiles.var(1, correction=0)


def _order(values: Tensor) -> Tensor:
    if values.device.type == "cpu":
        return torch.from_numpy(np.argsort(values.numpy(), 1))
    return values.argsort(1)
