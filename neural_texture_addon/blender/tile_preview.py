"""A texture repeated 3 x 3 in an Image Editor, where its borders meet."""

from typing import TYPE_CHECKING, Any

import bpy
from bpy.types import Area, Context, Image, Operator, Window

from . import active_texture

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

_TILES = 3


class TilePreview(Operator):
    """Repeat the texture in an Image Editor, or stop repeating it."""

    bl_idname = "neural_texture.tile_preview"
    bl_label = "Tile Preview"
    bl_description = "Show the texture 3 by 3 in an Image Editor, to see whether its borders show. Again: show it once"

    @classmethod
    def poll(cls, context: Context) -> bool:
        """There must be a texture, and a window."""
        cls.poll_message_set("The active object wears no texture")
        return not bpy.app.background and active_texture.of(context) is not None

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Turn it on, or off where it is on."""
        image = active_texture.of(context)
        assert image is not None
        area = _editor(context, image) or _new_editor(context)
        space: Any = area.spaces.active
        space.show_repeat = not (space.image == image and space.show_repeat)
        space.image = image
        tiles = _TILES if space.show_repeat else 1
        # A window that has just opened doesn't know its size yet.
        which = area.as_pointer()
        bpy.app.timers.register(lambda: _fit(which, tiles), first_interval=0.05)
        return {"FINISHED"}


CLASSES = (TilePreview,)


def is_on(image: Image) -> bool:
    """Whether an editor repeats it."""
    return any(_shows(area, image) and area.spaces.active.show_repeat for _, area in _editors())  # type: ignore[union-attr]


def _editors() -> list[tuple[Window, Area]]:
    manager = bpy.context.window_manager
    windows = manager.windows if manager else ()
    return [(w, area) for w in windows for area in w.screen.areas if area.ui_type == "IMAGE_EDITOR"]


def _shows(area: Area, image: Image) -> bool:
    return area.spaces.active.image == image  # type: ignore[union-attr]


def _editor(context: Context, image: Image) -> Area | None:
    """The Image Editor at hand: this one, or one that shows the image, or any, in this window first."""

    def nearness(place: tuple[Window, Area]) -> tuple[bool, ...]:
        window, area = place
        return area == context.area, _shows(area, image), window == context.window

    _, area = max(_editors(), key=nearness, default=(None, None))
    return area


def _new_editor(context: Context) -> Area:
    """A window with an Image Editor, as Blender opens one for a render."""
    assert context.window_manager is not None
    bpy.ops.wm.window_new()
    window = context.window_manager.windows[-1]
    (area,) = window.screen.areas
    area.ui_type = "IMAGE_EDITOR"
    return area


def _fit(which: int, tiles: int) -> None:
    """Let so many tiles be seen, from edge to edge, in the area of that address if it is still there."""
    for window, area in _editors():
        space: Any = area.spaces.active
        if area.as_pointer() == which and space.image:
            region = next(region for region in area.regions if region.type == "WINDOW")
            with bpy.context.temp_override(window=window, area=area, region=region):
                bpy.ops.image.view_all()
            width, height = space.image.size
            if width and height:
                space.zoom_percentage = 100 * min(region.width / width, region.height / height) / tiles
