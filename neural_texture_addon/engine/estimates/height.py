"""Height estimated from colour: bright is high, and what faces the light is bright. Paint deceives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ...job.description import Estimates
from .. import fourier, torus
from . import light
from .illumination import brightness

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_FINE, _COARSE = 1 / 200, 1 / 16
"""Where one scale ends and the next begins, as shares of the shorter side."""
_OUTLIERS = 0.002
"""Share of the texels that may be cut off at either end."""


def estimated(
    colour: Float[Tensor, "1 3 h w"], wanted: Estimates, wrap: torus.Wrap
) -> tuple[Float[Tensor, "1 1 h w"], light.Light | None]:
    """The height, 0 to 1, and the light that was found for it; flat where the colour is, at 0.5.

    Two cues are added up: the brightness itself, since hollows see little of the sky (Langer & Zucker 1994), and the
    integral of the shading by a light from one side (Pentland 1990). The sum is weighed by scale, as
    Glencross et al. (2008) do.
    """
    bright = brightness(colour)
    side = min(colour.shape[2:])
    source = _light(bright, wanted, wrap)
    surface = wanted.brightness * (bright - bright.mean())
    if source and wanted.shading:
        detail = bright - fourier.blurred(bright, _COARSE * side, wrap)
        lit = light.surface(detail, source.degrees, wrap)
        surface = surface + wanted.shading * lit * _ratio(detail, lit)
    return _stretched(_weighed(surface, wanted, side, wrap)), source


def _light(bright: Tensor, wanted: Estimates, wrap: torus.Wrap) -> light.Light | None:
    if wanted.light is None:
        return light.find(bright, wrap)
    return light.Light(degrees=wanted.light % 360, agreement=1.0)


def _weighed(surface: Tensor, wanted: Estimates, side: int, wrap: torus.Wrap) -> Tensor:
    """Each scale as strong as is wanted."""
    smooth, smoothest = (fourier.blurred(surface, share * side, wrap) for share in (_FINE, _COARSE))
    return wanted.fine * (surface - smooth) + wanted.medium * (smooth - smoothest) + wanted.coarse * smoothest


def _ratio(one: Tensor, other: Tensor) -> Tensor:
    return one.std(correction=0) / other.std(correction=0).clamp_min(1e-12)


def _stretched(surface: Tensor) -> Float[Tensor, "1 1 h w"]:
    """From 0 to 1, but for a few outliers, that are cut off."""
    ordered = surface.flatten().sort().values
    cut = int(_OUTLIERS * len(ordered))
    low, high = ordered[cut], ordered[-1 - cut]
    if high - low < 1e-6:
        return torch.full_like(surface, 0.5).float()
    return ((surface - low) / (high - low)).clamp(0, 1).float()
