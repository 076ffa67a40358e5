"""What Blender's glTF exporter is told: it leaves out the node that turns a green, and glTF wants OpenGL's normals.

The exporter makes one `Export` each time, and calls its hooks.
"""

import copy
import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.types import Image

from ..job.description import MapKind
from . import image_swap, normal_green, png_file

_GREEN = 1
_FORMATS = {"image/jpeg": "JPEG", "image/webp": "WEBP"}
_QUALITY = 90


class Export:
    """The hooks of one export."""

    def __init__(self) -> None:
        self._turned: list[Any] = []

    def gather_image_hook(self, image: Any, *said: Any) -> None:
        """`image`: the exporter's own, that it is about to write. `said`: at last the sockets and the settings."""
        *_, sockets, settings = said
        shown = next((found for each in sockets if (found := _turned(each.socket))), None)
        if shown is None or any(image is done for done in self._turned):
            return
        self._turned.append(image)
        encoded = _encoded(shown, image.mime_type, settings.get("gltf_image_quality", _QUALITY))
        for holder in ("buffer_view", "uri"):
            held = getattr(image, holder)
            for name in ("data", "_data"):  # a part of the file; a file of its own
                if name in getattr(held, "__dict__", ()):
                    other = copy.copy(held)
                    setattr(other, name, encoded)
                    setattr(image, holder, other)


def _turned(socket: Any) -> Image | None:
    """The image whose green is turned on its way to a socket for normals."""
    if "Normal" not in socket.name:
        return None
    texture = image_swap.nearest(socket, MapKind.NORMAL)
    return texture.image if texture and normal_green.turns(texture.outputs["Color"]) else None


def _encoded(image: Image, mime_type: str, quality: int) -> bytes:
    """The file of the image with its green turned."""
    width, height = image.size
    numbers = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(numbers)  # type: ignore[attr-defined]
    texels = numbers.reshape(height, width, 4)
    texels[..., _GREEN] = 1 - texels[..., _GREEN]
    if mime_type not in _FORMATS:
        kind = np.uint16 if image.is_float else np.uint8
        levels = np.rint(np.clip(texels[::-1, :, :3], 0, 1) * np.iinfo(kind).max).astype(kind)
        return png_file.encode(levels)
    return _by_blender(texels, _FORMATS[mime_type], quality)


def _by_blender(texels: np.ndarray, file_format: Any, quality: int) -> bytes:
    height, width, _ = texels.shape
    made = bpy.data.images.new("turned", width, height, is_data=True)
    try:
        made.pixels.foreach_set(texels.ravel())  # type: ignore[attr-defined]
        with tempfile.TemporaryDirectory() as folder:
            made.filepath_raw, made.file_format = str(Path(folder) / "turned"), file_format
            made.save(quality=quality)
            return Path(made.filepath_raw).read_bytes()
    finally:
        bpy.data.images.remove(made)
