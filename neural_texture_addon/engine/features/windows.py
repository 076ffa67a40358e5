"""Small windows as they are, by their principal components: features that tell one window from another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch

from ...job.description import NearestPatches
from ..torus import Wrap
from .lens import ALL, Maps
from .patches import Filters, PatchLens, draw_jitter, draw_offset
from .view import Sight

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor


class WindowView:
    """Filters that are all the principal components of the exemplars' windows, the largest first.

    So they show what a window's texels do, and the first few tell of most of it. Their offset is drawn anew at each
    iteration.
    """

    def __init__(
        self, spec: NearestPatches, exemplars: list[Float[Tensor, "1 c h w"]], wrap: Wrap, generator: Generator
    ) -> None:
        channels, size = exemplars[0].shape[1], spec.size
        texels = torch.eye(channels * size**2).view(-1, channels, size, size)
        each = Filters(kernels=texels.to(exemplars[0]), offset=torch.zeros(2))
        windows = [
            each.sampled(image, draw_jitter(image, size, min(spec.candidates, _count(image, size)), generator))
            for image in exemplars
        ]
        components = _principal(torch.cat(windows, 1))
        self._kernels = components.view(-1, channels, size, size)
        self.exemplars: list[Maps] = [{ALL: (components @ seen)[:, None]} for seen in windows]
        self._wrap, self._stride = wrap, spec.stride

    def draw(self, _shape: Sequence[int], generator: Generator) -> list[Tensor]:
        """Another offset."""
        return [draw_offset(generator)]

    def sight(self, _shape: Sequence[int], drawn: Iterator[Tensor]) -> Sight:
        """Through the same filters, there."""
        filters = Filters(kernels=self._kernels, offset=next(drawn))
        return Sight(lens=PatchLens(filters=filters, wrap=self._wrap, apart=self._stride), exemplars=self.exemplars)


def _principal(windows: Float[Tensor, "t n"]) -> Float[Tensor, "t t"]:
    """Directions at right angles, the one first along which they differ most: unit vectors."""
    centred = windows - windows.mean(1, keepdim=True)
    centred = (centred.cpu() if centred.device.type == "mps" else centred).double()  # Apple's devices have no doubles
    directions = torch.linalg.eigh(centred @ centred.T).eigenvectors
    return directions.flip(1).T.to(windows).contiguous()


def _count(image: Tensor, size: int) -> int:
    """Of all windows."""
    return (image.shape[2] - size + 1) * (image.shape[3] - size + 1)
