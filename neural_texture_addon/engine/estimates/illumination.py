"""Uneven light taken off a photograph: what makes it tile badly. Small shadows stay, they are not told from paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ...job.description import Estimates
from .. import fourier, srgb, torus

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Of linear sRGB (ITU-R BT.709)."""
_BLACK = 0.01
"""Light that is added before the logarithm: darker is the camera's noise."""


def flattened(colour: Float[Tensor, "1 3 h w"], wanted: Estimates, wrap: torus.Wrap) -> Float[Tensor, "1 3 h w"]:
    """The colour (display-encoded) as under even light, as bright as before on the whole.

    Homomorphic filtering (Oppenheim, Schafer & Stockham 1968): in the logarithm of the light, what varies slowly is
    taken for illumination. Hues stay.
    """
    if not wanted.flatten:
        return colour
    light = srgb.linear(colour.double())
    brightness = _brightness(light)
    slow = fourier.blurred(brightness, wanted.light_size * min(colour.shape[2:]), wrap)
    even = light * torch.exp(wanted.flatten * (slow.mean() - slow))
    even = even * (light.mean() / even.mean().clamp_min(1e-9))
    return srgb.encoded(even).clamp(0, 1).float()


def brightness(colour: Float[Tensor, "1 3 h w"]) -> Float[Tensor, "1 1 h w"]:
    """The logarithm of a display-encoded colour's luminance, in double precision: shading is a sum there."""
    return _brightness(srgb.linear(colour.double()))


def _brightness(light: Tensor) -> Tensor:
    weights = torch.tensor(_LUMINANCE, dtype=light.dtype).view(1, -1, 1, 1)
    return torch.log((light * weights).sum(1, keepdim=True) + _BLACK)
