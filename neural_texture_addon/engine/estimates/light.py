"""Whence the light comes in a photograph of a surface. Says so only where the shadows agree on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import fourier, torus

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_LONGEST = 512
"""Side in px that is enough to find it. A picture that wraps is not made smaller: it would be another one if rolled."""
_FINEST, _LARGEST = 1 / 512, 16 / 512
"""What is smaller or larger, as a share of the longer side, is left out."""
_LEAST_AGREEMENT = 0.07
"""A correlation: below, what is found is chance. In two of the four examples it is 0.20 and 0.12, and right to 20
degrees; in the others below 0.05, and wrong."""


@dataclass(frozen=True, kw_only=True)
class Light:
    """Where it was found."""

    degrees: float
    """Counterclockwise from the picture's right."""
    agreement: float
    """How clearly: a correlation, 0 to 1."""


def find(brightness: Float[Tensor, "1 1 h w"], wrap: torus.Wrap) -> Light | None:
    """The direction in which what is deeply dark lies behind what is high; None where there is no telling.

    The surface is integrated as if each direction were the light's (linear shape from shading, Pentland 1990). The
    brightness itself is uncorrelated with what comes out, whichever the direction; its square is not, since it is
    large in cast shadows, and they lie away from the light.
    """
    small = torus.resize(brightness, *_sides(brightness), wrap) if wrap == torus.PLANE else brightness
    longer = max(small.shape[2:])
    detail = fourier.blurred(small, _FINEST * longer, wrap) - fourier.blurred(small, _LARGEST * longer, wrap)
    spread = detail.std(correction=0)
    if spread < 1e-6:
        return None
    darkness = -(detail / spread).square()
    right, up = (_correlation(darkness, surface(detail, degrees, wrap)) for degrees in (0.0, 90.0))
    agreement = math.hypot(right, up)
    if agreement < _LEAST_AGREEMENT:
        return None
    return Light(degrees=math.degrees(math.atan2(up, right)) % 360, agreement=agreement)


def surface(detail: Float[Tensor, "1 1 h w"], degrees: float, wrap: torus.Wrap) -> Float[Tensor, "1 1 h w"]:
    """The relief whose slopes towards the light are these brightnesses, and that has none across it, as near as can be.

    Its scale is that of the brightness; what is as large as the picture is left out.
    """
    angle = math.radians(degrees)
    made = fourier.integrated(math.sin(angle) * detail, -math.cos(angle) * detail, wrap)
    return made - fourier.blurred(made, min(detail.shape[2:]) / 16, wrap)


def _sides(image: Tensor) -> tuple[int, int]:
    height, width = image.shape[2:]
    share = min(1.0, _LONGEST / max(height, width))
    return max(1, round(height * share)), max(1, round(width * share))


def _correlation(one: Tensor, other: Tensor) -> float:
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / (one.norm() * other.norm()).clamp_min(1e-12))
