"""Height and normal maps, each made from the other. Estimates nothing: both say the same of a surface.

A height map is 0 to 1; its relief, in texels, is what 1 is higher than 0. A normal map holds the surface's unit normal
n as (n + 1) / 2: red to the right; green upwards (OpenGL) or downwards (DirectX); blue out of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..job.description import Green
from . import fourier, torus

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_LEAST_BLUE = 0.02
"""Of a normal: what faces still further sideways (or away, which no height can) is taken for this steep."""
_FLAT = 1e-6
"""Texels of relief that are rounding."""


def normals(
    height: Float[Tensor, "1 1 h w"], relief: float, wrap: torus.Wrap, green: Green = Green.OPENGL
) -> Float[Tensor, "1 3 h w"]:
    """The normal map of a height map, values 0 to 1."""
    down, right = (relief * slope for slope in fourier.slopes(height, wrap))
    upwards = torch.cat((-right, down, torch.ones_like(down)), 1)
    made = ((upwards / upwards.norm(dim=1, keepdim=True) + 1) / 2).float()
    return flipped(made) if green is Green.DIRECTX else made


def height(
    normals: Float[Tensor, "1 3 h w"], wrap: torus.Wrap, green: Green = Green.OPENGL
) -> tuple[Float[Tensor, "1 1 h w"], float]:
    """The height map, 0 at the deepest and 1 at the highest place, whose normals come nearest to these; its relief.

    Exact for the normals of a smooth surface; of others the part that no height has (their curl) is left out
    (Frankot & Chellappa 1988). A flat surface is 0.5 with a relief of 0.
    """
    texels = torch.as_tensor(flipped(normals) if green is Green.DIRECTX else normals).double() * 2 - 1
    right, upwards, out = texels.split(1, 1)
    out = out.clamp_min(_LEAST_BLUE)
    surface = fourier.integrated(upwards / out, -right / out, wrap)
    low, relief = surface.min(), float(surface.max() - surface.min())
    if relief < _FLAT:
        return torch.full_like(right, 0.5).float(), 0.0
    return ((surface - low) / relief).float(), relief


def flipped(normals: Float[Tensor, "1 3 h w"]) -> Float[Tensor, "1 3 h w"]:
    """An OpenGL normal map as DirectX has it, and the other way round."""
    red, green, blue = normals.split(1, 1)
    return torch.cat((red, 1 - green, blue), 1)
