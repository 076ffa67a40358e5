"""VGG-19 on the torus for a graphics card: nothing passes through its memory but what comes out of each convolution.

The same as `Network.run` with averages for its pooling, in bfloat16. Margins, averages, the rectifier's gradient and
sums of gradients are parts of what reads or writes a convolution's responses anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from .. import fused
from .convolution import Kernel

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def takes(kernels: Sequence[Kernel]) -> bool:
    """Whether it runs them: in bfloat16, on a card whose Triton works."""
    first = kernels[0].weight
    return (
        first.dtype == torch.bfloat16
        and fused.works(first.device)
        and all(fused.takes(len(kernel.weight)) for kernel in kernels)
    )


def run(
    image: Float[Tensor, "b 3 h w"], kernels: Sequence[Kernel], poolings: Mapping[int, int], wanted: Sequence[int]
) -> list[Float[Tensor, "b c h w"]]:
    """The rectified responses of the wanted kernels; the image is in single precision.

    `poolings` has their number before each kernel; they divide the image's sides.
    """
    halves = [poolings[number] > poolings.get(number - 1, 0) for number in range(max(wanted) + 1)]
    return list(_Run.apply(image, list(zip(kernels, halves, strict=False)), list(wanted)))


class _Run(torch.autograd.Function):
    @staticmethod
    def forward(
        context: Any, image: Tensor, kernels: list[tuple[Kernel, bool]], wanted: list[int]
    ) -> tuple[Tensor, ...]:
        responses: list[Tensor] = []
        for kernel, halve in kernels:
            if not responses:
                responses.append(fused.first_rectified(image, kernel.weight, kernel.bias))
                continue
            around = fused.surrounded(responses[-1], halve=halve)
            once = (1, 1), (0, 0), (1, 1), 1
            responses.append(torch.cudnn_convolution_relu(around, kernel.weight, kernel.bias, *once))
        context.kernels, context.wanted = kernels, wanted
        context.set_materialize_grads(False)
        context.responses = [each.detach() for each in responses]  # not saved for good: each goes once it is used
        return tuple(responses[number] for number in wanted)

    @staticmethod
    def backward(context: Any, *slopes: Tensor | None) -> tuple[Tensor | None, None, None]:
        deeper = None
        for number, (kernel, _) in reversed(list(enumerate(context.kernels))):
            own = slopes[context.wanted.index(number)] if number in context.wanted else None
            those = [each for each in (own, deeper) if each is not None]
            responses = context.responses.pop()
            if number == 0:
                deeper = fused.first_sloped(responses, those, kernel.weight) if those else None
            elif those:
                around = fused.sloped(responses, those)
                del responses, those, deeper
                deeper = functional.conv2d(around, kernel.adjoint)
        return deeper, None, None
