"""The canvas: how it is first painted, and how it grows from octave to octave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..job.description import Canvas, Flat, FromContent, MapKind, Noise, Picture, Plasma
from . import torus
from .diamond_square import diamond_square
from .exemplar import Exemplar
from .torus import wrap_of

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor

AXES = torus.HEIGHT, torus.WIDTH
GOLDEN = (5**0.5 - 1) / 2
"""Its multiples fill a circle most evenly."""
PLASMA_SPREAD = 1 / 6
"""Standard deviation of a plasma in its own colours: three of them reach from grey to black, and to white."""


def paint(
    canvas: Canvas,
    height: int,
    width: int,
    exemplars: list[Exemplar],
    generator: Generator,
    picture: Float[Tensor, "1 colour h w"] | None = None,
) -> Float[Tensor, "1 c height width"]:
    """The seed of the first octave, on the CPU.

    `picture` is what a `Picture` or `FromContent` seed shows, at any size. Plasma has the exemplars' colours if
    there are any; Noise can't do without them.
    """
    match canvas.seed:
        case Noise():
            palette = _palette(exemplars, height * width, generator)
            chosen = torch.randint(palette.shape[1], (height * width,), generator=generator)
            return palette[:, chosen].view(1, -1, height, width)
        case Plasma(roughness=roughness):
            return _plasma(canvas, height, width, roughness, exemplars, generator)
        case Picture() | FromContent():
            if picture is None:
                raise ValueError(f"the seed {canvas.seed} is painted from a picture, which is None")
            return _with_colour(canvas, torus.resize(picture.cpu(), height, width, wrap_of(canvas)).clamp(0, 1))
        case Flat(colour=colour):
            return _with_colour(canvas, torch.tensor(colour).view(1, -1, 1, 1).expand(-1, -1, height, width))


def enlarge(canvas: Float[Tensor, "1 c h w"], height: int, width: int, wrap: torus.Wrap, octave: int) -> Tensor:
    """The canvas at the size of the octave of that number.

    Resizing keeps one line of each axis at the very middle between two texels, where edges stay sharpest. At the
    border in every octave, they would gather there to a seam: so that line lies elsewhere in each octave, and the
    border anywhere between two texels (the picture moves by less than one of them). At number 0 nothing moves.
    """
    old = canvas.shape[2:]
    share, within = octave * GOLDEN % 1.0, octave * 2**0.5 % 1.0
    before = [int(share * length) if wrap.along(dim) else 0 for dim, length in zip(AXES, old, strict=True)]
    after = [
        round((shift + within) * new / length) if wrap.along(dim) else 0
        for dim, shift, new, length in zip(AXES, before, (height, width), old, strict=True)
    ]
    moved = torus.resize(torus.roll(canvas, *before), height, width, wrap).clamp(0, 1)
    return torus.roll(moved, *(-shift for shift in after))


def with_calm_border(canvas: Float[Tensor, "1 c h w"], wrap: torus.Wrap) -> Float[Tensor, "1 c h w"]:
    """The canvas, rolled so that its border lies between the two most alike neighbouring rows, and columns.

    A torus has no origin, so any is as right; here mipmaps, compression and viewers that don't wrap show least.
    """
    for dim in (torus.HEIGHT, torus.WIDTH):
        if wrap.along(dim):
            jumps = (canvas - canvas.roll(-1, dim)).abs().mean([d for d in range(4) if d != dim])
            canvas = canvas.roll(-int(jumps.argmin()) - 1, dim)
    return canvas


def in_colours_of(palette: Float[Tensor, "c n"], image: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c h w"]:
    """The image with the palette's distribution of values along each of its principal axes, clamped to 0..1.

    The channels of the image are taken to be independent. Matching along principal axes keeps the correlation of
    channels (no new hues), which matching each channel alone would not.
    """
    mean = palette.mean(1, keepdim=True)
    axes = torch.linalg.svd(palette - mean, full_matrices=False)[0]
    wanted = (axes.T @ (palette - mean)).sort(1).values
    ranks = image.flatten(2)[0].argsort(1).argsort(1)
    positions = (ranks + 0.5) / ranks.shape[1] * wanted.shape[1]
    matched = wanted.gather(1, positions.long().clamp_max(wanted.shape[1] - 1))
    return (axes @ matched + mean).clamp(0, 1).view_as(image)


def _plasma(
    canvas: Canvas, height: int, width: int, roughness: float, exemplars: list[Exemplar], generator: Generator
) -> Float[Tensor, "1 c height width"]:
    palette = _palette(exemplars, height * width, generator) if exemplars else None
    working = [1 << (length - 1).bit_length() for length in (height, width)]
    channels = sum(kind.channels for kind in canvas.maps) if palette is None else len(palette)
    plasma = diamond_square(channels, working[0], working[1], roughness, generator)
    plasma = torus.resize(plasma, height, width, wrap_of(canvas))
    return (0.5 + PLASMA_SPREAD * plasma).clamp(0, 1) if palette is None else in_colours_of(palette, plasma)


def _with_colour(canvas: Canvas, colour: Float[Tensor, "1 colour h w"]) -> Float[Tensor, "1 c h w"]:
    """0.5 in all maps but the colour."""
    layers = [
        colour if kind is MapKind.COLOUR else colour.new_full((1, kind.channels, *colour.shape[2:]), 0.5)
        for kind in canvas.maps
    ]
    return torch.cat(layers, 1)


def _palette(exemplars: list[Exemplar], size: int, generator: Generator) -> Float[Tensor, "c n"]:
    """At least `size` texels of the exemplars, each of them with its share."""
    total = sum(exemplar.weight for exemplar in exemplars)
    size = max(size, 4096)
    chosen = []
    for exemplar in exemplars:
        texels = exemplar.texels.flatten(2)[0].cpu()
        count = round(size * exemplar.weight / total)
        chosen.append(texels[:, torch.randint(texels.shape[1], (count,), generator=generator)])
    return torch.cat(chosen, 1)
