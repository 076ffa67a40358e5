"""Mean, standard deviation and correlation of the features: what a normal distribution of them is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from ...job.description import Moments
from .averages import SMALL, second_moments, weighted

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


class Normal(NamedTuple):
    """A normal distribution."""

    mean: Float[Tensor, " c"]
    deviation: Float[Tensor, " c"]
    inverse: Float[Tensor, " c"]
    """Of the deviation."""
    variance: Float[Tensor, " c"]
    """As it came out: rounding may have made it negative."""
    correlation: Float[Tensor, "c c"]

    @classmethod
    def of(cls, moments: Float[Tensor, "c+1 c+1"]) -> Normal:
        """With these second moments and means."""
        mean = moments[:-1, -1]
        products = torch.addr(moments[:-1, :-1], mean, mean, alpha=-1)
        deviation = (products.diagonal().clamp_min(0) + SMALL).sqrt()
        inverse = 1 / deviation
        return cls(
            mean=mean,
            deviation=deviation,
            inverse=inverse,
            variance=products.diagonal(),
            correlation=products * inverse[:, None] * inverse,
        )


class Target(NamedTuple):
    """What the features are to be."""

    normal: Normal
    units: tuple[Float[Tensor, ""], Float[Tensor, ""], Float[Tensor, ""]]
    """The squared lengths of its mean, its deviation and its correlation."""


def summarise(maps: Float[Tensor, "c h w"], _term: Moments) -> Float[Tensor, "c+1 c+1"]:
    """Second moments and means."""
    return second_moments(maps)


def merge(summaries: list[Float[Tensor, "c+1 c+1"]], weights: list[float]) -> Target:
    """That of all the features together."""
    normal = Normal.of(weighted(summaries, weights))
    return Target(normal, (_unit(normal.mean), _unit(normal.deviation), _unit(normal.correlation)))


def compare(
    moments: Float[Tensor, "c+1 c+1"], target: Target, _term: Moments, weights: Float[Tensor, " c"] | None = None
) -> Float[Tensor, ""]:
    """Mean of the squared distances of means, deviations and correlations, each in units of the target's.

    `weights` are those that the features have been multiplied by: a correlation loses them, and gets them back.
    """
    return _Distance.apply(moments, target, weights)


class _Distance(torch.autograd.Function):
    """With its gradient, in fewer tasks than autograd asks a graphics card for: tasks of few numbers take as long as
    those of many."""

    @staticmethod
    def forward(
        context: Any, moments: Float[Tensor, "c+1 c+1"], target: Target, weights: Float[Tensor, " c"] | None
    ) -> Float[Tensor, ""]:
        normal, wanted, units = Normal.of(moments), target.normal, target.units
        errors = [getattr(normal, part) - getattr(wanted, part) for part in ("mean", "deviation", "correlation")]
        if weights is not None:
            products = weights[:, None] * weights
            units = *units[:2], _unit(wanted.correlation * products)
            errors[2] *= products
        shares = [error / (3 * unit) for error, unit in zip(errors, units, strict=True)]
        loss = torch.stack([torch.dot(e.flatten(), s.flatten()) for e, s in zip(errors, shares, strict=True)]).sum()
        if weights is not None:
            shares[2] *= products
        context.save_for_backward(_gradient(normal, *shares))
        return loss

    @staticmethod
    def backward(context: Any, slope: Float[Tensor, ""]) -> tuple[Tensor, None, None]:
        (gradient,) = context.saved_tensors
        return gradient * slope, None, None


def _gradient(normal: Normal, of_mean: Tensor, of_deviation: Tensor, of_correlation: Tensor) -> Tensor:
    """For the moments (c+1, c+1), from half of that for each part: the chain rule through `Normal.of`.

    `of_mean` and `of_deviation` are c, `of_correlation` is c,c and symmetric.
    """
    of_products = of_correlation * (2 * normal.inverse[:, None]) * normal.inverse
    of_deviation = of_deviation - 2 * (of_correlation * normal.correlation).sum(1) * normal.inverse
    of_products.diagonal().add_(of_deviation * normal.inverse * (normal.variance >= 0))
    gradient = torch.zeros(len(of_mean) + 1, len(of_mean) + 1, dtype=of_mean.dtype, device=of_mean.device)
    gradient[:-1, :-1] = of_products
    gradient[:-1, -1] = 2 * (of_mean - of_products @ normal.mean)
    return gradient


def _unit(values: Tensor) -> Float[Tensor, ""]:
    return values.square().sum().clamp_min(SMALL)
