"""Add Image from Blender: an image of the .blend as a style image, or as a map of one."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty
from bpy.types import Context, Event, Operator

from ..job.description import MapKind
from . import described, redraw, style_image_files, thumbnails
from .job_from_scene import MAP_IMAGES
from .properties import settings_of
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


def _choices(_operator: Any, _context: Context | None) -> list[Any]:
    return [
        described.kept((image.name_full, image.name_full, "", thumbnails.of_image(image), image.session_uid))
        for image in bpy.data.images
        if image.source != "VIEWER"
    ]


class AddBlenderImage(Operator):
    """Choose an image of the .blend."""

    bl_idname = "neural_texture.add_blender_image"
    bl_label = "Add Image from Blender"
    bl_description = "Choose an image that is in this .blend already: loaded, painted, packed or generated"
    bl_options = {"UNDO"}  # noqa: RUF012  # Blender's own convention
    bl_property = "image"

    image: EnumProperty(name="Image", description="Which image", items=_choices, options={"SKIP_SAVE"})
    map: EnumProperty(
        name="Map", description="What it shows", items=described.enum_items(MapKind), options={"SKIP_SAVE"}
    )
    to_selected: BoolProperty(
        name="To Selected",
        description="Take it for the selected style image rather than for a new one",
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: Context, _event: Event) -> "set[OperatorReturnItems]":
        """Ask which one."""
        if not _choices(self, context):
            self.report({"ERROR"}, rpt_("There is no image in this .blend: add image files instead"))
            return {"CANCELLED"}
        assert context.window_manager
        context.window_manager.invoke_search_popup(self)
        return {"INTERFACE"}

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Take it, or say why it can't be."""
        settings = settings_of(context)
        image = next((image for image in bpy.data.images if image.name_full == self.image), None)
        if image is None:
            self.report({"ERROR"}, rpt_("No image was chosen"))
            return {"CANCELLED"}
        if fault := style_image_files.refused(image):
            self.report({"ERROR"}, fault)
            return {"CANCELLED"}
        if self.to_selected and settings.active_image < len(settings.images):
            row = settings.images[settings.active_image]
        else:
            row = settings.images.add()
            row.name, settings.active_image = image.name, len(settings.images) - 1
        setattr(row, MAP_IMAGES[MapKind(self.map)], image)
        redraw.panels()
        return {"FINISHED"}


CLASSES = (AddBlenderImage,)
