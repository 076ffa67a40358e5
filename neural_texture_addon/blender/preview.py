"""A map's file -> Blender's image. The image shows the latest stage while the job runs, and then the result."""

from pathlib import Path
from typing import Any

import bpy

from ..job.description import MapKind

LARGEST_PREVIEW = 1024
"""A larger stage isn't shown before the end: reading it would hold up the artist."""


def load(path: str, name: str, kind: MapKind, image: bpy.types.Image | None = None) -> bpy.types.Image:
    """Show the file at `path` in `image`, or in a new one."""
    if image is None:
        image = bpy.data.images.load(path, check_existing=False)
        image.name = name
    image.filepath = notation(path)
    colour_space: Any = image.colorspace_settings
    colour_space.is_data = kind is not MapKind.COLOUR
    image.reload()
    return image


def by_uid(uid: int | None) -> bpy.types.Image | None:
    """The image of that session_uid, if an undo hasn't taken it."""
    return next((image for image in bpy.data.images if image.session_uid == uid), None)


def redraw() -> None:
    """Let the areas that show the texture or the panel draw themselves again."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "NODE_EDITOR", "IMAGE_EDITOR"}:
                area.tag_redraw()


def notation(path: str) -> str:
    """`path` relative to the .blend if it lies beside it, as artists expect of a texture."""
    preferences: Any = bpy.context.preferences
    if not bpy.data.filepath or not preferences.filepaths.use_relative_paths:
        return path
    beside = Path(path).is_relative_to(Path(bpy.data.filepath).parent)
    return bpy.path.relpath(path) if beside else path
