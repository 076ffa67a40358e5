"""Small pictures for the panel. Blender reads and draws each in a thread of its own when it is first shown."""

from pathlib import Path
from typing import Any

import bpy
import bpy.utils.previews
from bpy.app.handlers import persistent

from . import opened_file

_kept: list[Any] = []
"""Blender's collection of previews: of files alone, by their paths."""


def register() -> None:
    """Have a place to keep them."""
    _kept.append(bpy.utils.previews.new())
    bpy.app.handlers.load_pre.append(_forget)


def unregister() -> None:
    """Free them all."""
    bpy.app.handlers.load_pre.remove(_forget)
    bpy.utils.previews.remove(_kept.pop())


def of_file(path: str) -> int:
    """The icon of an image file; 0 if there is none."""
    (previews,) = _kept
    path = bpy.path.abspath(path)
    if path and path not in previews and Path(path).is_file():
        previews.load(path, path, "IMAGE")
    return previews[path].icon_id if path in previews else 0


def of_image(image: bpy.types.Image) -> int:
    """The icon of an image in Blender."""
    icon: Any = bpy.types.UILayout.icon
    return icon(image)


def of_style_image(row: Any) -> int:
    """The icon of a row of the panel's list; 0 if there is none, or if it is not to be looked for yet."""
    if opened_file.is_unseen():
        return 0
    return of_image(row.image) if row.image else of_file(row.filepath)


@persistent
def _forget(*_: object) -> None:
    """Another file's style images are others."""
    for previews in _kept:
        previews.clear()
