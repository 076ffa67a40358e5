"""What a graphics card does in one go, in place of several passes through its memory (Triton).

Only where a torus is looked at through a network in bfloat16, or nearest windows are looked for; all of it is done by
torch alone, too, where Triton is not there or can't compile.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import torch

from . import precision, torus

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor

LEAST = 16
"""Channels: fewer make no product of matrices."""


@cache
def works(device: torch.device) -> bool:
    """Whether Triton is there, and finds what torch finds: a machine may lack the compiler that it asks for."""
    if device.type != "cuda" or precision.of_network(device) != torch.bfloat16:
        return False
    image = torch.arange(4.0 * LEAST, device=device).bfloat16().view(1, 2, 2, LEAST).movedim(3, 1)
    try:
        return torch.equal(surrounded(image), torus.surrounded(image, 1, torus.TORUS))
    except Exception:  # of any class: there are many ways to lack a compiler
        return False


def takes(channels: int) -> bool:
    """Whether there are kernels for so many."""
    return channels >= LEAST and channels & (channels - 1) == 0


def surrounded(image: Float[Tensor, "b c h w"], *, halve: bool = False) -> Float[Tensor, "b c h/1|2+2 w/1|2+2"]:
    """The image, or the averages of its 2 x 2 texels, continued by a texel on all sides around the torus.

    Channels lie side by side, before and after.
    """
    from . import fused_kernels

    texels = _side_by_side(image)
    batch, height, width, channels = texels.shape
    height, width = height // (1 + halve), width // (1 + halve)
    found = texels.new_empty(batch, height + 2, width + 2, channels)
    fused_kernels.surround(texels, found, halve=halve)
    return found.movedim(3, 1)


def sloped(
    responses: Float[Tensor, "b c h w"], slopes: list[Float[Tensor, "b c h|h/2 w|w/2"]]
) -> Float[Tensor, "b c h+2 w+2"]:
    """The gradient before a rectifier that gave these responses, continued like that; `slopes` are added up.

    One of half the size is that of the averages of 2 x 2 texels.
    """
    from . import fused_kernels

    texels = _side_by_side(responses)
    batch, height, width, channels = texels.shape
    found = texels.new_empty(batch, height + 2, width + 2, channels)
    fused_kernels.slope(texels, [_side_by_side(each) for each in slopes], found)
    return found.movedim(3, 1)


def first_rectified(
    image: Float[Tensor, "b 3 h w"], weight: Float[Tensor, "o 3 3 3"], bias: Float[Tensor, " o"]
) -> Float[Tensor, "b o h w"]:
    """A convolution of colours on the torus with its rectifier; the image in single precision."""
    from . import fused_kernels

    batch, _, height, width = image.shape
    found = weight.new_empty(batch, height, width, len(weight))
    rows = weight.flatten(1).T  # 27: a colour's nine taps, then the next one's
    rows = torch.nn.functional.pad(rows, (0, 0, 0, -len(rows) % (2 * LEAST))).contiguous()
    fused_kernels.first(image.contiguous(), rows, bias, found)
    return found.movedim(3, 1)


def first_sloped(
    responses: Float[Tensor, "b o h w"],
    slopes: list[Float[Tensor, "b o h|h/2 w|w/2"]],
    weight: Float[Tensor, "o 3 3 3"],
) -> Float[Tensor, "b 3 h w"]:
    """The gradient of its image, in single precision, `slopes` being as of `sloped`."""
    from . import fused_kernels

    texels = _side_by_side(responses)
    batch, height, width, _ = texels.shape
    columns = weight.flatten(1)  # 27: a colour's nine taps, then the next one's
    parts = weight.new_empty(columns.shape[1], batch, height, width)
    columns = torch.nn.functional.pad(columns, (0, -columns.shape[1] % (2 * LEAST))).contiguous()
    found = torch.empty(batch, weight.shape[1], height, width, device=weight.device)
    fused_kernels.slope_of_first(texels, [_side_by_side(each) for each in slopes], columns, parts, found)
    return found


def nearest(
    seen: Float[Tensor, "m f"], windows: Float[Tensor, "n f"], lengths: Float[Tensor, " n"]
) -> Int[Tensor, " m"]:
    """Of each of `seen`, the index of the window of the least squared length minus twice their product.

    In half precision, summed in single; `lengths` are in single precision.
    """
    from . import fused_kernels

    features = max(LEAST, 1 << (seen.shape[1] - 1).bit_length())
    seen, windows = (
        torch.nn.functional.pad(each, (0, features - each.shape[1])).contiguous() for each in (seen, windows)
    )
    found = torch.empty(len(seen), dtype=torch.int32, device=seen.device)
    fused_kernels.nearest(seen, windows, lengths, found)
    return found.long()


def _side_by_side(maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b h w c"]:
    return maps.movedim(1, 3).contiguous()
