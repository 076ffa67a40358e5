"""The topology of the canvas. The only module that wraps around: padding, rolling, resizing.

An image is a tensor B,C,H,W. Along an axis that does not wrap it simply ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor

HEIGHT, WIDTH = 2, 3
"""The dimensions of an image tensor."""
_KEYS_A = -0.5
"""Keys' (1981) parameter; -0.5 reproduces quadratics, torch's -0.75 overshoots more."""


@dataclass(frozen=True, kw_only=True)
class Wrap:
    """The axes along which an image has no border."""

    x: bool
    y: bool

    def along(self, dim: int) -> bool:
        """Whether dimension `dim` of an image tensor wraps."""
        return self.x if dim == WIDTH else self.y


TORUS = Wrap(x=True, y=True)
PLANE = Wrap(x=False, y=False)


def roll(image: Float[Tensor, "b c h w"], dy: int, dx: int) -> Float[Tensor, "b c h w"]:
    """The image shifted down by `dy` and right by `dx` texels, around the torus."""
    return image.roll((dy, dx), (HEIGHT, WIDTH))


def continued(image: Float[Tensor, "b c h w"], margin: int, wrap: Wrap) -> Float[Tensor, "b c h+m w+m"]:
    """The image continued by `margin` texels to the right and below, along the axes that wrap.

    A window of side `margin` + 1 then starts at every texel. The margin may be longer than the image.
    """
    for dim in (HEIGHT, WIDTH):
        if wrap.along(dim) and margin:
            indices = torch.arange(image.shape[dim] + margin, device=image.device) % image.shape[dim]
            image = image.index_select(dim, indices) if margin > image.shape[dim] else _appended(image, dim, margin)
    return image


def resize(image: Float[Tensor, "b c h w"], height: int, width: int, wrap: Wrap) -> Float[Tensor, "b c height width"]:
    """Bicubic resampling (Keys 1981) of any factor; widened against aliasing where it shrinks.

    It commutes exactly with rolling by whole texels of both grids along an axis that wraps; elsewhere the border
    texels go on.
    """
    for dim, length in ((HEIGHT, height), (WIDTH, width)):
        if image.shape[dim] != length:
            image = _resample(image, dim, length, wrap.along(dim))
    return image


def _appended(image: Tensor, dim: int, margin: int) -> Tensor:
    return torch.cat((image, image.narrow(dim, 0, margin)), dim)


def _resample(image: Tensor, dim: int, length: int, wraps: bool) -> Tensor:
    indices, weights = _taps(image.shape[dim], length, wraps)
    shape = [1] * image.ndim
    shape[dim] = length
    result = torch.zeros((), dtype=image.dtype, device=image.device)
    for index, weight in zip(indices.to(image.device), weights.to(image), strict=True):
        result = result + image.index_select(dim, index) * weight.view(shape)
    return result


def _taps(old: int, new: int, wraps: bool) -> tuple[Int[Tensor, "taps new"], Float[Tensor, "taps new"]]:
    """Which old samples each new one is made of, and their weights.

    Positions are kept as fractions of 2 * new in whole numbers, and the weights computed for one period of the two
    grids only, so that they repeat exactly around the torus.
    """
    periods = math.gcd(old, new)
    position = (2 * torch.arange(new) + 1) * old - new
    first = position.div(2 * new, rounding_mode="floor")
    fraction = (position - first * 2 * new)[: new // periods].double() / (2 * new)
    widening = max(old / new, 1.0)
    reach = int(2 * widening + 1)
    offsets = torch.arange(-reach, reach + 1)[:, None]
    weights = _keys((offsets - fraction) / widening)
    indices = first + offsets
    indices = indices % old if wraps else indices.clamp(0, old - 1)
    return indices, (weights / weights.sum(0)).repeat(1, periods)


def _keys(x: Tensor) -> Tensor:
    """Keys' cubic convolution kernel (1981, eq. 15)."""
    x, a = x.abs(), _KEYS_A
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return torch.where(x <= 1, near, torch.where(x < 2, far, torch.zeros_like(x)))
