"""Images seen as waves: a Gaussian blur of any width, and slopes and their integral. Knows no maps.

Exact on the torus, where rolling the image rolls the result (to rounding); along an axis that does not wrap the image
is mirrored at its border. All is computed in double precision, on the CPU.
"""

from __future__ import annotations

import math
from enum import Enum, auto
from typing import TYPE_CHECKING

import torch

from . import torus

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_LEAST = 1e-9
"""Of a squared response: below, a wave has no slopes to know it by."""


class Derivative(Enum):
    """What is meant by the slope at a texel."""

    CENTRAL = auto()
    """Half the difference of its two neighbours: it rings nowhere, and hardly sees the finest waves."""
    SPECTRAL = auto()
    """That of the waves themselves, as of a surface that was there before its texels. It rings at a cliff."""


def blurred(image: Float[Tensor, "b c h w"], radius: float, wrap: torus.Wrap) -> Float[Tensor, "b c h w"]:
    """Convolved with a Gaussian of that standard deviation in texels, as wide as may be."""
    whole = _whole(image, wrap)
    down, right = _frequencies(whole)
    gains = torch.exp(-0.5 * (radius * down) ** 2) * torch.exp(-0.5 * (radius * right) ** 2)
    return _image(torch.fft.rfft2(whole) * gains, whole, image)


def slopes(
    image: Float[Tensor, "b c h w"], wrap: torus.Wrap, derivative: Derivative = Derivative.CENTRAL
) -> tuple[Float[Tensor, "b c h w"], Float[Tensor, "b c h w"]]:
    """How much the values rise from texel to texel, downwards and to the right."""
    whole = _whole(image, wrap)
    if derivative is Derivative.CENTRAL:
        down, right = (whole.roll(-1, dim) - whole.roll(1, dim) for dim in (torus.HEIGHT, torus.WIDTH))
        return _inside(down, image) / 2, _inside(right, image) / 2
    waves = torch.fft.rfft2(whole)
    down, right = (_image(1j * response * waves, whole, image) for response in _responses(whole, derivative))
    return down, right


def integrated(
    down: Float[Tensor, "b c h w"],
    right: Float[Tensor, "b c h w"],
    wrap: torus.Wrap,
    derivative: Derivative = Derivative.SPECTRAL,
) -> Float[Tensor, "b c h w"]:
    """The image of mean 0 whose `slopes` are these, or in the least squares nearest to them.

    The projection onto integrable slopes (Frankot & Chellappa 1988). Slopes of an image give that image back
    but for its mean and, on sides of an even number of texels, its very finest waves, which have no slopes.
    """
    wholes = _whole(down, wrap, odd=torus.HEIGHT), _whole(right, wrap, odd=torus.WIDTH)
    responses = _responses(wholes[0], derivative)
    spectra = [-1j * response * torch.fft.rfft2(whole) for response, whole in zip(responses, wholes, strict=True)]
    waves, power = spectra[0] + spectra[1], responses[0].square() + responses[1].square()
    return _image(torch.where(power > _LEAST, waves / power.clamp_min(_LEAST), 0), wholes[0], down)


def _whole(image: Tensor, wrap: torus.Wrap, odd: int | None = None) -> Tensor:
    return torus.unfolded(image.double(), wrap, odd=odd)


def _image(waves: Tensor, whole: Tensor, like: Tensor) -> Tensor:
    return _inside(torch.fft.irfft2(waves, s=whole.shape[2:]), like)


def _inside(whole: Tensor, like: Tensor) -> Tensor:
    height, width = like.shape[2:]
    return whole[:, :, :height, :width].contiguous()


def _frequencies(whole: Tensor) -> tuple[Float[Tensor, "h 1"], Float[Tensor, "1 half"]]:
    """In radians a texel, downwards and to the right."""
    height, width = whole.shape[2:]
    down = torch.fft.fftfreq(height, dtype=torch.float64)[:, None]
    return 2 * math.pi * down, 2 * math.pi * torch.fft.rfftfreq(width, dtype=torch.float64)[None]


def _responses(whole: Tensor, derivative: Derivative) -> list[Tensor]:
    """What a wave's slope is, as a multiple of the wave a quarter of its length on."""
    frequencies = _frequencies(whole)
    if derivative is Derivative.CENTRAL:
        return [torch.sin(frequency) for frequency in frequencies]
    # a wave of two texels' length has no slope: it is nowhere known which way it goes
    return [torch.where(frequency.abs() < math.pi - _LEAST, frequency, 0) for frequency in frequencies]
