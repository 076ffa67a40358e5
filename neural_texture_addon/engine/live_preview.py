"""A file that shows the canvas while a job runs. It changes nothing of the job and takes next to none of its time."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import torch
from torch.nn import functional

from ..job.description import MapKind
from ..job.events import Previewed
from . import srgb
from .errors import EngineError
from .stacked import channels_of
from .stage import write_atomically

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_FILE = "preview.rgba"
_SECONDS_BETWEEN = 0.3
_SHARE_OF_TIME = 0.05
"""Of the run, at most, that may go into previews."""


class LivePreview:
    """A context in which a job shows its canvas now and then; at its end the file is gone."""

    def __init__(self, folder: Path, size: int, maps: tuple[MapKind, ...]) -> None:
        """`size` is the longest side of what is shown, in px; 0 shows nothing. `maps` are the canvas's."""
        self._path = folder / _FILE
        self._size = size
        kind = MapKind.COLOUR if MapKind.COLOUR in maps else maps[0]
        self._is_colour = kind is MapKind.COLOUR
        self._shown = channels_of(kind, maps)
        self._due = time.monotonic()

    def __enter__(self) -> Self:
        for leftover in self._path.parent.glob(f".{_FILE}.*"):  # of a process that was killed while it wrote
            self._delete(leftover)
        return self

    def __exit__(self, *_: object) -> None:
        self._delete(self._path)

    def of(self, canvas: Float[Tensor, "1 c h w"], octave: int, octaves: int) -> Previewed | None:
        """Shows the canvas, if it is time to; None if not, or if the file can't be written."""
        if not self._size or time.monotonic() < self._due:
            return None
        canvas[0, 0, 0, 0].item()  # what a graphics card is still at work on is not the preview's time
        began = time.monotonic()
        shown = _reduced(canvas[:, self._shown], self._size)
        written = self._write(_encoded(shown, is_colour=self._is_colour))
        ended = time.monotonic()
        self._due = ended + max(_SECONDS_BETWEEN, (ended - began) * (1 / _SHARE_OF_TIME - 1))
        height, width = shown.shape[2:]
        said = Previewed(octave=octave, octaves=octaves, width=width, height=height, path=str(self._path))
        return said if written else None

    def _write(self, content: bytes) -> bool:
        """Whether it could be. A full disk, or Windows while somebody reads the file: the job itself goes on."""
        try:
            write_atomically(self._path, content, durable=False)
        except EngineError:
            return False
        return True

    @staticmethod
    def _delete(path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink()


def _reduced(image: Float[Tensor, "1 c h w"], size: int) -> Float[Tensor, "1 c h w"]:
    """No side longer than `size`. Each texel is the mean of an area; such areas tile the torus as they are."""
    height, width = image.shape[2:]
    if max(height, width) <= size:
        return image
    scale = size / max(height, width)
    sides = [max(1, round(length * scale)) for length in (height, width)]
    return functional.interpolate(image, sides, mode="area")


def _encoded(image: Float[Tensor, "1 c h w"], *, is_colour: bool) -> bytes:
    """The file's bytes, as `Previewed.path` describes them."""
    values = srgb.linear(image[0]) if is_colour else image[0]
    height, width = values.shape[1:]
    texels = torch.ones(height, width, 4, device=image.device)
    texels[:, :, :3] = values.expand(3, -1, -1).movedim(0, 2).flip(0)
    return texels.cpu().numpy().astype(np.dtype("<f4"), copy=False).tobytes()
