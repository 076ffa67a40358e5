"""Occlusion of a height map: how much of the sky each place sees. Computed, not guessed: as right as the height is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch

from .. import fourier, torus

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_SLICES = ((1, 3), (1, 1), (3, 1), (3, -1), (1, -1), (1, -3))
"""Vertical planes through each texel, in each of which it looks both ways: steps down and to the right, in texels.

In such a direction texels lie exactly, so that a plane hides nothing of itself. None goes along an axis: along it lie
the joints of bricks and boards, and a slice along a wall would see all of the sky that others see half of.
"""
_GROWTH = 1.2
"""Of the distance from one look to the next."""


_STRIP = 256
"""Rows at a time: so many stay in a processor's cache."""


def seen(height: Float[Tensor, "1 1 h w"], relief: float, reach: float, wrap: torus.Wrap) -> Float[Tensor, "1 1 h w"]:
    """The share of the sky that is seen, weighed by the cosine to the surface's normal: 1 on a plain.

    `relief` is what a height of 1 is higher than 0, `reach` how far the horizon is looked for; both in texels. By the
    horizons in slices around the vertical (Bavoil, Sainz & Dimitrov 2008), each slice integrated in closed form
    (Jimenez et al. 2016, eq. 7).
    """
    surface = (relief * height.double()).float()
    slopes = [slope.float() for slope in fourier.slopes(surface, wrap)]
    margin = max(max(abs(texels) for step in _SLICES for texels in step), math.ceil(reach))
    around = torus.surrounded(surface, margin, wrap)
    seen = torch.empty_like(surface)
    for top in range(0, surface.shape[torus.HEIGHT], _STRIP):
        rows = slice(top, top + _STRIP)
        near = around[:, :, top : top + _STRIP + 2 * margin]
        seen[:, :, rows] = _seen(near, surface[:, :, rows], slopes[0][:, :, rows], slopes[1][:, :, rows], reach, margin)
    return seen.clamp(0, 1)


def _seen(around: Tensor, surface: Tensor, down: Tensor, right: Tensor, reach: float, margin: int) -> Tensor:
    """As `seen`, of some rows, for which `around` has `margin` texels more on all sides."""
    steepness = torch.sqrt(1 + down.square() + right.square())
    total = torch.zeros_like(surface)
    for step, share in zip(_SLICES, _shares(), strict=True):
        lean = -(step[0] * down + step[1] * right) / math.hypot(*step)
        behind, before = (_horizon(around, surface, sign, step, reach, margin) for sign in (-1, 1))
        total += share * _slice(lean, steepness, behind, before)
    return total


def _shares() -> list[float]:
    """The angle for which each slice stands: half of the way to its neighbours, as a share of all."""
    angles = [math.atan2(*step) % math.pi for step in _SLICES]
    gaps = [(after - before) % math.pi for before, after in zip(angles, angles[1:] + angles[:1], strict=True)]
    return [(before + after) / 2 / math.pi for before, after in zip(gaps[-1:] + gaps[:-1], gaps, strict=True)]


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
    around: Tensor, surface: Tensor, sign: int, step: tuple[int, int], reach: float, margin: int
) -> Float[Tensor, "1 1 h w"]:
    """The angle between the vertical and the steepest look up."""
    height, width = surface.shape[2:]
    steepest = torch.full_like(surface, -math.inf)
    for times in _looks(reach / math.hypot(*step)):
        down, right = sign * times * step[0], sign * times * step[1]
        top, left = margin + down, margin + right
        rise = around[:, :, top : top + height, left : left + width] - surface
        torch.maximum(steepest, rise.div_(math.hypot(down, right)), out=steepest)
    return steepest.atan_().neg_().add_(math.pi / 2)


def _looks(farthest: float) -> Iterator[int]:
    """So many steps ahead, ever farther apart; one at least."""
    distance = 1.0
    while round(distance) <= max(1.0, farthest):
        yield round(distance)
        distance = max(distance + 1, distance * _GROWTH)
