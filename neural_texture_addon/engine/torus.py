"""The topology of the canvas. The only module that wraps around: padding, rolling, resizing (but for `fused`,
which does the same for a graphics card, and is held against it).

An image is a tensor B,C,H,W. Along an axis that does not wrap it simply ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import torch

from ..job.description import Canvas, Tiling

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor

HEIGHT, WIDTH = 2, 3
"""The dimensions of an image tensor."""
_LARGEST_MATRIX = 2**22
"""Numbers of one by which a graphics card resizes."""
_KEYS_A = -0.5
"""Keys' (1981) parameter; -0.5 reproduces quadratics, torch's -0.75 overshoots more."""


@dataclass(frozen=True, kw_only=True)
class Wrap:
    """The axes along which an image has no border."""

    x: bool
    y: bool

    def along(self, dim: int) -> bool:
        """Whether dimension `dim` of an image tensor wraps."""
        return self.x if dim == WIDTH else self.y


TORUS = Wrap(x=True, y=True)
PLANE = Wrap(x=False, y=False)
_WRAPS = {
    Tiling.BOTH: TORUS,
    Tiling.X: Wrap(x=True, y=False),
    Tiling.Y: Wrap(x=False, y=True),
    Tiling.NONE: PLANE,
}


def wrap_of(canvas: Canvas) -> Wrap:
    """The canvas's topology."""
    return _WRAPS[canvas.tiling]


def roll(image: Float[Tensor, "b c h w"], dy: int, dx: int) -> Float[Tensor, "b c h w"]:
    """The image shifted down by `dy` and right by `dx` texels, around the torus."""
    return image.roll((dy, dx), (HEIGHT, WIDTH))


def stretch(image: Float[Tensor, "b c h w"], dim: int, first: int | Int[Tensor, ""], count: int) -> Tensor:
    """So many rows or columns from the first on; those beyond the border are found around the torus.

    A tensor for the first, on the image's device, is read there: nothing waits for it.
    """
    if isinstance(first, int):
        parts = [image.narrow(dim, *run) for run in _runs(first, first + count, image.shape[dim])]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim)
    return image.index_select(dim, (torch.arange(count, device=image.device) + first) % image.shape[dim])


def surrounded(image: Float[Tensor, "b c h w"], margin: int, wrap: Wrap) -> Float[Tensor, "b c h+2m w+2m"]:
    """The image continued by `margin` texels on all sides: around the torus, or mirrored at a border."""
    return _Surrounded.apply(image, margin, wrap)


def with_margin(image: Float[Tensor, "b c h w"], margin: int) -> tuple[Tensor, Tensor]:
    """An image without content, larger than this one by a margin on all sides; and the part of it inside."""
    batch, channels, height, width = image.shape
    size = batch, channels, height + 2 * margin, width + 2 * margin
    whole = torch.empty(size, dtype=image.dtype, device=image.device, memory_format=_format_of(image))
    return whole, _inside(whole, margin)


def surrounding(whole: Float[Tensor, "b c h+2m w+2m"], margin: int, wrap: Wrap) -> Tensor:
    """The same with its margins filled, as by `surrounded`."""
    for dim in (WIDTH, HEIGHT):
        for place, source in _margins(whole.shape[dim] - 2 * margin, margin, wrap.along(dim)):
            whole.select(dim, place).copy_(whole.select(dim, margin + source))
    return whole


def folded(whole: Float[Tensor, "b c h+2m w+2m"], margin: int, wrap: Wrap) -> Float[Tensor, "b c h w"]:
    """The margins of such an image added to the texels that they came from: the transpose of `surrounded`."""
    inside = _inside(whole, margin).clone(memory_format=_format_of(whole))
    height, width = inside.shape[HEIGHT:]
    columns = list(_margins(width, margin, wrap.x))
    for place, source in columns:
        inside[..., source] += whole[:, :, margin : margin + height, place]
    for place, source in _margins(height, margin, wrap.y):
        row = whole[:, :, place]
        inside[:, :, source] += row[..., margin : margin + width]
        for corner, column in columns:
            inside[:, :, source, column] += row[..., corner]
    return inside


def cut(image: Float[Tensor, "b c h w"], rows: tuple[int, int], columns: tuple[int, int]) -> Float[Tensor, "b c r k"]:
    """The texels from the first to before the second of these rows and columns; beyond the border those around it."""
    for dim, (start, stop) in ((HEIGHT, rows), (WIDTH, columns)):
        image = stretch(image, dim, start, stop - start)
    return image


