"""Whether a normal map and a height map show the same surface. Changes neither.

The slopes that normals say are those of a surface only as far as they have no curl. That part is found by projection
in the frequency domain (Frankot & Chellappa 1988, eq. 21), and compared with the slopes of the height. Heights have no
unit, so that only directions and proportions can agree, no steepness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..job.description import MapKind
from . import normals, stacked
from .torus import HEIGHT, WIDTH, Wrap

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_STEEPEST = 0.05
"""The least that a normal is taken to point towards the viewer: 87 degrees."""
_FINEST = 4
"""Wavelength in texels of the finest slopes that are compared: what is finer is mostly rounding and noise."""
_SMALL = 1e-12


def agreement_in(stack: Float[Tensor, "1 c h w"], maps: tuple[MapKind, ...], wrap: Wrap) -> float | None:
    """Of the normals and the height in a stack of these `maps`, -1 to 1; None if it lacks one, or all is flat."""
    if MapKind.NORMAL not in maps or MapKind.HEIGHT not in maps:
        return None
    normal, height = (stack[:, stacked.channels_of(kind, maps)] for kind in (MapKind.NORMAL, MapKind.HEIGHT))
    return agreement(normal, height, wrap)


def agreement(normal: Float[Tensor, "1 3 h w"], height: Float[Tensor, "1 1 h w"], wrap: Wrap) -> float | None:
    """The cosine between the curl-free part of the normals' slopes and the height's slopes, over all texels.

    1: of one surface. 0: they have nothing to do with each other. None if one of them is flat. Along an axis that does
    not wrap both are mirrored.
    """
    fields = torch.cat((slopes(normal), height.double() - height.double().mean()), 1)
    for dim, signs in ((HEIGHT, (1, -1, 1)), (WIDTH, (-1, 1, 1))):
        if not wrap.along(dim):
            fields = torch.cat((fields, fields.flip(dim) * fields.new_tensor(signs).view(1, -1, 1, 1)), dim)
    right, down, heights = torch.fft.rfft2(fields)[0]
    x, y = _frequencies(fields.shape[2], fields.shape[3], fields.device)
    squares = x.square() + y.square()
    counted = _multiplicity(fields.shape[3], fields.device) * (squares <= (2 * torch.pi / _FINEST) ** 2)
    ours = -1j * (x * right + y * down) / squares.clamp_min(_SMALL)  # the height that the normals say
    weight = counted * squares  # of products of slopes

    def product(one: Tensor, other: Tensor) -> float:
        return float((weight * (one * other.conj()).real).sum())

    lengths = product(ours, ours) * product(heights, heights)
    return product(ours, heights) / lengths**0.5 if lengths > _SMALL else None


def slopes(normal: Float[Tensor, "1 3 h w"]) -> Float[Tensor, "1 2 h w"]:
    """How much the surface rises from a texel to the next, to the right and downwards, in texels. Double precision."""
    right, up, towards = normals.vectors(normal.double()).unbind(1)
    return torch.stack((-right, up), 1) / towards.clamp_min(_STEEPEST)[:, None]


def _frequencies(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Of a real transform: along its columns and its rows, in radians a texel."""
    down = torch.fft.fftfreq(height, device=device, dtype=torch.float64)[:, None]
    right = torch.fft.rfftfreq(width, device=device, dtype=torch.float64)[None]
    return 2 * torch.pi * right, 2 * torch.pi * down


def _multiplicity(width: int, device: torch.device) -> Tensor:
    """How often each column of a real transform counts: most stand for their mirror image, too."""
    columns = torch.full((1, width // 2 + 1), 2.0, device=device, dtype=torch.float64)
    columns[0, 0] = 1
    if width % 2 == 0:
        columns[0, -1] = 1
    return columns
