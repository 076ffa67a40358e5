"""Crop: a rectangle over the selected style image, dragged with the mouse in an Image Editor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bpy
from bpy.app.handlers import persistent
from bpy.types import Context, Event, Operator

from ..job.description import Crop
from . import crop_drawing, crop_editor, described
from .crop_editor import Shown
from .crop_geometry import Grip, Rectangle, dragged, spanned, taken
from .errors import UserError
from .properties import settings_of
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

_REACH = 9
"""Of the mouse about an edge, in px of a screen of ordinary resolution."""
_NAVIGATION = {
    *("MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE", "TRACKPADPAN", "TRACKPADZOOM", "MOUSEROTATE"),
    *("HOME", "NUMPAD_PLUS", "NUMPAD_MINUS", "NDOF_MOTION", "NDOF_BUTTON_FIT"),
}
"""What Blender may have meanwhile."""
_CURSORS = {
    Grip.OUTSIDE: "CROSSHAIR",
    Grip.LEFT: "MOVE_X",
    Grip.RIGHT: "MOVE_X",
    Grip.TOP: "MOVE_Y",
    Grip.BOTTOM: "MOVE_Y",
}
_HINTS = (
    ("Confirm", "EVENT_RETURN"),
    ("Cancel", "EVENT_ESC"),
    ("Draw, Move, Resize", "MOUSE_LMB_DRAG"),
    ("Keep Proportions", "EVENT_SHIFT"),
    ("Whole Image", "EVENT_A"),
    ("Pan", "MOUSE_MMB_DRAG"),
)


@dataclass(kw_only=True)
class Cropping:
    """What goes on between the click on Crop and its end."""

    shown: Shown
    row: int
    named: tuple[str, int | None]
    """What the row named at first: if it names something else, it has become another row."""
    rectangle: Rectangle
    grip: Grip = Grip.OUTSIDE
    """Under the mouse, or held."""
    start: tuple[float, float] | None = None
    """Where the mouse was pressed, in px of the image; None while it isn't."""
    before: Rectangle | None = None
    """The rectangle at that moment."""


@dataclass
class _State:
    cropping: Cropping | None = None
    drawn: Any = None
    """Blender's handle of what is drawn over the image."""


_state = _State()
"""No attributes of the operator: Blender reads a class's annotations by `typing`, whose cache then holds our modules,
and through them bpy, beyond Blender's own end."""


class CropStyleImage(Operator):
    """Crop the selected style image."""

    bl_idname = "neural_texture.crop_style_image"
    bl_label = "Crop"
    bl_description = "Drag a rectangle over the style image: the texture will resemble this part of it only"
    bl_options = {"UNDO"}  # noqa: RUF012  # Blender's own convention

    @classmethod
    def poll(cls, context: Context) -> bool:
        """There must be an image and a window."""
        settings = settings_of(context)
        if settings.active_image >= len(settings.images):
            cls.poll_message_set("Select a style image first")
            return False
        if bpy.app.background:
            cls.poll_message_set("There is no window: set the crop's numbers instead")
            return False
        cls.poll_message_set("A style image is being cropped already")
        return _state.cropping is None

    def invoke(self, context: Context, _event: Event) -> "set[OperatorReturnItems]":
        """Show the image and its rectangle."""
        settings = settings_of(context)
        row = settings.images[settings.active_image]
        try:
            shown, area = crop_editor.show(context, row)
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        crop = row.crop if row.use_crop else Crop()
        rectangle = Rectangle.of(crop.left, crop.top, crop.width, crop.height, shown.size)
        state = Cropping(shown=shown, row=settings.active_image, named=_named(row), rectangle=rectangle)
        _state.cropping = state
        _state.drawn = bpy.types.SpaceImageEditor.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL")
        assert context.window_manager
        assert context.workspace
        context.workspace.status_text_set(_draw_hints)
        with context.temp_override(area=area, region=crop_editor.region_of(area)):
            bpy.ops.image.view_all(fit_view=True)
            context.window_manager.modal_handler_add(self)
        _show(context, area, state)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> "set[OperatorReturnItems]":
        """Answer the mouse and the keys."""
        state = _state.cropping
        if state is None or not _is_there(context, state):
            end()
            return {"CANCELLED"}
        if event.type in _NAVIGATION and state.start is None:
            return {"PASS_THROUGH"}
        match event.type, event.value:
            case "RET" | "NUMPAD_ENTER", "PRESS":
                _apply(settings_of(context).images[state.row], state)
                end()
                return {"FINISHED"}
            case "ESC" | "RIGHTMOUSE", "PRESS":
                if state.start is None:
                    end()
                    return {"CANCELLED"}
                state.rectangle, state.start = state.before or state.rectangle, None
            case "A", "PRESS":
                state.rectangle, state.start = Rectangle.whole(state.shown.size), None
            case _:
                _follow(context, state, event)
        _show(context, context.area, state)
        return {"RUNNING_MODAL"}

    def cancel(self, _context: Context) -> None:
        """Blender itself ends it."""
        end()


