"""Maps From Colour: the other maps of the material that shows a colour image, estimated from it."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty
from bpy.types import Context, Operator

from ..job.description import Estimates, MapKind, Tiling
from ..supervisor.environment import EngineError
from . import active_texture, described, estimation, opened_file, session, words
from .errors import UserError
from .properties import settings_of
from .session import Level

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

_OTHERS = tuple(kind for kind in MapKind if kind is not MapKind.COLOUR)
USUAL = tuple(kind for kind in _OTHERS if kind is not MapKind.METALNESS)
"""What is made if nothing else is said."""
_AS_MADE = "as_made"
_SOUGHT = -1.0
"""For the light, where it is to be looked for."""
_SHOWN = ("relief", "brightness", "shading", "light", "roughness", "roughness_contrast", "metalness")
"""What an artist sets; all can be given as keywords."""


class MapsFromColour(Operator):
    """Estimate the other maps."""

    bl_idname = "neural_texture.maps_from_colour"
    bl_label = "Maps From Colour"
    bl_description = (
        "Guess normal, height, roughness and occlusion from the texture's colour, and put them into its material. They "
        "are estimates: what is high and what is only painted bright looks the same. Maps that it has already stay"
    )
    bl_options = {"REGISTER"}  # noqa: RUF012  # Blender's own convention

    maps: EnumProperty(
        name="Maps",
        description="Which maps to make",
        items=[(kind.value, *words.CHOICES[kind]) for kind in _OTHERS],
        default={kind.value for kind in USUAL},
        options={"ENUM_FLAG"},
    )
    tiling: EnumProperty(
        name="Repeats",
        description="In which directions the image repeats without a seam: there the maps do, too",
        items=[
            described.enum_item(_AS_MADE, "As It Was Made", "As the texture was made to; another image: not at all"),
            *described.enum_items(Tiling),
        ],
        default=_AS_MADE,
    )
    flatten: described.prop(Estimates, "flatten")
    light_size: described.prop(Estimates, "light_size")
    relief: described.prop(Estimates, "relief")
    brightness: described.prop(Estimates, "brightness")
    shading: described.prop(Estimates, "shading")
    light: described.prop(
        Estimates,
        "light",
        description="Whence the light comes, in degrees: 0 from the right, 90 from above. Below 0 it is looked for",
        default=_SOUGHT,
        min=_SOUGHT,
        soft_min=_SOUGHT,
    )
    fine: described.prop(Estimates, "fine")
    medium: described.prop(Estimates, "medium")
    coarse: described.prop(Estimates, "coarse")
    roughness: described.prop(Estimates, "roughness")
    roughness_contrast: described.prop(Estimates, "roughness_contrast")
    reach: described.prop(Estimates, "reach")
    metalness: described.prop(Estimates, "metalness")

    @classmethod
    def poll(cls, context: Context) -> bool:
        """There must be an image in a material; one at a time."""
        if session.estimates.running:
            cls.poll_message_set("Maps are being made already")
            return False
        cls.poll_message_set("The active object wears no image")
        return active_texture.material_of(context) is not None

    def invoke(self, context: Context, _event: Any) -> "set[OperatorReturnItems]":
        """Ask which, and how."""
        assert context.window_manager is not None
        return context.window_manager.invoke_props_dialog(self, confirm_text="Make Maps")

    def draw(self, context: Context) -> None:
        """Draw the checklist of maps and the settings that matter most."""
        layout: Any = self.layout
        layout.use_property_split = True
        layout.label(text="Estimates, guessed from the colour alone", icon="INFO")
        layout.column().prop(self, "maps")
        layout.prop(self, "tiling")
        column = layout.column(align=True)
        for name in _SHOWN:
            if name != "metalness" or MapKind.METALNESS.value in self.maps:
                label = {"text": "Light (Looked For)"} if name == "light" and self.light < 0 else {}
                column.prop(self, name, **label)
        if opened_file.is_unseen():
            layout.label(text=opened_file.writes(settings_of(context).folder))

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Start. With a window, return at once; without, wait for the maps."""
        image, worn = active_texture.of(context), active_texture.material_of(context)
        assert image is not None
        assert worn is not None
        kinds = [kind for kind in _OTHERS if kind.value in self.maps]
        tiling = None if self.tiling == _AS_MADE else Tiling(self.tiling)
        folder = settings_of(context).folder
        try:
            asked = estimation.ask(estimation.colour_of(image), worn, kinds, self._wanted(), tiling, folder)
        except (UserError, EngineError) as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        if not bpy.app.background:
            estimation.follow()
            return {"FINISHED"}
        estimation.wait(asked)
        message = session.estimates.message
        assert message is not None
        self.report({message.level.value}, message.text)
        return {"FINISHED"} if asked.image_uids else {"CANCELLED"}

    def _wanted(self) -> Estimates:
        said = {spec.name: described.value(Estimates, spec.name, self.properties) for spec in fields(Estimates)}
        return Estimates(**said | {"light": said["light"] if self.light >= 0 else None})


class CancelMaps(Operator):
    """Stop making maps."""

    bl_idname = "neural_texture.cancel_maps"
    bl_label = "Cancel"
    bl_description = "Stop making maps. The material stays as it is"

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """Something must be running."""
        return session.estimates.running is not None

    def execute(self, _context: Context) -> "set[OperatorReturnItems]":
        """End the process; the timer hears its ending."""
        session.estimates.cancel()
        return {"FINISHED"}


CLASSES = (MapsFromColour, CancelMaps)


def draw(layout: Any) -> None:
    """The button; while maps are being made, how to stop."""
    if session.estimates.running:
        row = layout.row(align=True)
        row.label(text="Making Maps...", icon="SORTTIME")
        row.operator("neural_texture.cancel_maps", text="", icon="X")
        return
    layout.operator("neural_texture.maps_from_colour", icon="NODE_MATERIAL")


def last_message() -> session.Message | None:
    """What came of it, for as long as it is worth a line."""
    message = session.estimates.message
    return message if message and message.level is not Level.INFO else None
