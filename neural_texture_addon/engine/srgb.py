"""Display-encoded numbers and scene-linear light (sRGB, IEC 61966-2-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def linear(encoded: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    """Light, of numbers from 0 up."""
    curve = ((encoded.clamp_min(0) + 0.055) / 1.055) ** 2.4
    return torch.where(encoded <= 0.04045, encoded / 12.92, curve)


def encoded(linear: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    """What a display is sent for light from 0 up."""
    curve = 1.055 * linear.clamp_min(0) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, curve)