CLASSES = (CropStyleImage,)


def register() -> None:
    """Listen for file loads."""
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    """End it and leave nothing drawn."""
    bpy.app.handlers.load_pre.remove(_before_load)
    end()


def end() -> None:
    """Take the rectangle away and put the editor back, if there is one."""
    state, _state.cropping = _state.cropping, None
    if _state.drawn is not None:
        bpy.types.SpaceImageEditor.draw_handler_remove(_state.drawn, "WINDOW")
        _state.drawn = None
    if state is None:
        return
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        window.cursor_modal_restore()
        window.workspace.status_text_set(None)
    crop_editor.put_back(state.shown)


@persistent
def _before_load(*_: object) -> None:
    end()


def _follow(context: Context, state: Cropping, event: Event) -> None:
    """Let the rectangle follow the mouse."""
    region, size = crop_editor.region_of(context.area), state.shown.size
    at = crop_editor.to_image(region, size, event.mouse_region_x, event.mouse_region_y)
    if (event.type, event.value) == ("LEFTMOUSE", "PRESS"):
        state.start, state.before = at, state.rectangle
    elif event.type == "LEFTMOUSE":
        state.start = None
    if state.start is None or state.before is None:
        state.grip = taken(state.rectangle, at, _reach(region, size), size)
    elif state.grip is not Grip.OUTSIDE:
        by = at[0] - state.start[0], at[1] - state.start[1]
        state.rectangle = dragged(state.before, state.grip, by, size, in_proportion=event.shift)
    elif at != state.start:
        state.rectangle = spanned(state.start, at, size, square=event.shift)


def _reach(region: Any, size: tuple[int, int]) -> tuple[float, float]:
    """How far the mouse reaches, in px of the image, across and down."""
    far = _REACH * bpy.context.preferences.system.ui_scale  # type: ignore[union-attr]
    x, y = crop_editor.to_image(region, size, 0, 0)
    right, up = crop_editor.to_image(region, size, far, far)
    return right - x, y - up


def _apply(row: Any, state: Cropping) -> None:
    left, top, width, height = state.rectangle.shares(state.shown.size)
    row.use_crop = state.rectangle != Rectangle.whole(state.shown.size)
    described.put(row, "crop", Crop(left=left, top=top, width=width, height=height))


def _is_there(context: Context, state: Cropping) -> bool:
    images = settings_of(context).images
    row_is = state.row < len(images) and _named(images[state.row]) == state.named
    return row_is and crop_editor.shows(context.area, state.shown)


def _named(row: Any) -> tuple[str, int | None]:
    return row.filepath, row.image.session_uid if row.image else None


def _show(context: Context, area: Any, state: Cropping) -> None:
    rectangle = state.rectangle
    area.header_text_set(
        rpt_("Crop: {width} x {height} px of {size} x {size_2}, from {left}, {top}").format(
            width=rectangle.width,
            height=rectangle.height,
            size=state.shown.size[0],
            size_2=state.shown.size[1],
            left=rectangle.left,
            top=rectangle.top,
        )
    )
    window: Any = context.window
    window.cursor_modal_set(_CURSORS.get(state.grip, "SCROLL_XY"))
    area.tag_redraw()


def _draw() -> None:
    """Draw over the image, in our editor alone."""
    state, area = _state.cropping, bpy.context.area
    if state is not None and crop_editor.shows(area, state.shown):
        crop_drawing.draw(bpy.context.region, state.rectangle, state.shown.size, state.grip, state.start is not None)


def _draw_hints(header: Any, _context: Context) -> None:
    for text, icon in _HINTS:
        header.layout.label(text=text, icon=icon)
