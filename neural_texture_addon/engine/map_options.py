"""The maps of a material as a person at a terminal names them: by folder, one by one, with weights. Opens no image."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..job import map_files
from ..job.description import Canvas, Exemplar, Fit, Green, MapKind, Naming, PackedAs, Picture
from .errors import InputError

_PACKED = "packed"
_KINDS = [kind.value for kind in MapKind]
T = TypeVar("T")


def add_files(to: argparse._ActionsContainer, unsaid: str, names: Naming | None = None) -> None:
    """Gives a command the options about how the files are called and what they share."""
    to.add_argument(
        "--names",
        choices=[naming.value for naming in Naming],
        default=names and names.value,
        help=f"whose convention the files' names follow; {unsaid} if left out",
    )
    to.add_argument(
        "--packed", action="store_true", help="occlusion, roughness and metalness in one image (ARM, ORM, mask map)"
    )


def add_to(command: argparse.ArgumentParser) -> None:
    """Gives a command the options about maps."""
    greens = [green.value for green in Green]
    command.add_argument(
        "--map",
        type=_pair("KIND=FILE", [*_KINDS, _PACKED], str),
        action="append",
        default=[],
        metavar="KIND=FILE",
        help=f"a map of the style image, one by one: {', '.join(_KINDS)}, or packed (occlusion, roughness, metalness)",
    )
    command.add_argument(
        "--maps",
        type=_kinds,
        metavar="KIND,...",
        help="to make, together; without it all that the style images have files for",
    )
    command.add_argument(
        "--map-weight",
        type=_pair("KIND=N", _KINDS, float),
        action="append",
        default=[],
        metavar="KIND=N",
        help="how much a map counts beside the others; 1 unless told",
    )
    command.add_argument(
        "--style-green", choices=greens, help="of the style images' normal maps, whatever their names say"
    )
    command.add_argument(
        "--style-packed",
        choices=[each.value for each in PackedAs],
        help="which channels of the style images' packed files hold what, whatever their names say",
    )
    command.add_argument("--green", choices=greens, help="where the green of the normal map that is made points")
    command.add_argument(
        "--colour", metavar="IMAGE", help="a colour map that is made already: it stays, and the other maps follow it"
    )


def exemplars(parsed: argparse.Namespace) -> list[Exemplar]:
    """The style images: a file each, a folder of maps each, or the maps named one by one. Raises InputError."""
    found = [_exemplar(path) for path in parsed.exemplars]
    if parsed.map:
        if len(found) > 1:
            raise InputError("--map names maps of one style image; there are several")
        found = [_with_maps(found[0] if found else Exemplar(maps={}), parsed.map)]
    if parsed.style_green:
        found = [replace(exemplar, green=Green(parsed.style_green)) for exemplar in found]
    if parsed.style_packed:
        found = [replace(exemplar, packed_as=PackedAs(parsed.style_packed)) for exemplar in found]
    return found


def canvas(parsed: argparse.Namespace, exemplars: list[Exemplar], canvas: Canvas) -> Canvas:
    """The canvas with the maps that are to be made, their weights and the colour that is there already."""
    there = {kind for exemplar in exemplars for kind in map_files.kinds_of(exemplar)}
    maps = parsed.maps or tuple(kind for kind in MapKind if kind in there) or canvas.maps
    weights = {MapKind(kind): weight for kind, weight in parsed.map_weight}
    colour = Picture(path=parsed.colour, fit=Fit.WRAP) if parsed.colour else canvas.colour
    return replace(canvas, maps=maps, map_weights={**canvas.map_weights, **weights}, colour=colour)


def _exemplar(path: str) -> Exemplar:
    if not Path(path).is_dir():
        return Exemplar(maps={MapKind.COLOUR: path})
    try:
        return map_files.in_folder(path)
    except map_files.MapFilesError as error:
        raise InputError(str(error)) from None


def _with_maps(exemplar: Exemplar, named: list[tuple[str, str]]) -> Exemplar:
    """With these in place of those that it has; what a name says of a normal map or a packed file holds.

    Raises InputError.
    """
    said = [kind for kind, _ in named]
    for kind in said:
        if said.count(kind) > 1:
            raise InputError(f"--map names {kind} twice")
    maps = {MapKind(kind): path for kind, path in named if kind != _PACKED}
    green = exemplar.green
    if MapKind.NORMAL in maps:
        _, tag = map_files.read(Path(maps[MapKind.NORMAL]).stem)
        green = (tag and tag.green) or Green.OPENGL
    packed, packed_as = exemplar.packed, exemplar.packed_as
    if _PACKED in said:
        packed = dict(named)[_PACKED]
        _, tag = map_files.read(Path(packed).stem)
        packed_as = (tag and tag.packed) or PackedAs.ARM
    if not exemplar.maps and not maps:
        raise InputError("--map packed=FILE needs a style image beside it, or --map colour=FILE")
    return replace(exemplar, maps={**exemplar.maps, **maps}, packed=packed, packed_as=packed_as, green=green)


def _pair(syntax: str, keys: list[str], value: Callable[[str], T]) -> Callable[[str], tuple[str, T]]:
    """Reads KEY=VALUE. What it raises is an ArgumentTypeError."""

    def parse(text: str) -> tuple[str, T]:
        key, separator, rest = text.partition("=")
        try:
            if separator and key in keys and rest:
                return key, value(rest)
        except ValueError:
            pass
        raise argparse.ArgumentTypeError(f"{text!r} is no {syntax}; KIND may be {', '.join(keys)}")

    return parse


def _kinds(text: str) -> tuple[MapKind, ...]:
    """Of a list with commas. Raises ArgumentTypeError."""
    names = [name.strip() for name in text.split(",")]
    if unknown := [name for name in names if name not in _KINDS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is no map; allowed: {', '.join(_KINDS)}")
    return tuple(MapKind(name) for name in names)