def add(image: Float[Tensor, "b c h w"], piece: Float[Tensor, "b c r k"], top: int, left: int) -> None:
    """Adds, in place, to the texels that a `cut` from this row and column took; to some of them several times."""
    row = 0
    for y, height in _runs(top, top + piece.shape[HEIGHT], image.shape[HEIGHT]):
        column = 0
        for x, width in _runs(left, left + piece.shape[WIDTH], image.shape[WIDTH]):
            image[:, :, y : y + height, x : x + width] += piece[:, :, row : row + height, column : column + width]
            column += width
        row += height


def unfolded(
    image: Float[Tensor, "b c h w"], wrap: Wrap, *, odd: int | None = None
) -> Float[Tensor, "b c 1h|2h 1w|2w"]:
    """An image that wraps along both axes and begins with this one: beside it its mirror image, where it had a border.

    Along the dimension `odd` the mirror image is negative, as the slopes along it are of a mirrored surface.
    """
    for dim in (HEIGHT, WIDTH):
        if not wrap.along(dim):
            mirrored = image.flip(dim)
            image = torch.cat((image, -mirrored if dim == odd else mirrored), dim)
    return image


def differences(image: Float[Tensor, "b c h w"], wrap: Wrap) -> tuple[Tensor, Tensor]:
    """Each texel's next one minus itself, downwards and to the right; none at a border."""
    down, right = (
        (image.roll(-1, dim) - image).narrow(dim, 0, image.shape[dim] - (not wrap.along(dim)))
        for dim in (HEIGHT, WIDTH)
    )
    return down, right


def resize(
    image: Float[Tensor, "b c h w"], height: int, width: int, wrap: Wrap, *, roughly: bool = False
) -> Float[Tensor, "b c height width"]:
    """Bicubic resampling (Keys 1981) of any factor; widened against aliasing where it shrinks.

    It commutes exactly with rolling by whole texels of both grids along an axis that wraps; elsewhere the border
    texels go on. `roughly`: a graphics card may round the texels to eleven bits (TF32), many times as fast.
    """
    for dim, length in ((HEIGHT, height), (WIDTH, width)):
        if image.shape[dim] != length:
            image = _resample(image, dim, length, wrap.along(dim), roughly=roughly)
    return image


def filtered(image: Float[Tensor, "b c h w"], half: Sequence[float], wrap: Wrap) -> Float[Tensor, "b c h w"]:
    """Rows and columns convolved with a symmetric kernel: `half` of it, its centre first.

    The kernel may be longer than the image. Commutes exactly with rolling along an axis that wraps, as the taps are
    added in the same order everywhere; elsewhere the border texels go on.
    """
    reach = len(half) - 1
    for dim in (HEIGHT, WIDTH):
        length = image.shape[dim]
        indices = torch.arange(-reach, length + reach, device=image.device)
        indices = indices % length if wrap.along(dim) else indices.clamp(0, length - 1)
        around = image.index_select(dim, indices)
        image = image * half[0]
        for tap in range(1, reach + 1):
            before, after = around.narrow(dim, reach - tap, length), around.narrow(dim, reach + tap, length)
            image += (before + after).mul_(half[tap])
    return image


def _runs(start: int, stop: int, length: int) -> Iterator[tuple[int, int]]:
    """Where on the image a range of texels begins, and how far it goes until the border or its end; and so on."""
    while start < stop:
        first = start % length
        count = min(length - first, stop - start)
        yield first, count
        start += count


class _Surrounded(torch.autograd.Function):
    """As torch's `pad`, which is slow on a CPU where channels lie side by side: 38 ms for 5 at 64 x 256 x 256."""

    @staticmethod
    def forward(context: Any, image: Tensor, margin: int, wrap: Wrap) -> Tensor:
        context.margin, context.wrap = margin, wrap
        whole, inside = with_margin(image, margin)
        inside.copy_(image)
        return surrounding(whole, margin, wrap)

    @staticmethod
    def backward(context: Any, slopes: Tensor) -> tuple[Tensor, None, None]:
        return folded(slopes, context.margin, context.wrap), None, None


