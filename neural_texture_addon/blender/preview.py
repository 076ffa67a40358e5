"""A map's file -> Blender's image."""

from pathlib import Path
from typing import Any

import bpy
from bpy.types import Image

from ..job.description import MapKind


def load(path: str, name: str, kind: MapKind, shown: Image | None = None) -> Image:
    """The image of the file at `path`, in place of what has been `shown` for it. Raises RuntimeError."""
    image = bpy.data.images.load(path, check_existing=False)
    image.filepath = notation(path)
    if kind is not MapKind.COLOUR:
        colour_space: Any = image.colorspace_settings
        colour_space.is_data = True
    if shown is not None:
        shown.user_remap(image)
        bpy.data.images.remove(shown)
    image.name = name
    return image


def by_uid(uid: int | None) -> Image | None:
    """The image of that session_uid, if an undo hasn't taken it."""
    return next((image for image in bpy.data.images if image.session_uid == uid), None)


def notation(path: str) -> str:
    """`path` relative to the .blend if it lies beside it, as artists expect of a texture."""
    preferences: Any = bpy.context.preferences
    if not bpy.data.filepath or not preferences.filepaths.use_relative_paths:
        return path
    beside = Path(path).is_relative_to(Path(bpy.data.filepath).parent)
    return bpy.path.relpath(path) if beside else path
