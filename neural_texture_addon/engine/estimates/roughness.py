"""Roughness estimated from colour: rough where it is restless. The weakest of the guesses: gloss hardly shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ...job.description import Estimates
from .. import fourier, torus
from .illumination import brightness

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_GRAIN, _AROUND = 1 / 340, 1 / 170
"""What counts as restlessness, and over what it is averaged, as shares of the shorter side."""


def estimated(colour: Float[Tensor, "1 3 h w"], wanted: Estimates, wrap: torus.Wrap) -> Float[Tensor, "1 1 h w"]:
    """`roughness`, and up to `roughness_contrast` more or less by the contrast of brightness around each texel."""
    bright, side = brightness(colour), min(colour.shape[2:])
    grain = bright - fourier.blurred(bright, _GRAIN * side, wrap)
    contrast = fourier.blurred(grain.square(), _AROUND * side, wrap).clamp_min(0).sqrt()
    deviation = (contrast - contrast.mean()) / contrast.std(correction=0).clamp_min(1e-6)
    return (wanted.roughness + wanted.roughness_contrast * torch.tanh(deviation)).clamp(0, 1).float()
