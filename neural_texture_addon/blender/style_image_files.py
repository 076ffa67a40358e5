"""Images that are in Blender -> files that the engine can read. An image itself stays as it is.

Until it is known where files may go, a *reference* stands in the job for the path of an image that has no such file.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..job import file_names
from ..job.description import Exemplar, Job, MapKind, Picture
from . import png_file, preview
from .errors import UserError
from .translations import rpt_

_SCHEME = "blender-image:"
_BEGINNINGS: Mapping[bytes, str] = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
    b"RIFF": ".webp",
    b"BM": ".bmp",
}
"""Of the files that the engine can read, with the suffix of their format."""
_REFUSED = {
    "TILED": "is made of several UDIM tiles: add the file of one tile",
    "SEQUENCE": "is an image sequence: add the file of one frame",
    "MOVIE": "is a movie: save a frame of it as an image and add that",
    "VIEWER": "is not kept in Blender: save it as an image and add that",
}
"""By an image's source."""
_LUMA = (0.299, 0.587, 0.114)
"""Grey of a colour, as the engine sees it in files (ITU-R BT.601)."""
_path: Any = bpy.path
"""Its stubs don't know what Blender calls an image."""


def refused(image: Any) -> str:
    """What is wrong with a kind of image that can't be a style image; empty if nothing is."""
    why = _REFUSED.get(image.source)
    return f"{image.name} {why}" if why else ""


def path_of(image: Any) -> str:
    """The image's file, if it shows what Blender does and the engine can read it; else a reference."""
    if image.source == "FILE" and not image.packed_file and not image.is_dirty:
        path = bpy.path.abspath(image.filepath, library=image.library)
        if not Path(path).is_file() or _as_engine_reads(image, _beginning(path)):
            return path
    return f"{_SCHEME}{image.session_uid}/{image.name}"


def is_reference(path: str) -> bool:
    """Whether it stands for an image in Blender."""
    return path.startswith(_SCHEME)


def fault(reference: str) -> str:
    """What is wrong with the image; empty if nothing is."""
    image = _image(reference)
    if image is None:
        return "A style image is no longer in Blender: choose another or remove it"
    return refused(image) or ("" if image.size[0] else rpt_("{name} can't be read").format(name=image.name))


def written(job: Job, folder: Path) -> Job:
    """`job` with a file in `folder` for each reference, and for each file that Blender can read and the engine can't.

    Raises UserError.
    """
    there: dict[tuple[str, MapKind], str] = {}

    def file_of(kind: MapKind, path: str) -> str:
        if (path, kind) not in there:
            there[path, kind] = _written(path, kind, folder)
        return there[path, kind]

    def with_files(exemplar: Exemplar) -> Exemplar:
        wanted = {kind: path for kind, path in exemplar.maps.items() if kind in job.canvas.maps}
        others = {kind: path for kind, path in exemplar.maps.items() if kind not in wanted and not is_reference(path)}
        return replace(exemplar, maps=others | {kind: file_of(kind, path) for kind, path in wanted.items()})

    def with_file(picture: Any) -> Any:
        if not isinstance(picture, Picture):
            return picture
        return replace(picture, path=file_of(MapKind.COLOUR, picture.path))

    try:
        return replace(
            job,
            exemplars=tuple(map(with_files, job.exemplars)),
            content=with_file(job.content),
            canvas=replace(job.canvas, seed=with_file(job.canvas.seed)),
        )
    except OSError as error:
        raise UserError(
            rpt_("The style images can't be written into {folder}: {strerror}").format(
                folder=folder, strerror=error.strerror
            )
        ) from None


def levels(image: Any, kind: MapKind) -> np.ndarray:
    """The image's numbers, as a file of this map holds them: height, width, channels; upper row first.

    16 bits where Blender has fractions, else 8. Colours are display-encoded.
    """
    (width, height), channels = image.size, image.channels
    numbers = np.empty(width * height * channels, dtype=np.float32)
    image.pixels.foreach_get(numbers)
    numbers = np.nan_to_num(numbers.reshape(height, width, channels)[::-1])
    colours = np.repeat(numbers[:, :, :1], 3, axis=2) if channels < 3 else numbers[:, :, :3]
    alpha = numbers[:, :, 3:] if image.alpha_mode in {"STRAIGHT", "PREMUL"} else numbers[:, :, :0]
    if image.is_float:
        colours = _as_in_a_file(colours / np.where(alpha > 0, alpha, 1) if alpha.size else colours, image, kind)
    whole = np.uint16 if image.is_float else np.uint8
    if kind.channels == 1:
        return _whole((colours @ np.array(_LUMA, dtype=np.float32))[:, :, None], whole)
    opaque = not alpha.size or bool((alpha >= 1).all())
    return _whole(colours if opaque else np.concatenate((colours, alpha), axis=2), whole)


def _written(path: str, kind: MapKind, folder: Path) -> str:
    if is_reference(path):
        image = _image(path)
        if image is None or fault(path):
            raise UserError(fault(path))
        return str(_write(image, kind, folder))
    if Path(path).suffix.lower() not in _path.extensions_image or _suffix(_beginning(path)):
        return path
    try:
        image = bpy.data.images.load(path)
    except RuntimeError:
        return path  # the engine says what is wrong with it
    try:
        return str(_write(image, kind, folder)) if image.size[0] else path
    finally:
        bpy.data.images.remove(image)


def _write(image: Any, kind: MapKind, folder: Path) -> Path:
    """Its packed file as it is, if the engine can read it; else its numbers."""
    packed = b"" if image.is_dirty or not image.packed_file else image.packed_file.data
    if packed and _as_engine_reads(image, packed):
        data, suffix = packed, _suffix(packed)
    else:
        data, suffix = png_file.encode(levels(image, kind)), ".png"
    folder.mkdir(parents=True, exist_ok=True)
    name = file_names.portable(bpy.path.clean_name(Path(image.name).stem))
    names = (f"{name}{number}{suffix}" for number in ("", *(f"_{n:03}" for n in range(2, 1000))))
    path = next(path for path in map(folder.joinpath, names) if not path.exists())
    path.write_bytes(data)
    return path


def _as_engine_reads(image: Any, beginning: bytes) -> bool:
    suffix = _suffix(beginning)
    return bool(suffix) and not (suffix == ".tif" and image.is_float)


def _suffix(beginning: bytes) -> str:
    return next((suffix for start, suffix in _BEGINNINGS.items() if beginning.startswith(start)), "")


def _beginning(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(4)
    except OSError:
        return b""


def _image(reference: str) -> Any:
    return preview.by_uid(int(reference.removeprefix(_SCHEME).partition("/")[0]))


def _as_in_a_file(numbers: np.ndarray, image: Any, kind: MapKind) -> np.ndarray:
    """Colours encoded for display; other maps as they were before Blender decoded them."""
    space = image.colorspace_settings
    if space.is_data or (kind is not MapKind.COLOUR and space.name != "sRGB"):
        return numbers
    light = numbers.clip(0, 1)  # IEC 61966-2-1
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _whole(numbers: np.ndarray, kind: type) -> np.ndarray:
    most = np.iinfo(kind).max
    return np.rint(numbers.clip(0, 1) * most).astype(kind)
