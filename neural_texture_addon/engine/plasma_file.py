"""A plasma as an image file: `neural-texture plasma`."""

from __future__ import annotations

from pathlib import Path

import torch

from ..job import description
from ..job.description import Canvas, FileFormat, MapKind, Output, Plasma
from ..job.wire import WireError, from_plain, to_plain
from . import canvas, exemplar, image_file
from .errors import InputError
from .exemplar import Exemplar
from .stage import write_atomically

_GREYS = torch.linspace(0, 1, 256)


def write(path: Path, width: int, height: int, roughness: float, seed: int, colours_of: str | None) -> None:
    """Paints and saves it, in the colours of an image or in shades of grey. Raises InputError, EngineError."""
    formats = {f".{kind.value}": kind for kind in FileFormat}
    if path.suffix.lower() not in formats:
        raise InputError(f"out is {path}; allowed: a file that ends in {', '.join(formats)}")
    wanted = Canvas(seed=Plasma(roughness=roughness))
    try:
        wanted = from_plain(Canvas, to_plain(wanted) | {"width": width, "height": height, "random_seed": seed})
    except WireError as error:
        raise InputError(str(error)) from None
    generator = torch.Generator().manual_seed(seed)
    painted = canvas.paint(wanted, height, width, _palette(colours_of), generator)
    write_atomically(path, image_file.encode(painted, MapKind.COLOUR, Output(format=formats[path.suffix.lower()])))


def _palette(path: str | None) -> list[Exemplar]:
    if path is None:
        return [Exemplar(texels=_GREYS.expand(1, 1, 16, 256), weight=1.0)]
    described = description.Exemplar(maps={MapKind.COLOUR: path})
    return exemplar.load([described], (MapKind.COLOUR,), torch.device("cpu"))
