"""``neural-texture filter``: a preset's steps as a filter on an ordinary image."""

from __future__ import annotations

import argparse
from dataclasses import replace

from ..job.description import Canvas, Exemplar, Job, MapKind, Octaves, Picture, Tiling, limits
from . import canvas_size, foreground, preset_option
from .errors import InputError

_LARGEST_OF_ITSELF = 4096
"""Longer side in px of a canvas that takes the image's size."""


def add_to(command: argparse.ArgumentParser) -> None:
    """Gives the command its arguments."""
    command.add_argument("image", metavar="IMAGE", help="image file to start from")
    command.add_argument("--style", nargs="+", default=[], metavar="IMAGE", help="style image file")
    command.add_argument("--size", type=canvas_size.parse, metavar=canvas_size.SYNTAX, help="of the result, in px")
    command.add_argument("--seed", type=int, default=Canvas.random_seed, help="another number, another result")
    axes = [tiling.value for tiling in Tiling]
    command.add_argument("--axes", choices=axes, default=Tiling.NONE.value, help="along which the result repeats")
    preset_option.add_to(command)
    foreground.add_options(command)
    command.set_defaults(command=apply)


def apply(parsed: argparse.Namespace) -> int:
    """Filters the image; the exit status."""
    return foreground.show(foreground.request(parsed, job_of(parsed)), parsed.heed, preset_option.remark(parsed))


def job_of(parsed: argparse.Namespace) -> Job:
    """The job that the arguments describe: one octave, unless the preset says another start. Raises InputError."""
    from . import image_file, job_reader

    preset, picture = preset_option.job(parsed), Picture(path=parsed.image)
    height, width = image_file.read(parsed.image, MapKind.COLOUR).values.shape[2:]
    size = parsed.size or canvas_size.Size(width=_within(max(width, height), _LARGEST_OF_ITSELF))
    sides = size.sides_like(width, height)
    canvas = replace(
        preset.canvas,
        width=sides[0],
        height=sides[1],
        tiling=Tiling(parsed.axes),
        seed=picture,
        random_seed=parsed.seed,
    )
    filtering = replace(
        preset,
        exemplars=tuple(Exemplar(maps={MapKind.COLOUR: path}) for path in parsed.style),
        canvas=canvas,
        octaves=_one_octave(min(sides)) if preset.octaves == Octaves() else preset.octaves,
    )
    if job_reader.in_need_of_content(filtering):
        filtering = replace(filtering, content=picture)
    if not parsed.style and job_reader.in_need_of_exemplars(filtering):
        raise InputError(f"preset {preset_option.name(parsed)} needs style images: --style IMAGE ...")
    return job_reader.proven(filtering)


def _one_octave(shorter: int) -> Octaves:
    return Octaves(start_size=_within(shorter, int(limits(Octaves, "start_size")[1])))


def _within(length: int, largest: int) -> int:
    return max(min(length, largest), int(limits(Canvas, "width")[0]))
