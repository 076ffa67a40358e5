"""An Image Editor that shows a style image for a while, and is put back as it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Context

from . import preview, redraw, style_image_files
from .errors import UserError
from .translations import rpt_

_LARGE_ENOUGH = 350
"""Shorter side in px of an area in which a rectangle can be drawn."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Where the image is shown, and what was there before. Holds no pointers to Blender's data."""

    area: int
    """Its address, to know it again."""
    was: str
    """What kind of editor it was."""
    image_before: int | None
    """session_uid."""
    mode_before: str
    image: int
    """session_uid."""
    loaded: bool
    """Whether the image is in Blender for this alone."""
    size: tuple[int, int]
    """In px."""


def show(context: Context, row: Any) -> tuple[Shown, Any]:
    """Show the image of a row of the panel's list; gives the area, too. Raises UserError."""
    there = {image.session_uid for image in bpy.data.images}
    image = _image_of(row)
    loaded = image.session_uid not in there
    area = _editor(context)
    was = area.ui_type
    area.ui_type = "IMAGE_EDITOR"
    space = area.spaces.active
    shown = Shown(
        area=area.as_pointer(),
        was=was,
        image_before=space.image.session_uid if space.image else None,
        mode_before=space.mode,
        image=image.session_uid,
        loaded=loaded,
        size=(image.size[0], image.size[1]),
    )
    space.mode, space.image = "VIEW", image
    return shown, area


def shows(area: Any, shown: Shown) -> bool:
    """Whether `area` still shows the image."""
    if area is None or area.as_pointer() != shown.area or area.type != "IMAGE_EDITOR":
        return False
    image = area.spaces.active.image
    return image is not None and image.session_uid == shown.image


def put_back(shown: Shown) -> None:
    """Let the editor be what it was."""
    for area in _areas():
        if area.as_pointer() == shown.area and area.type == "IMAGE_EDITOR":
            space = area.spaces.active
            space.image, space.mode = preview.by_uid(shown.image_before), shown.mode_before
            area.header_text_set(None)
            area.ui_type = shown.was
    image = preview.by_uid(shown.image)
    if shown.loaded and image is not None:
        bpy.data.images.remove(image)
    redraw.textures()


def to_image(region: Any, size: tuple[int, int], x: float, y: float) -> tuple[float, float]:
    """A place in the editor as px of the image, from its upper left corner."""
    across, up = region.view2d.region_to_view(x, y)
    return across * size[0], (1 - up) * size[1]


def to_region(region: Any, size: tuple[int, int], x: float, y: float) -> tuple[float, float]:
    """The other way."""
    return region.view2d.view_to_region(x / size[0], 1 - y / size[1], clip=False)


def region_of(area: Any) -> Any:
    """The part of an area where the image is."""
    return next(region for region in area.regions if region.type == "WINDOW")


def _image_of(row: Any) -> Any:
    image = row.image
    if image is None:
        path = bpy.path.abspath(row.filepath)
        if not Path(path).is_file():
            raise UserError(
                rpt_("The style image is not there: {path}").format(path=path)
                if path
                else "The style image names no file"
            )
        try:
            image = bpy.data.images.load(path, check_existing=True)
        except RuntimeError:
            raise UserError(rpt_("Blender can't read {path}").format(path=path)) from None
    if fault := style_image_files.refused(image):
        raise UserError(fault)
    if not image.size[0]:
        raise UserError(rpt_("{name} can't be read").format(name=image.name))
    return image


def _editor(context: Context) -> Any:
    """An Image Editor that is there; else the editor at hand, or the largest if that is too narrow."""
    assert context.screen
    areas = sorted(context.screen.areas, key=lambda area: area.width * area.height, reverse=True)
    enough = [area for area in areas if min(area.width, area.height) >= _LARGE_ENOUGH]
    there = next((area for area in enough if area.ui_type == "IMAGE_EDITOR"), None)
    return there or (context.area if context.area in enough else areas[0])


def _areas() -> Iterator[Any]:
    manager = bpy.context.window_manager
    return (area for window in (manager.windows if manager else ()) for area in window.screen.areas)