def _inside(image: Tensor, margin: int) -> Tensor:
    height, width = (length - 2 * margin for length in image.shape[HEIGHT:])
    return image[:, :, margin : margin + height, margin : margin + width]


def _format_of(image: Tensor) -> torch.memory_format:
    return torch.channels_last if image.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format


def _margins(length: int, margin: int, wraps: bool) -> Iterator[tuple[int, int]]:
    """Where the texels of a side's margins are, counted with the margins, and where they come from, without them.

    The margin may be longer than the side.
    """
    for place in (*range(margin), *range(margin + length, 2 * margin + length)):
        index = place - margin
        yield place, index % length if wraps else length - 1 - abs(index % max(2 * length - 2, 1) - (length - 1))


def _resample(image: Tensor, dim: int, length: int, wraps: bool, *, roughly: bool) -> Tensor:
    if image.device.type == "cuda" and image.shape[dim] * length <= _LARGEST_MATRIX << 2 * roughly:
        matrix = _matrix(image.shape[dim], length, wraps, image.dtype, image.device)
        return _Multiplied.apply(image, matrix, dim, "tf32" if roughly else "ieee")
    indices, weights = _taps_there(image.shape[dim], length, wraps, image.dtype, image.device)
    shape = [1] * image.ndim
    shape[dim] = length
    (index, weight), *others = zip(indices, weights, strict=True)
    result = image.index_select(dim, index).mul_(weight.view(shape))
    for index, weight in others:
        result += image.index_select(dim, index).mul_(weight.view(shape))  # in place: it may be of many gigabytes
    return result


class _Multiplied(torch.autograd.Function):
    """By a matrix along a dimension, on a graphics card."""

    @staticmethod
    def forward(context: Any, image: Tensor, matrix: Tensor, dim: int, precision: str) -> Tensor:
        context.given = matrix, dim, precision
        return _multiplied(image, matrix, dim, precision)

    @staticmethod
    def backward(context: Any, slopes: Tensor) -> tuple[Tensor, None, None, None]:
        matrix, dim, precision = context.given
        return _multiplied(slopes, matrix.T, dim, precision), None, None, None


def _multiplied(image: Tensor, matrix: Tensor, dim: int, precision: str) -> Tensor:
    products, before = torch.backends.cuda.matmul, torch.backends.cuda.matmul.fp32_precision
    products.fp32_precision = precision
    try:
        return matrix @ image if dim == HEIGHT else image @ matrix.T
    finally:
        products.fp32_precision = before


@cache
def _matrix(old: int, new: int, wraps: bool, number: torch.dtype, device: torch.device) -> Float[Tensor, "new old"]:
    """The same as one product: many small tasks keep a graphics card waiting."""
    indices, weights = _taps(old, new, wraps)
    return torch.zeros(old, new, dtype=torch.float64).scatter_add_(0, indices, weights).T.to(device, number)


@cache
def _taps_there(
    old: int, new: int, wraps: bool, number: torch.dtype, device: torch.device
) -> tuple[Int[Tensor, "taps new"], Float[Tensor, "taps new"]]:
    """Kept, so that a graphics card need not wait for them."""
    indices, weights = _taps(old, new, wraps)
    return indices.to(device), weights.to(device, number)


def _taps(old: int, new: int, wraps: bool) -> tuple[Int[Tensor, "taps new"], Float[Tensor, "taps new"]]:
    """Which old samples each new one is made of, and their weights.

    Positions are kept as fractions of 2 * new in whole numbers, and the weights computed for one period of the two
    grids only, so that they repeat exactly around the torus.
    """
    periods = math.gcd(old, new)
    position = (2 * torch.arange(new) + 1) * old - new
    first = position.div(2 * new, rounding_mode="floor")
    fraction = (position - first * 2 * new)[: new // periods].double() / (2 * new)
    widening = max(old / new, 1.0)
    reach = int(2 * widening + 1)
    offsets = torch.arange(-reach, reach + 1)[:, None]
    weights = _keys((offsets - fraction) / widening)
    indices = first + offsets
    indices = indices % old if wraps else indices.clamp(0, old - 1)
    return indices, (weights / weights.sum(0)).repeat(1, periods)


def _keys(x: Tensor) -> Tensor:
    """Keys' cubic convolution kernel (1981, eq. 15)."""
    x, a = x.abs(), _KEYS_A
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return torch.where(x <= 1, near, torch.where(x < 2, far, torch.zeros_like(x)))
