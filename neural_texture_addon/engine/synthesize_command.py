"""``neural-texture synthesize``: exemplars to a tile."""

from __future__ import annotations

import argparse
from dataclasses import replace

from ..job import map_names, together
from ..job.description import (
    Bits,
    Canvas,
    FileFormat,
    Green,
    Job,
    MapKind,
    Naming,
    Output,
    Packing,
    Picture,
    Tiling,
)
from . import canvas_size, foreground, map_options, preset_option
from .errors import InputError

_LARGEST_OF_ITSELF = 1024
"""Longer side in px of a canvas that takes the content's size."""


def add_to(command: argparse.ArgumentParser) -> None:
    """Gives the command its arguments."""
    add_job(command)
    foreground.add_options(command)
    command.set_defaults(command=synthesize)


def add_job(command: argparse.ArgumentParser) -> None:
    """Those that say what to make."""
    command.add_argument(
        "exemplars", nargs="*", metavar="EXEMPLAR", help="style image file, or folder with the maps of one surface"
    )
    map_options.add_to(command)
    command.add_argument("--content", metavar="IMAGE", help="image whose layout the result follows")
    command.add_argument("--size", type=canvas_size.parse, metavar=canvas_size.SYNTAX, help="of the tile, in px")
    command.add_argument("--seed", type=int, help="another number, another tile")
    command.add_argument("--scale", type=float, default=1.0, help="size of the exemplars' features on the tile")
    command.add_argument("--axes", choices=[t.value for t in Tiling], help="along which the tile repeats")
    command.add_argument("--format", choices=[f.value for f in FileFormat], help="of the files; exr is scene-linear")
    command.add_argument("--bits", type=int, choices=[bits.value for bits in Bits], help="a channel; 32 in exr only")
    map_options.add_files(command, "plain (result, result_normal)")
    preset_option.add_to(command)


def synthesize(parsed: argparse.Namespace) -> int:
    """Makes the tile; the exit status."""
    return foreground.show(foreground.request(parsed, job_of(parsed)), parsed.heed, preset_option.remark(parsed))


def job_of(parsed: argparse.Namespace) -> Job:
    """The job that the arguments describe. Raises InputError."""
    from . import job_reader

    preset, exemplars = preset_option.job(parsed), map_options.exemplars(parsed)
    if not exemplars and job_reader.in_need_of_exemplars(preset):
        raise InputError(f"preset {preset_option.name(parsed)} needs style images; name at least one")
    needs_content = job_reader.in_need_of_content(preset)
    if needs_content and not parsed.content:
        raise InputError(f"preset {preset_option.name(parsed)} needs a content image: --content IMAGE")
    if parsed.content and not needs_content:
        raise InputError(f"preset {preset_option.name(parsed)} has no use for a content image; leave out --content")
    job = replace(
        preset,
        exemplars=tuple(replace(exemplar, scale=parsed.scale) for exemplar in exemplars),
        content=Picture(path=parsed.content) if parsed.content else None,
        canvas=map_options.canvas(parsed, exemplars, _canvas(parsed, preset.canvas)),
        output=_output(parsed, preset.output),
    )
    return job_reader.proven(together.with_terms_for_several(job))


def _canvas(parsed: argparse.Namespace, canvas: Canvas) -> Canvas:
    """The preset's, as far as the arguments don't say otherwise. One that follows a content image needn't repeat."""
    width, height = _sides(parsed) or (canvas.width, canvas.height)
    free = parsed.content and canvas.tiling is Canvas.tiling
    axes = Tiling(parsed.axes) if parsed.axes else Tiling.NONE if free else canvas.tiling
    seed = canvas.random_seed if parsed.seed is None else parsed.seed
    return replace(canvas, width=width, height=height, random_seed=seed, tiling=axes)


def _output(parsed: argparse.Namespace, output: Output) -> Output:
    """The preset's, as far as the arguments don't say otherwise."""
    file_format = FileFormat(parsed.format) if parsed.format else output.format
    naming = Naming(parsed.names) if parsed.names else output.naming
    conventional = map_names.green(naming) if parsed.names else output.green
    green = Green(parsed.green) if parsed.green else conventional
    packing = Packing.PACKED if parsed.packed else output.packing
    bits = Bits(parsed.bits) if parsed.bits else output.bits
    return Output(format=file_format, bits=bits, green=green, naming=naming, packing=packing)


def _sides(parsed: argparse.Namespace) -> tuple[int, int] | None:
    """Width and height as the arguments have it."""
    if not (shape := parsed.content or parsed.colour):
        return parsed.size.sides() if parsed.size else None
    from . import image_file

    height, width = image_file.read(shape, MapKind.COLOUR).values.shape[2:]
    if parsed.colour and not parsed.size:
        return width, height
    size = parsed.size or canvas_size.Size(width=min(max(width, height), _LARGEST_OF_ITSELF))
    return size.sides_like(width, height)
