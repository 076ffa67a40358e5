"""A texture is square until its height is set: one number says its size. Old files and scripts set both, as ever."""

from typing import TYPE_CHECKING, Any

from bpy.types import Context, Operator

from .properties import settings_of

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class ToggleSquare(Operator):
    """Square or not."""

    bl_idname = "neural_texture.toggle_square"
    bl_label = "Square"
    bl_description = "Let the height be the width, or set it by itself"
    bl_options = {"UNDO", "INTERNAL"}  # noqa: RUF012  # Blender's own convention

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Turn it about."""
        settings = settings_of(context)
        if is_square(settings):
            settings.height = settings.width
        else:
            settings.property_unset("height")
        return {"FINISHED"}


CLASSES = (ToggleSquare,)


def is_square(settings: Any) -> bool:
    """Whether one number says the size."""
    return not settings.is_property_set("height")


def draw(layout: Any, settings: Any) -> None:
    """Draw the size, and the button that makes two numbers of it."""
    square = is_square(settings)
    row = layout.row(align=True)
    row.prop(settings, "width", text="Size" if square else "Width")
    icon = "LINKED" if square else "UNLINKED"
    row.operator(ToggleSquare.bl_idname, text="", icon=icon, depress=square)
    if not square:
        layout.prop(settings, "height")
