"""Image files of more than 8 bits a channel, by OpenImageIO: colours in PNG and TIFF, and all of EXR. Knows no maps.

Pillow reads and writes colours with 8 bits only. OpenImageIO is imported when it is needed first: all else works
without it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import memory
from .errors import EngineError, InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXR = b"\x76\x2f\x31\x01"
_BEGINNING = "1970:01:01 00:00:00"
"""In place of the time that would be noted: the same texels are the same bytes."""
_COLOURS = 3
_MOST_TEXELS = 2**29
"""16 GB of floating point; who opens more has named the wrong file."""
_UNASSOCIATED = "oiio:UnassociatedAlpha"
"""OpenImageIO's word for colours that are not multiplied by alpha; of others it says nothing."""
_BYTES_A_NUMBER = 28
"""Of memory that reading takes at the peak: some copies as float32."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The first picture of a file, upright."""

    values: NDArray[np.float32]
    """Height, width, channels (1 or 3); as they stand in the file, whole numbers from 0 to 1."""
    alpha: NDArray[np.float32] | None
    """Height, width, 1; 0 to 1."""
    premultiplied: bool
    """Whether `values` have been multiplied by alpha already."""


def is_exr(head: bytes) -> bool:
    """Whether a file that begins so is OpenEXR."""
    return head.startswith(_EXR)


def is_there() -> bool:
    """Whether OpenImageIO can be used."""
    try:
        import OpenImageIO  # noqa: F401
    except ImportError:
        return False
    return True


def check_is_there(what: str) -> None:
    """Raises InputError if `what` is asked for in vain."""
    if not is_there():
        raise InputError(
            f"{what} needs OpenImageIO, which the engine's Python lacks; set up the engine again, or add it"
        )


def read(path: str) -> Picture:
    """The picture in a file that OpenImageIO knows. Raises InputError, OSError."""
    check_is_there(path)
    with _named_in_unicode(path) as name:
        return _read(path, name)


@contextmanager
def _named_in_unicode(path: str) -> Iterator[str]:
    """The file's name or, as OpenImageIO takes no other bytes, that of a copy."""
    try:
        path.encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory() as folder:
            yield str(shutil.copyfile(path, Path(folder) / "image"))
    else:
        yield path


def _read(path: str, name: str) -> Picture:
    """What lies under `name`; errors call it by its `path`."""
    import OpenImageIO

    as_stored = OpenImageIO.ImageSpec()
    as_stored[_UNASSOCIATED] = 1
    buffer = OpenImageIO.ImageBuf(name, 0, 0, as_stored)
    spec = buffer.spec()
    if buffer.has_error or spec.width * spec.height > _MOST_TEXELS:
        said = _first_line(buffer.geterror()) or f"{spec.width}x{spec.height} px"
        raise InputError(f"{path}: the image is damaged, incomplete or too large ({said})")
    memory.check_can_be_read(path, spec.width, spec.height, _BYTES_A_NUMBER * spec.nchannels)
    premultiplied = not spec.get_int_attribute(_UNASSOCIATED)  # so are EXR, and TIFF as it likes; PNG never is
    colours, alpha = _channels(path, list(spec.channelnames))
    # All at once: it ends at the first fault, not after one in each row, which takes minutes for a tall picture.
    whole = buffer.read(0, 0, True)
    texels = OpenImageIO.ImageBufAlgo.reorient(buffer).get_pixels(OpenImageIO.FLOAT) if whole else None
    if buffer.has_error or texels is None:
        raise InputError(f"{path}: the image is damaged or incomplete ({_first_line(buffer.geterror())})")
    texels = np.nan_to_num(texels)
    return Picture(
        values=texels[:, :, colours],
        alpha=None if alpha is None else texels[:, :, [alpha]].clip(0, 1),
        premultiplied=premultiplied,
    )


def encode(values: NDArray[Any], suffix: str, says: str = "") -> bytes:
    """A file of that suffix with these values: uint16, float16 or float32; height, width, channels. Raises EngineError.

    What it `says` of itself is its description. Through a temporary file, as OpenImageIO writes to no memory.
    """
    import OpenImageIO

    spec = OpenImageIO.ImageSpec(values.shape[1], values.shape[0], values.shape[2], _FORMATS[values.dtype.type])
    if values.shape[2] > _COLOURS:
        spec[_UNASSOCIATED] = 1  # it is data as the others: by it nothing was multiplied
    spec["DateTime"] = _BEGINNING
    if says:
        spec["ImageDescription"] = says
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"image.{suffix}"
            output = OpenImageIO.ImageOutput.create(str(path))
            if not (output and output.open(str(path), spec) and output.write_image(values) and output.close()):
                said = output.geterror() if output else OpenImageIO.geterror()
                raise EngineError(f"the texture could not be written as {suffix} ({' '.join(said.split())})")
            return path.read_bytes()
    except OSError as error:
        raise EngineError(f"the texture could not be written as {suffix} ({error.strerror})") from None


_FORMATS = {np.uint16: "uint16", np.float16: "half", np.float32: "float"}


def _first_line(said: str) -> str:
    """Of what OpenImageIO says; the others say it again, in a damaged file by the hundred."""
    return next(iter(said.strip().splitlines()), "")


def _channels(path: str, names: list[str]) -> tuple[list[int], int | None]:
    """Where the colours are, or the grey, and the alpha; of several layers, those of the first."""
    last = [name.rpartition(".")[2].upper() for name in names]
    alpha = last.index("A") if "A" in last else None
    if all(name in last for name in "RGB"):
        return [last.index(name) for name in "RGB"], alpha
    others = [place for place in range(len(names)) if place != alpha]
    if not others:
        raise InputError(f"{path}: holds no colours (its channels are {', '.join(names)})")
    return others[:1], alpha
