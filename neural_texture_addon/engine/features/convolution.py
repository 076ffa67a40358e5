"""A convolution of 3 x 3 with its rectifier: as one function, whose gradient needs nothing but its result.

Torch's own keeps what goes into each convolution besides, with its margins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from ..torus import Wrap, folded, surrounded, surrounding, with_margin

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class Kernel:
    """Of one convolution."""

    weight: Float[Tensor, "o i 3 3"]
    bias: Float[Tensor, " o"]
    adjoint: Float[Tensor, "i o 3 3"]
    """The weight of its transpose, which is a convolution as well."""

    @classmethod
    def of(cls, weight: Float[Tensor, "o i 3 3"], bias: Float[Tensor, " o"]) -> Kernel:
        """Channels side by side, as they are multiplied fastest on any device."""
        side_by_side = {"memory_format": torch.channels_last}
        adjoint = weight.flip(2, 3).transpose(0, 1)
        return cls(weight=weight.contiguous(**side_by_side), bias=bias, adjoint=adjoint.contiguous(**side_by_side))

    def to(self, like: Tensor) -> Kernel:
        """On its device, in its precision."""
        return Kernel(weight=self.weight.to(like), bias=self.bias.to(like), adjoint=self.adjoint.to(like))


def rectified(image: Float[Tensor, "b i h w"], kernel: Kernel, wrap: Wrap) -> Float[Tensor, "b o h w"]:
    """The convolution's responses where they are positive, else 0. At a border the image is mirrored."""
    return _Rectified.apply(image, kernel.to(image), wrap)


class _Rectified(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, image: Tensor, kernel: Kernel, wrap: Wrap) -> Tensor:
        around = surrounded(image, 1, wrap)
        if image.device.type == "cuda" and image.dtype == torch.bfloat16:  # in one go
            once = (1, 1), (0, 0), (1, 1), 1
            responses = torch.cudnn_convolution_relu(around, kernel.weight, kernel.bias, *once)
        else:
            responses = functional.conv2d(around, kernel.weight, kernel.bias).relu_()
        context.kernel, context.wrap = kernel, wrap
        context.save_for_backward(responses)
        return responses

    @staticmethod
    def backward(context: Any, slopes: Tensor) -> tuple[Tensor, None, None]:
        kernel, wrap = context.kernel, context.wrap
        (responses,) = context.saved_tensors
        if wrap.x and wrap.y:
            around, inside = with_margin(slopes, 1)
            torch.ops.aten.threshold_backward.grad_input(slopes, responses, 0, grad_input=inside)
            return functional.conv2d(surrounding(around, 1, wrap), kernel.adjoint), None, None
        slopes = torch.ops.aten.threshold_backward(slopes, responses, 0)
        return folded(functional.conv_transpose2d(slopes, kernel.weight), 1, wrap), None, None


def halved(maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h/2 w/2"]:
    """The averages of 2 x 2 places; an odd last row or column is left out."""
    return _Halved.apply(maps)


class _Halved(torch.autograd.Function):
    """As torch's `avg_pool2d`, whose gradient takes many times as long on a graphics card."""

    @staticmethod
    def forward(context: Any, maps: Tensor) -> Tensor:
        context.size = maps.shape
        if maps.device.type == "cpu":
            return functional.avg_pool2d(maps, 2)
        height, width = (length // 2 * 2 for length in maps.shape[2:])
        rows = maps[:, :, 0:height:2, :width] + maps[:, :, 1:height:2, :width]
        return (rows[..., 0::2] + rows[..., 1::2]).div_(4)

    @staticmethod
    def backward(context: Any, slopes: Tensor) -> Tensor:
        batch, channels, height, width = context.size
        whole = slopes.new_zeros if height % 2 or width % 2 else slopes.new_empty
        each = whole(batch, height, width, channels).permute(0, 3, 1, 2)  # channels side by side
        fours = each[:, :, : height // 2 * 2, : width // 2 * 2].unflatten(3, (-1, 2)).unflatten(2, (-1, 2))
        fours.copy_((slopes / 4)[:, :, :, None, :, None])
        return each
