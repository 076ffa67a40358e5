"""Random linear filters over small windows: features that need no weights.

A distribution of windows is fixed by its projections on all directions (Cramér & Wold 1936); a few random directions,
drawn anew at each iteration, see all of it in time (Elnekave & Weiss 2022).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional, grad

from ..torus import HEIGHT, WIDTH, Wrap, stretch
from .lens import ALL, Maps, Piece, Span, crossed, divided

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor


_FEW = 4
"""Channels of an image that are fewer than a processor computes at once."""
SAMPLED_AT_ONCE = 2**13
"""Windows that a processor cuts out at once: their texels stay in its cache."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Filters:
    """One draw of filters."""

    kernels: Float[Tensor, "f c size size"]
    """Each of unit length."""
    offset: Float[Tensor, " axes"]
    """Where the first window is, downwards and to the right: 0 to 1, of the places where it may be. On the CPU, or on
    the image's device: then nothing waits for it."""

    def __call__(self, image: Float[Tensor, "1 c h w"], wrap: Wrap, stride: int) -> Float[Tensor, "f n"]:
        """Each filter's response to every stride-th window."""
        side = self.kernels.shape[-1]
        for dim, (first, count) in zip((HEIGHT, WIDTH), self.windows(image.shape[2:], wrap, stride), strict=True):
            image = stretch(image, dim, first, (count - 1) * stride + side)
        return _every(stride, image, self.kernels.to(image)).flatten(2).squeeze(0)

    def windows(self, size: Sequence[int], wrap: Wrap, stride: int) -> list[tuple[Any, int]]:
        """Of an image of this height and width: the first texel of the first window and their number, on each axis.

        The number is the same for all offsets, and over all of them each window counts alike (at a border half).
        """
        side = self.kernels.shape[-1]
        shares = self.offset.tolist() if self.offset.device.type == "cpu" else self.offset
        return [
            _windows(share, length if wrap.along(dim) else length - side + 1, stride, wraps=wrap.along(dim))
            for dim, length, share in zip((HEIGHT, WIDTH), size, shares, strict=True)
        ]

    def sampled(self, image: Float[Tensor, "1 c h w"], jitter: Float[Tensor, "2 rows columns"]) -> Float[Tensor, "f n"]:
        """Each filter's response to windows spread over an image that does not wrap.

        One window from a random place in each cell of a grid: on a lattice, as with a stride, a pattern whose period
        is the lattice's would show one of its phases only. `jitter` (0 to 1) is where in its cell.
        """
        filters, channels, size, _ = self.kernels.shape
        shapes, places = ((-1, 1), (1, -1)), [length - size + 1 for length in image.shape[2:]]
        top, left = (
            ((torch.arange(shift.shape[axis], device=shift.device).view(shape) + shift) * (place / shift.shape[axis]))
            .long()
            .clamp_max(place - 1)
            .flatten()
            .to(image.device)
            for axis, (shape, shift, place) in enumerate(zip(shapes, jitter, places, strict=True))
        )
        height, width = image.shape[2:]
        from_each_on = image.flatten().unfold(0, size, 1)
        first = top * width + left
        rows = (torch.arange(channels)[:, None] * height + torch.arange(size)).flatten().to(image.device) * width
        kernels, found = self.kernels.to(image).flatten(1), image.new_empty(filters, len(first))
        some = SAMPLED_AT_ONCE if image.device.type == "cpu" else len(first)
        for few, responses in zip(first.split(some), found.split(some, 1), strict=True):
            windows = from_each_on.index_select(0, (few[:, None] + rows).flatten())
            torch.mm(kernels, windows.view(len(few), -1).T, out=responses)
        return found


