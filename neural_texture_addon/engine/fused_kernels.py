"""The programs of `fused` for a graphics card, in Triton's Python.

Images are b,h,w,c without gaps, but where something else is said. Neighbours are found around the torus.
"""

# Triton reads the source of what is compiled: annotations are its own there.
# mypy: disable-error-code="no-untyped-def, import-untyped"

from __future__ import annotations

from typing import TYPE_CHECKING

import triton
import triton.language as tl

if TYPE_CHECKING:
    from torch import Tensor

_NUMBERS = 2048
"""That one program passes on."""
_COLUMNS = 128
"""Texels of which one program finds a product."""
_WINDOWS, _CANDIDATES = 128, 64
"""That are compared at once."""
_OPTIONS = {"enable_fp_fusion": True}
"""Said, as Triton 3.9 warns where it is not."""
_SIZES = ["batch", "height", "width", "halve", "has_whole", "step"]
"""One program for all of them: it takes a while to be compiled."""


def surround(image: Tensor, out: Tensor, *, halve: bool) -> None:
    """`fused.surrounded`."""
    batch, rows, columns, channels = out.shape
    block = max(_NUMBERS // channels, 1)
    grid = triton.cdiv(columns, block), rows, batch
    _surround[grid](image, out, rows - 2, columns - 2, int(halve), channels, block, **_OPTIONS)


def slope(responses: Tensor, slopes: list[Tensor], out: Tensor) -> None:
    """`fused.sloped`."""
    batch, rows, columns, channels = out.shape
    block = max(_NUMBERS // channels, 1)
    grid = triton.cdiv(columns, block), rows, batch
    _slope[grid](responses, *_two(slopes, responses), out, rows - 2, columns - 2, channels, block, **_OPTIONS)


def first(image: Tensor, weights: Tensor, bias: Tensor, out: Tensor) -> None:
    """`fused.first_rectified`; the image is b,c,h,w."""
    batch, height, width, channels = out.shape
    grid = triton.cdiv(width, _COLUMNS), height, batch
    sizes = height, width, image.shape[1], channels, len(weights)
    _first[grid](image, weights, bias, out, *sizes, _COLUMNS, **_OPTIONS)


def slope_of_first(responses: Tensor, slopes: list[Tensor], weights: Tensor, parts: Tensor, out: Tensor) -> None:
    """`fused.first_sloped`, by way of each tap's part in the gradient, k,b,h,w; what is found is b,c,h,w."""
    batch, colours, height, width = out.shape
    grid = triton.cdiv(width, _COLUMNS), height, batch
    channels, columns = weights.shape
    given = responses, *_two(slopes, responses), weights, parts, batch, height, width
    _parts_of_first[grid](*given, len(parts), channels, columns, _COLUMNS, **_OPTIONS)
    _gather[grid](parts, out, batch, height, width, colours, _COLUMNS, **_OPTIONS)


def nearest(seen: Tensor, windows: Tensor, lengths: Tensor, out: Tensor) -> None:
    """`fused.nearest`."""
    grid = (triton.cdiv(len(seen), _WINDOWS),)
    count = len(windows), len(seen)
    _nearest[grid](seen, windows, lengths, out, *count, seen.shape[1], _WINDOWS, _CANDIDATES, num_warps=8, **_OPTIONS)


def _two(slopes: list[Tensor], like: Tensor) -> tuple[Tensor, int, Tensor, int]:
    """One of full size, and 1 if there is one; another, and how many texels it has one for: 0 if there is none."""
    whole = [each for each in slopes if each.shape == like.shape]
    half = [each for each in slopes if each.shape != like.shape]
    others = half or whole[1:]
    assert len(whole) + len(half) <= 2
    assert len(half) <= 1
    return (whole or slopes)[0], int(bool(whole)), (others or slopes)[0], (2 if half else 1) if others else 0


@triton.jit(do_not_specialize=_SIZES)
def _surround(image, out, height, width, halve, channels: tl.constexpr, block: tl.constexpr):
    column, row = tl.program_id(0) * block + tl.arange(0, block), tl.program_id(1)
    picture = tl.program_id(2).to(tl.int64)
    channel, inside = tl.arange(0, channels)[None, :], (column < width + 2)[:, None]
    y, x, step = (row + height - 1) % height, (column + width - 1) % width, 1 + halve
    above = image + (picture * height + y) * step * (step * width * channels)
    below = above + step * width * channels
    place, four = (step * x)[:, None] * channels + channel, inside & (halve + 0 * column > 0)[:, None]
    total = tl.load(above + place, inside, 0).to(tl.float32) + tl.load(above + channels + place, four, 0)
    total += tl.load(below + place, four, 0).to(tl.float32) + tl.load(below + channels + place, four, 0)
    there = out + (picture * (height + 2) + row) * ((width + 2) * channels) + column[:, None] * channels + channel
    tl.store(there, (total / (step * step)).to(out.dtype.element_ty), inside)


@triton.jit
def _sum_of_slopes(
    responses, whole, has_whole, other, step, picture, y, x, height, width, inside, channels: tl.constexpr
):
    """At these texels of a row, where the responses are positive."""
    channel = tl.arange(0, channels)[None, :]
    place = (picture * height + y) * (width * channels) + x[:, None] * channels + channel
    divisor = tl.maximum(step, 1)
    columns = width // divisor * channels
    elsewhere = (picture * (height // divisor) + y // divisor) * columns + (x // divisor)[:, None] * channels + channel
    total = tl.load(whole + place, inside & (has_whole + 0 * x > 0)[:, None], 0).to(tl.float32)
    total += tl.load(other + elsewhere, inside & (step + 0 * x > 0)[:, None], 0).to(tl.float32) / (divisor * divisor)
    return tl.where(tl.load(responses + place, inside, 0) > 0, total, 0)


@triton.jit(do_not_specialize=_SIZES)
def _slope(responses, whole, has_whole, other, step, out, height, width, channels: tl.constexpr, block: tl.constexpr):
    column, row = tl.program_id(0) * block + tl.arange(0, block), tl.program_id(1)
    picture = tl.program_id(2).to(tl.int64)
    inside = (column < width + 2)[:, None]
    y, x = (row + height - 1) % height, (column + width - 1) % width
    slopes = _sum_of_slopes(responses, whole, has_whole, other, step, picture, y, x, height, width, inside, channels)
    there = (picture * (height + 2) + row) * ((width + 2) * channels) + column[:, None] * channels
    tl.store(out + there + tl.arange(0, channels)[None, :], slopes.to(out.dtype.element_ty), inside)


@triton.jit(do_not_specialize=_SIZES)
def _first(
    image,
    weights,
    bias,
    out,
    height,
    width,
    colours: tl.constexpr,
    channels: tl.constexpr,
    rows_of_weights: tl.constexpr,
    block: tl.constexpr,
):
    column, row = tl.program_id(0) * block + tl.arange(0, block), tl.program_id(1)
    picture = tl.program_id(2).to(tl.int64)
    inside, channel = (column < width)[:, None], tl.arange(0, channels)[None, :]
    term = tl.arange(0, rows_of_weights)
    colour, down, right = (term // 9)[None, :], ((term % 9) // 3)[None, :], (term % 3)[None, :]
    y, x = (row + down + height - 1) % height, (column[:, None] + right + width - 1) % width
    windows = tl.load(
        image + (picture * colours + colour) * height * width + y * width + x,
        inside & (term < 9 * colours)[None, :],
        0,
    ).to(weights.dtype.element_ty)
    found = tl.dot(windows, tl.load(weights + term[:, None] * channels + channel))
    found = tl.maximum(found + tl.load(bias + channel), 0, propagate_nan=tl.PropagateNan.ALL)
    there = out + (picture * height + row) * (width * channels) + column[:, None] * channels + channel
    tl.store(there, found.to(out.dtype.element_ty), inside)


@triton.jit(do_not_specialize=_SIZES)
def _parts_of_first(
    responses,
    whole,
    has_whole,
    other,
    step,
    weights,
    parts,
    batch,
    height,
    width,
    taps: tl.constexpr,
    channels: tl.constexpr,
    columns: tl.constexpr,
    block: tl.constexpr,
):
    x, y = tl.program_id(0) * block + tl.arange(0, block), tl.program_id(1)
    picture, tap = tl.program_id(2).to(tl.int64), tl.arange(0, columns)[None, :]
    inside = (x < width)[:, None]
    slopes = _sum_of_slopes(responses, whole, has_whole, other, step, picture, y, x, height, width, inside, channels)
    factors = tl.load(weights + tl.arange(0, channels)[:, None] * columns + tap)
    found = tl.dot(slopes.to(factors.dtype), factors)
    there = parts + ((tap * batch + picture) * height + y) * width + x[:, None]
    tl.store(there, found.to(parts.dtype.element_ty), inside & (tap < taps))


@triton.jit(do_not_specialize=_SIZES)
def _gather(parts, out, batch, height, width, colours: tl.constexpr, block: tl.constexpr):
    """Each colour's nine taps, from where they were found."""
    x, y = tl.program_id(0) * block + tl.arange(0, block), tl.program_id(1)
    picture, inside = tl.program_id(2).to(tl.int64), x < width
    for colour in tl.static_range(colours):
        found = tl.zeros((block,), tl.float32)
        for tap in tl.static_range(9):
            row, column = (y - tap // 3 + 1 + height) % height, (x - tap % 3 + 1 + width) % width
            of_tap = parts + (((colour * 9 + tap) * batch + picture) * height + row) * width
            found += tl.load(of_tap + column, inside, 0)
        tl.store(out + ((picture * colours + colour) * height + y) * width + x, found, inside)


@triton.jit(do_not_specialize=["count", "count_of_seen"])
def _nearest(
    seen,
    windows,
    lengths,
    out,
    count,
    count_of_seen,
    features: tl.constexpr,
    block: tl.constexpr,
    at_once: tl.constexpr,
):
    row = tl.program_id(0) * block + tl.arange(0, block)
    feature, column = tl.arange(0, features), tl.arange(0, at_once)
    mine = tl.load(seen + row[:, None] * features + feature[None, :], (row < count_of_seen)[:, None], 0)
    least = tl.full((block, at_once), float("inf"), tl.float32)
    where = tl.zeros((block, at_once), tl.int32)
    for start in range(0, count, at_once):
        which = start + column
        theirs = tl.load(windows + which[None, :] * features + feature[:, None], (which < count)[None, :], 0)
        length = tl.load(lengths + which, which < count, float("inf"))
        distance = length[None, :] - 2 * tl.dot(mine, theirs)
        nearer = distance < least
        least = tl.where(nearer, distance, least)
        where = tl.where(nearer, start, where)
    index = tl.where(least == tl.min(least, 1)[:, None], where + column[None, :], count)
    tl.store(out + row, tl.minimum(tl.min(index, 1), count - 1), row < count_of_seen)
