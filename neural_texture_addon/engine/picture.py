"""A picture in the shape of the canvas: the content image, or one to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..job.description import Canvas, Fit, MapKind, Picture
from . import image_file, memory, torus

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_COPIES = 3
"""Of the picture while it is brought to the canvas's size."""


def load(picture: Picture, canvas: Canvas) -> Float[Tensor, "1 colour height width"]:
    """The picture at the canvas's final size, values 0 to 1, on the CPU. Raises InputError."""
    texels = image_file.read(picture.path, MapKind.COLOUR).values
    memory.check_can_be_read(picture.path, canvas.width, canvas.height, _COPIES * texels.shape[1] * texels.itemsize)
    match picture.fit:
        case Fit.CROP:
            fitted = torus.resize(_cropped(texels, canvas), canvas.height, canvas.width, torus.PLANE)
        case Fit.WRAP:
            fitted = torus.resize(texels, canvas.height, canvas.width, torus.wrap_of(canvas))
        case Fit.MIRROR:
            fitted = _mirrored(_cropped(texels, canvas), canvas)
    return fitted.clamp(0, 1)


def _cropped(texels: Tensor, canvas: Canvas) -> Tensor:
    """The largest part about the middle with the canvas's proportions, to the nearest texel."""
    height, width = texels.shape[2:]
    kept_height = min(height, max(1, round(width * canvas.height / canvas.width)))
    kept_width = min(width, max(1, round(height * canvas.width / canvas.height)))
    top, left = (height - kept_height) // 2, (width - kept_width) // 2
    return texels[:, :, top : top + kept_height, left : left + kept_width]


def _mirrored(texels: Tensor, canvas: Canvas) -> Tensor:
    """Four copies, each in a quarter of the canvas and each the mirror image of its neighbours."""
    doubled = torch.cat((texels, texels.flip(torus.WIDTH)), torus.WIDTH)
    narrow = torus.resize(doubled, texels.shape[2], canvas.width, torus.TORUS)  # first: it saves memory
    doubled = torch.cat((narrow, narrow.flip(torus.HEIGHT)), torus.HEIGHT)
    return torus.resize(doubled, canvas.height, canvas.width, torus.TORUS)
