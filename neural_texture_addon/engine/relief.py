"""Height and normal maps, each made from the other, and how far two agree. Estimates nothing.

A height map is 0 to 1; its relief, in texels, is what 1 is higher than 0. A normal map holds the surface's unit normal
n as (n + 1) / 2: red to the right; green upwards (OpenGL) or downwards (DirectX); blue out of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..job.description import Green, MapKind
from . import fourier, stacked, torus
from .normals import flipped

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


def agreement_in(stack: Float[Tensor, "1 c h w"], maps: tuple[MapKind, ...], wrap: torus.Wrap) -> float | None:
    """Of the normals and the height in a stack of these `maps`, -1 to 1; None if it lacks one, or all is flat."""
    if MapKind.NORMAL not in maps or MapKind.HEIGHT not in maps:
        return None
    stack = stack.cpu()  # in double precision, which Apple's devices don't have
    normal, heights = (stack[:, stacked.channels_of(kind, maps)] for kind in (MapKind.NORMAL, MapKind.HEIGHT))
    return agreement(normal, heights, wrap)


def agreement(normals: Float[Tensor, "1 3 h w"], heights: Float[Tensor, "1 1 h w"], wrap: torus.Wrap) -> float | None:
    """The cosine between the slopes of two surfaces, over all texels: the one that the normals say, and the other.

    1: it is the same surface, however steep. 0: they have nothing to do with each other. None if one of them is flat.
    What no surface has, the curl of the normals, is left out on the way.
    """
    said, relief = height(normals, wrap)
    one, other = (torch.cat(fourier.slopes(surface, wrap)) for surface in (said, heights))
    lengths = float(one.norm() * other.norm())
    return float((one * other).sum()) / lengths if relief and lengths > _FLAT else None
