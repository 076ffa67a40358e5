"""Occlusion of a height map: how much of the sky each place sees. Computed, not guessed: as right as the height is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from .. import fourier, torus

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_SLICES = 8
"""Vertical planes through each texel, in each of which it looks both ways."""
_GROWTH = 1.4
"""Of the distance from one look to the next."""


def seen(height: Float[Tensor, "1 1 h w"], relief: float, reach: float, wrap: torus.Wrap) -> Float[Tensor, "1 1 h w"]:
    """The share of the sky that is seen, weighed by the cosine to the surface's normal: 1 on a plain.

    `relief` is what a height of 1 is higher than 0, `reach` how far the horizon is looked for; both in texels. By the
    horizons in slices around the vertical (Bavoil, Sainz & Dimitrov 2008), each slice integrated in closed form
    (Jimenez et al. 2016, eq. 7).
    """
    surface = (relief * height.double()).float()
    down, right = (slope.float() for slope in fourier.slopes(surface, wrap))
    margin = max(1, math.ceil(reach))
    around = torus.surrounded(surface, margin, wrap)
    steepness = torch.sqrt(1 + down.square() + right.square())
    total = torch.zeros_like(surface)
    for number in range(_SLICES):
        angle = math.pi * number / _SLICES
        ahead = (math.sin(angle), math.cos(angle))
        lean = -(ahead[0] * down + ahead[1] * right)
        behind, before = (_horizon(around, surface, sign, ahead, reach, margin) for sign in (-1, 1))
        total += _slice(lean, steepness, behind, before)
    return (total / _SLICES).clamp(0, 1)


def _slice(lean: Tensor, steepness: Tensor, behind: Tensor, before: Tensor) -> Tensor:
    """What is seen in one slice, of 1; the horizons as angles from the vertical, the normal's part in it as a slope."""
    normal = torch.atan(lean)
    share = torch.sqrt(1 + lean.square()) / steepness
    first = normal + (-behind - normal).clamp_min(-math.pi / 2)
    last = normal + (before - normal).clamp_max(math.pi / 2)
    sine, cosine = torch.sin(normal), torch.cos(normal)
    arcs = (2 * angle * sine + cosine - torch.cos(2 * angle - normal) for angle in (first, last))
    return share * sum(arcs) / 4


def _horizon(
    around: Tensor, surface: Tensor, sign: int, ahead: tuple[float, float], reach: float, margin: int
) -> Float[Tensor, "1 1 h w"]:
    """The angle between the vertical and the steepest look up."""
    height, width = surface.shape[2:]
    steepest = torch.full_like(surface, -math.inf)
    for down, right in _looks(ahead, reach):
        top, left = margin + sign * down, margin + sign * right
        there = around[:, :, top : top + height, left : left + width]
        steepest = torch.maximum(steepest, (there - surface) / math.hypot(down, right))
    return math.pi / 2 - torch.atan(steepest)


def _looks(ahead: tuple[float, float], reach: float) -> list[tuple[int, int]]:
    """Whole texels in that direction, ever farther apart."""
    distance = 1.0
    looks: list[tuple[int, int]] = []
    while not looks or distance <= reach:
        looks.append((round(distance * ahead[0]), round(distance * ahead[1])))
        distance = max(distance + 1, distance * _GROWTH)
    return looks