@dataclass(frozen=True, kw_only=True, eq=False)
class PatchLens:
    """One draw of filters, moved over a canvas."""

    filters: Filters
    wrap: Wrap
    apart: int
    """Texels between neighbouring windows."""

    def fitted(self, canvas: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c h w"]:
        """As it is."""
        return canvas

    def look(self, image: Float[Tensor, "1 c h w"]) -> Maps:
        """The responses have lost their places: f, 1, windows."""
        return {ALL: self.filters(image, self.wrap, self.apart)[:, None]}

    def pieces(self, size: tuple[int, int], side: int, layers: Collection[str]) -> list[Piece]:
        """Each has the texels of its windows."""
        axes = []
        for first, count in self.filters.windows(size, self.wrap, self.apart):
            first = int(first)
            after = first + self.filters.kernels.shape[-1] - self.apart
            ends = divided(count * self.apart, side, self.apart)
            axes.append([Span(start=start, stop=stop, before=-first, after=after) for start, stop in ends])
        return crossed(axes[0], axes[1], layers)

    def look_at(self, _piece: Piece, texels: Float[Tensor, "1 c r k"]) -> Maps:
        """The responses at their places."""
        return {ALL: _every(self.apart, texels, self.filters.kernels.to(texels)).squeeze(0)}

    def some(self, chosen: slice) -> PatchLens:
        """With these filters only."""
        return replace(self, filters=replace(self.filters, kernels=self.filters.kernels[chosen]))

    def carried_back(self, piece: Piece, slopes: Float[Tensor, "f rows columns"]) -> Float[Tensor, "1 c r k"]:
        """As any `LinearLens`."""
        return _carried_back(slopes[None], self.filters.kernels.to(slopes), self.apart, piece.seen)

    def stride(self, _layer: str) -> int:
        """As far as the windows are apart."""
        return self.apart


def _every(stride: int, image: Tensor, kernels: Tensor) -> Tensor:
    """Each kernel's response to every stride-th window."""
    if image.device.type != "cpu":
        return functional.conv2d(image, kernels, stride=stride)
    return _Responses.apply(image, kernels, stride)


class _Responses(torch.autograd.Function):
    """conv2d of an image with constant kernels. Its gradient is one, too, with texels of equal phase as channels.

    torch's own is slower on a CPU: ten times with a stride.
    """

    @staticmethod
    def forward(
        context: Any, image: Float[Tensor, "1 c h w"], kernels: Float[Tensor, "f c k k"], stride: int
    ) -> Tensor:
        context.save_for_backward(kernels)
        context.stride, context.sides = stride, image.shape[2:]
        return functional.conv2d(image, kernels, stride=stride)

    @staticmethod
    def backward(context: Any, slopes: Float[Tensor, "1 f rows columns"]) -> tuple[Tensor, None, None]:
        (kernels,) = context.saved_tensors
        return _carried_back(slopes, kernels, context.stride, context.sides), None, None


def _carried_back(slopes: Tensor, kernels: Tensor, stride: int, sides: Sequence[int]) -> Tensor:
    """The gradient of an image of this height and width for that of the responses."""
    height, width = sides
    if slopes.device.type != "cpu":
        return grad.conv2d_input((1, kernels.shape[1], height, width), kernels, slopes, stride)
    few = stride == 1 and kernels.shape[1] <= _FEW
    found = _of_four(slopes, kernels) if few else _of_phases(slopes, kernels, stride)
    rows, columns = found.shape[2:]
    return functional.pad(found, (0, width - columns, 0, height - rows))


def _of_phases(slopes: Tensor, kernels: Tensor, stride: int) -> Tensor:
    """The gradient of an image that may be larger, if no window reaches its end, or smaller."""
    surplus = -kernels.shape[-1] % stride
    phases = functional.pixel_unshuffle(functional.pad(kernels, (0, surplus, 0, surplus)), stride)
    found = functional.conv2d(slopes, phases.flip(2, 3).transpose(0, 1), padding=phases.shape[-1] - 1)
    return functional.pixel_shuffle(found, stride)


def _of_four(slopes: Tensor, kernels: Tensor) -> Tensor:
    """The gradient without a stride, of 2 x 2 texels at once: registers hold 16 numbers, and a colour has three."""
    filters, channels, size, _ = kernels.shape
    four = kernels.new_zeros(channels, 2, 2, filters, size + 1, size + 1)
    for down, right in itertools.product(range(2), repeat=2):
        four[:, down, right, :, down : down + size, right : right + size] = kernels.flip(2, 3).transpose(0, 1)
    odd = [(length + size - 1) % 2 for length in slopes.shape[2:]]  # one row or column more, before the first
    found = functional.conv2d(slopes, four.flatten(0, 2), stride=2, padding=[size - 1 + extra for extra in odd])
    return functional.pixel_shuffle(found, 2)[:, :, odd[0] :, odd[1] :]


def draw_offset(generator: Generator) -> Float[Tensor, " axes"]:
    """Uniform."""
    return torch.rand(2, generator=generator, dtype=torch.float64)


def draw_jitter(
    image: Float[Tensor, "1 c h w"], size: int, count: int, generator: Generator
) -> Float[Tensor, "2 rows columns"]:
    """Uniform, for about `count` windows of this size."""
    places = [length - size + 1 for length in image.shape[2:]]
    rows = min(max(round(math.sqrt(count * places[0] / places[1])), 1), places[0])
    return torch.rand(2, rows, min(max(round(count / rows), 1), places[1]), generator=generator)


def _windows(share: Tensor | float, starts: int, stride: int, *, wraps: bool) -> tuple[Any, int]:
    """The first and their number, where the first may be at one of `starts` places."""
    count, reach = max(starts // stride, 1), min(stride, starts)
    left = starts - count * reach
    if wraps and left:
        return _at(share, starts), count
    choice = _at(share, 2 * reach)  # as far from the beginning or from the end
    return choice // 2 + left * (choice % 2), count


def _at(share: Tensor | float, places: int) -> Any:
    """At which of so many places that share of the way ends; of a tensor, a tensor on its device."""
    if isinstance(share, float):
        return min(int(share * places), places - 1)
    return (share * places).long().clamp_max(places - 1)
