"""Uneven light taken off a photograph: what makes it tile badly. Small shadows stay, they are not told from paint."""

from __future__ import annotations

from collections.abc import Iterator
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
    light = srgb.linear(colour)
    brightness = _brightness(light)
    slow = _slow(brightness, wanted.light_size * min(colour.shape[2:]), wrap)
    even = light * torch.exp(wanted.flatten * (slow.mean() - slow)).float()
    even = even * (light.double().mean() / even.double().mean().clamp_min(1e-9)).float()
    return srgb.encoded(even).clamp(0, 1)


def _slow(brightness: Tensor, radius: float, wrap: torus.Wrap) -> Tensor:
    """What varies no faster than that. At a border it goes on, which a mirror image would not: so a bowl goes first."""
    bowl = sum(_share(shape, brightness) for shape in _bowls(brightness, wrap)) + torch.zeros_like(brightness)
    return bowl + fourier.blurred(brightness - bowl, radius, wrap)


def _bowls(image: Tensor, wrap: torus.Wrap) -> Iterator[Tensor]:
    """Slopes, parabolas and the saddle along the axes that have borders: all of mean 0, and orthogonal."""
    free = [dim for dim in (torus.HEIGHT, torus.WIDTH) if not wrap.along(dim) and image.shape[dim] > 1]
    lines = [_line(image, dim) for dim in free]
    for line in lines:
        yield line
        yield line.square() - line.square().mean()
    if len(lines) > 1:
        yield lines[0] * lines[1]


def _line(image: Tensor, dim: int) -> Tensor:
    """From -1 to 1 along a dimension."""
    shape = [1] * image.ndim
    shape[dim] = -1
    return torch.linspace(-1, 1, image.shape[dim], dtype=image.dtype).view(shape)


def _share(shape: Tensor, image: Tensor) -> Tensor:
    """What of the image is that shape, in the least squares."""
    return shape * ((shape * image).mean() / shape.square().mean().clamp_min(1e-12))


def brightness(colour: Float[Tensor, "1 3 h w"]) -> Float[Tensor, "1 1 h w"]:
    """The logarithm of a display-encoded colour's luminance, in double precision: shading is a sum there."""
    return _brightness(srgb.linear(colour))


def _brightness(light: Tensor) -> Tensor:
    weights = torch.tensor(_LUMINANCE, dtype=light.dtype).view(1, -1, 1, 1)
    return torch.log((light * weights).sum(1, keepdim=True).double() + _BLACK)
