"""A plasma as an image file: `neural-texture plasma`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from ..job import description
from ..job.description import Canvas, FileFormat, MapKind, Output, Plasma
from ..job.wire import WireError, from_plain, to_plain
from . import canvas, exemplar, image_file, memory
from .errors import InputError
from .exemplar import Exemplar
from .stage import write_atomically

_GREYS = torch.linspace(0, 1, 256)
_BYTES_OF_NOISE, _BYTES_OF_PICTURE = 24, 60
"""Of memory that each texel takes at the peak, in each channel: while the noise is drawn, whose sides are powers of
two; then while it gets its colours."""


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
    palette, output = _palette(colours_of), Output(format=formats[path.suffix.lower()])
    with _enough_memory(width, height, palette[0].texels.shape[1]):
        painted = canvas.paint(wanted, height, width, palette, torch.Generator().manual_seed(seed))
        write_atomically(path, image_file.encode(painted, MapKind.COLOUR, output))


@contextmanager
def _enough_memory(width: int, height: int, channels: int) -> Iterator[None]:
    """Raises InputError if there is too little, before it is taken or when it runs short."""
    cpu, drawn = torch.device("cpu"), math.prod(1 << (length - 1).bit_length() for length in (width, height))
    need = channels * max(_BYTES_OF_NOISE * drawn, _BYTES_OF_PICTURE * width * height)

    def refusal() -> InputError:
        gigabytes = (
            f"takes {need / memory.GB:.1f} GB of memory, and {memory.available(cpu) / memory.GB:.1f} GB are free"
        )
        return InputError(f"a plasma of {width}x{height} px {gigabytes}; choose a smaller size")

    if memory.ran_short(need, cpu):
        raise refusal()
    try:
        yield
    except MemoryError:
        raise refusal() from None
    except RuntimeError:
        if memory.ran_short(need, cpu):
            raise refusal() from None
        raise


def _palette(path: str | None) -> list[Exemplar]:
    """That image's; without one, shades of grey."""
    if path is None:
        return [Exemplar(texels=_GREYS.expand(1, 1, 16, 256), weight=1.0)]
    described = description.Exemplar(maps={MapKind.COLOUR: path})
    return exemplar.load([described], (MapKind.COLOUR,), torch.device("cpu"))
