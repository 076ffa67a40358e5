"""``neural-texture maps``: a colour map, or a photograph, to the other maps of its material. They are estimates."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..job import file_names, map_names
from ..job.description import Bits, Canvas, Estimates, FileFormat, Green, MapKind, Naming, Packing, Tiling, limits
from ..job.wire import WireError, from_plain, job_from_file, to_plain
from . import map_options
from .errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

    from .estimates.material import Material
    from .material_files import Files
    from .torus import Wrap

_MADE = tuple(kind for kind in MapKind if kind is not MapKind.METALNESS)
_RELIEF = frozenset({MapKind.HEIGHT, MapKind.NORMAL, MapKind.OCCLUSION})
_FORMATS = (FileFormat.PNG, FileFormat.TIFF, FileFormat.EXR)
_HELP = {
    "flatten": "share of the uneven light that is taken off the colour",
    "light_size": "how large that unevenness is, as a share of the shorter side; less flattens more",
    "relief": "what the highest place is higher than the deepest, as a share of the width",
    "brightness": "how far bright means high; -1 where dark is high, 0 where it says nothing (bright joints)",
    "shading": "how far the side that faces the light is taken to be the bright one",
    "light": "whence the light comes, in degrees: 0 from the right, 90 from above; looked for if left out",
    "fine": "strength of the finest relief: grain and noise",
    "medium": "strength of relief of a size in between",
    "coarse": "strength of the largest relief",
    "roughness": "of the surface on the whole",
    "roughness_contrast": "how much rougher it is where the colour is restless; below 0 smoother",
    "reach": "how far what hides the sky may be away, as a share of the width",
    "metalness": "of the surface, the same all over: it is not estimated",
}


def add_to(command: argparse.ArgumentParser) -> None:
    """Gives the command its arguments."""
    command.add_argument("colour", metavar="COLOUR", help="image file: a photograph from straight above, or a tile")
    command.add_argument("--out", required=True, metavar="DIR", help="folder for the maps and a report of them")
    kinds = [kind.value for kind in MapKind]
    command.add_argument("--maps", nargs="+", choices=kinds, metavar="MAP", help=f"which of {', '.join(kinds)}")
    axes = [tiling.value for tiling in Tiling]
    command.add_argument("--axes", choices=axes, help="along which the image repeats; as its job.json says, else none")
    _add_files(command.add_argument_group("files"))
    estimates = command.add_argument_group("estimates", "Numbers, each with its range and what it is if left out.")
    for spec in fields(Estimates):
        low, high = limits(Estimates, spec.name)
        default = "" if spec.default is None else f", {spec.default:g}"
        option = f"--{spec.name.replace('_', '-')}"
        help_text = f"{_HELP[spec.name]} ({low:g} to {high:g}{default})"
        estimates.add_argument(option, type=float, default=spec.default, metavar="N", help=help_text)
    command.set_defaults(command=make)


def _add_files(group: argparse._ArgumentGroup) -> None:
    bits = [bits.value for bits in Bits]
    group.add_argument("--name", help="of the material; the image's, if left out")
    map_options.add_files(group, Naming.BLENDER.value, Naming.BLENDER)
    group.add_argument(
        "--green",
        choices=[green.value for green in Green],
        help="of the normals; as the convention has it, if left out",
    )
    group.add_argument(
        "--format", choices=[f.value for f in _FORMATS], default=FileFormat.PNG.value, help="exr is scene-linear"
    )
    group.add_argument("--bits", type=int, choices=bits, default=16, help="a channel, of height and normal")
    group.add_argument("--colour-bits", type=int, choices=bits, default=8, help="a channel, of the other maps")


def make(parsed: argparse.Namespace) -> int:
    """Estimates the maps and writes them; the exit status."""
    from . import device, image_file, material_files
    from .estimates import material
    from .torus import wrap_of

    started = time.monotonic()
    device.use_all_cores()
    wanted, files, tiling = _estimates(parsed), _files(parsed), _tiling(parsed)
    kinds = files.complete({MapKind(name) for name in parsed.maps} if parsed.maps else _MADE)
    green = Green(parsed.green) if parsed.green else map_names.green(files.naming)
    texels = image_file.read(parsed.colour, MapKind.COLOUR)
    parsed.heed()
    material_files.check(files, kinds, Path(parsed.colour))
    wrap = wrap_of(Canvas(tiling=tiling))
    _check_memory(parsed.colour, texels.values, wrap)
    made = material.estimated(texels.values, kinds, wanted, wrap, green)
    report = _report(parsed, wanted, made, tiling)
    paths = material_files.write(files, made.maps, _says(wanted, made), green, report)
    print("\n".join(map(str, paths)))
    for line in (*texels.notes, *_in_words(made, wanted, report, time.monotonic() - started)):
        print(line, file=sys.stderr)
    return 0


def _check_memory(path: str, colour: Tensor, wrap: Wrap) -> None:
    """Raises InputError if there is too little: the system would end the process without a word."""
    import torch

    from . import memory
    from .estimates import material

    height, width = colour.shape[2:]
    need, free = material.memory_needed(height, width, wrap), memory.available(torch.device("cpu"))
    if need > free:
        gigabytes = f"{need / memory.GB:.1f} GB of memory, and {free / memory.GB:.1f} GB are free"
        raise InputError(f"{path}: the maps of {width}x{height} px take {gigabytes}; scale it down")


def _tiling(parsed: argparse.Namespace) -> Tiling:
    """What was said; of a tile that `synthesize` made, as its job has it."""
    from . import stage

    if parsed.axes:
        return Tiling(parsed.axes)
    image = Path(parsed.colour).absolute()
    try:
        job = job_from_file(image.parent / stage.JOB_FILE)
    except (OSError, ValueError, WireError):
        return Tiling.NONE
    return job.canvas.tiling if image in stage.result_paths(image.parent, job).values() else Tiling.NONE


def _estimates(parsed: argparse.Namespace) -> Estimates:
    try:
        return from_plain(Estimates, {spec.name: getattr(parsed, spec.name) for spec in fields(Estimates)})
    except WireError as error:
        raise InputError(str(error)) from None


def _files(parsed: argparse.Namespace) -> Files:
    from .material_files import Files

    return Files(
        folder=Path(parsed.out),
        material=file_names.portable(map_names.material(Path(parsed.colour).stem))
        if parsed.name is None
        else parsed.name,
        naming=Naming(parsed.names),
        format=FileFormat(parsed.format),
        bits=Bits(parsed.bits),
        colour_bits=Bits(parsed.colour_bits),
        packing=Packing.PACKED if parsed.packed else Packing.SEPARATE,
    )


def _says(wanted: Estimates, made: Material) -> Mapping[MapKind, str]:
    """What each map says of itself, in its file and in the report."""
    kept = "as it was" if not wanted.flatten else f"its light evened out by {wanted.flatten:g} of an estimate"
    texts = {MapKind.COLOUR: kept, MapKind.METALNESS: f"{wanted.metalness:g} all over, as was asked for"}
    return {kind: texts.get(kind, "an estimate from the colour alone, by neural-texture") for kind in made.maps}


def _report(parsed: argparse.Namespace, wanted: Estimates, made: Material, tiling: Tiling) -> dict[str, Any]:
    from . import seam
    from .torus import wrap_of

    wrap = wrap_of(Canvas(tiling=tiling))
    figures = {kind: seam.measured(texels, wrap) for kind, texels in made.maps.items()}
    return {
        "image": Path(parsed.colour).name.encode(errors="backslashreplace").decode(),
        "axes": tiling,
        "estimates": to_plain(wanted),
        "light_found": made.light and {"degrees": made.light.degrees, "agreement": made.light.agreement},
        "seams": {kind.value: figure for kind, figure in figures.items() if figure is not None},
    }


def _in_words(made: Material, wanted: Estimates, report: Mapping[str, Any], seconds: float) -> Iterator[str]:
    """What the person should know of it, in lines."""
    height, width = next(iter(made.maps.values())).shape[2:]
    yield f"{width}x{height} px in {seconds:.1f} s"
    if seams := report["seams"].values():
        verdict = "no seam" if max(seams) <= 1 else "a seam may show"
        yield f"{verdict} (the maps' borders are at most {max(seams):.2f} of what the sharpest edges inside are)"
    guessed = [kind.value for kind in made.maps if kind not in (MapKind.COLOUR, MapKind.METALNESS)]
    if guessed:
        yield f"{', '.join(guessed)}: estimates, guessed from the colour alone"
    if wanted.light is None and wanted.shading and not _RELIEF.isdisjoint(made.maps):
        found = f"comes from {made.light.degrees:.0f} degrees" if made.light else "was not found: say it by --light"
        yield f"the light {found} (0 is from the right, 90 from above)"
