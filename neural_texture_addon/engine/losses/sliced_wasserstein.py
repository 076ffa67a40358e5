"""Sliced Wasserstein distance between two sets of features (Rabin et al. 2011; Heitz et al. 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from ...job.description import Histogram, SlicedWasserstein

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

Term = SlicedWasserstein | Histogram


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
    position = ((torch.arange(count, device=ordered.device, dtype=torch.float64) + 0.5) * n / count - 0.5).clamp(
        0, n - 1
    )
    lower = position.long().clamp_max(max(n - 2, 0))
    upper = (lower + 1).clamp_max(n - 1)
    return torch.lerp(ordered[:, lower], ordered[:, upper], (position - lower).to(ordered))


def distance(maps: Float[Tensor, "f h w"], target: Float[Tensor, "f _"], _term: Term) -> Float[Tensor, ""]:
    """Mean squared distance between equal quantiles, in units of the target's variance.

    Each value is compared with the target's value of the same rank; the ranks are constant but for ties, so they need
    no gradient.
    """
    features = maps.flatten(1)
    target = quantiles(target, features.shape[1])
    order = _order(features.detach())
    assigned = torch.empty_like(target).scatter_(1, order, target)
    return (features - assigned).pow(2).mean() / target.var(1, correction=0).mean().clamp_min(1e-8)


def _order(values: Tensor) -> Tensor:
    if values.device.type == "cpu":
        return torch.from_numpy(np.argsort(values.numpy(), 1))
    return values.argsort(1)
