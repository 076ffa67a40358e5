"""Gram matrix and covariance of the features (Gatys, Ecker & Bethge 2015, eq. 2-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ...job.description import Centring, Gram
from .averages import covariance, relative_square, second_moments, weighted

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(maps: Float[Tensor, "c h w"], _term: Gram) -> Float[Tensor, "c+1 c+1"]:
    """Second moments and means: enough for every centring."""
    return second_moments(maps)


merge = weighted


def compare(moments: Float[Tensor, "c+1 c+1"], target: Float[Tensor, "c+1 c+1"], term: Gram) -> Float[Tensor, ""]:
    """Squared Frobenius distance of the matrices, in units of the target's squared norm."""
    return relative_square(*(_centred(m, target, term.centring) for m in (moments, target)))


def _centred(moments: Tensor, target: Tensor, centring: Centring) -> Tensor:
    match centring:
        case Centring.ORIGIN:
            return moments[:-1, :-1]
        case Centring.CANVAS:
            return covariance(moments)
        case Centring.EXEMPLAR:  # E[(x - t)(x - t)'] = E[xx'] - m t' - t m' + t t'
            mean, centre = moments[:-1, -1], target[:-1, -1]
            cross = torch.outer(mean, centre)
            return moments[:-1, :-1] - cross - cross.T + torch.outer(centre, centre)
