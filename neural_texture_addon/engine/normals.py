"""Normal maps: unit vectors, stored as numbers from 0 to 1. Wraps nothing around, knows no height.

A vector is 2 * (red, green, blue) - 1: to the right, up the image, towards the viewer (OpenGL's convention).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..job.description import MapKind
from . import stacked

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

GREEN = 1
_SHORTEST = 1e-4
"""A vector with no direction to speak of."""


def vectors(texels: Float[Tensor, "1 3 h w"]) -> Float[Tensor, "1 3 h w"]:
    """Of unit length; where the numbers say no direction, towards the viewer."""
    found = 2 * texels - 1
    length = torch.linalg.vector_norm(found, dim=1, keepdim=True)
    towards = found.new_tensor((0.0, 0.0, 1.0)).view(1, -1, 1, 1)
    return torch.where(length < _SHORTEST, towards, found / length.clamp_min(_SHORTEST))


def renormalised(texels: Float[Tensor, "1 3 h w"]) -> Float[Tensor, "1 3 h w"]:
    """Made of unit length again, as an average of unit vectors is shorter."""
    return (vectors(texels) + 1) / 2


def flipped(texels: Float[Tensor, "1 3 h w"]) -> Float[Tensor, "1 3 h w"]:
    """From OpenGL's convention to DirectX's, or back: the green upside down."""
    turned = texels.clone()
    turned[:, GREEN] = 1 - texels[:, GREEN]
    return turned


def renormalised_in(stack: Float[Tensor, "1 c h w"], maps: tuple[MapKind, ...]) -> Float[Tensor, "1 c h w"]:
    """A stack of these `maps` with its normals made of unit length again; the same tensor if it has none."""
    return stacked.changed(stack, maps, MapKind.NORMAL, renormalised)
