"""Lets Blender draw again what has changed, and no more: an artist's viewport may take long to draw."""

from collections.abc import Container, Iterator

import bpy
from bpy.types import Area

_EDITORS = "VIEW_3D", "NODE_EDITOR", "IMAGE_EDITOR"


def panels() -> None:
    """What shows how far things are: our tabs, the preferences, the status bar."""
    for area in _areas({*_EDITORS, "PREFERENCES"}):
        for region in area.regions:
            if region.type == "UI" or area.type == "PREFERENCES":
                region.tag_redraw()
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        if not window.modal_operators:  # theirs may be the text that this clears
            window.workspace.status_text_set(None)  # nothing else lets the status bar draw itself again


def textures() -> None:
    """What shows the texture."""
    for area in _areas(_EDITORS):
        area.tag_redraw()


def _areas(types: Container[str]) -> Iterator[Area]:
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        yield from (area for area in window.screen.areas if area.type in types)
