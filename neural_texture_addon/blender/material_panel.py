"""The parts of the tab that are about the material and the finished texture. Drawing never computes."""

from typing import Any

from bpy.types import Context

from . import active_texture, image_record, maps_from_colour, material_maps, tile_preview
from .placement import Into
from .preferences import draw_message
from .session import Level, Message
from .translations import rpt_


def draw(layout: Any, settings: Any) -> None:
    """Draw how a texture comes onto the surface, in a panel of its own."""
    header, body = layout.panel("NEURAL_TEXTURE_material", default_closed=True)
    header.label(text="Material")
    if not body:
        return
    body.prop(settings, "into", text="Goes To")
    column = body.column()
    column.active = settings.into == Into.NEW.value
    column.prop(settings, "projection")
    column.prop(settings, "texture_width")
    body.prop(settings, "storage")


def draw_texture(layout: Any, context: Context, characters: int) -> None:
    """Draw what can be done with the texture that the active object wears, in a panel of its own."""
    image = active_texture.of(context)
    if not image_record.is_on(image):
        return
    header, body = layout.panel("NEURAL_TEXTURE_texture")
    header.label(text=image.name, icon="TEXTURE")  # type: ignore[union-attr]
    if body:
        draw_image(body, image, characters)
        material_maps.draw(body, active_texture.material_of(context))


def draw_image(layout: Any, image: Any, characters: int) -> None:
    """Draw what can be done with an image."""
    column = layout.column()
    shown = image is not None and tile_preview.is_on(image)
    row = column.row(align=True)
    row.operator("neural_texture.tile_preview", icon="MESH_GRID", depress=shown)
    row.operator("neural_texture.set_size", icon="DRIVER_DISTANCE")
    record = image_record.glance(image)
    if record:
        again = column.column(align=True)
        again.operator("neural_texture.regenerate", icon="FILE_REFRESH")
        again.operator("neural_texture.change_seed", icon="RNDCURVE")
        again.operator("neural_texture.make_larger", icon="FULLSCREEN_ENTER")
    maps_from_colour.draw(column)
    if message := maps_from_colour.last_message():
        draw_message(column, message, characters)
    column.operator("neural_texture.mark_as_asset", icon="ASSET_MANAGER")
    if record and record.seam is not None:
        draw_message(column, seam_in_words(record.seam), characters)


def seam_in_words(seam: float) -> Message:
    """What a figure of Finished.seam means."""
    if seam <= 1.0:
        return Message(Level.INFO, rpt_("Seam {seam:.2g}: the border can't be told from other lines").format(seam=seam))
    if seam <= 1.5:
        return Message(
            Level.WARNING,
            rpt_("Seam {seam:.2g}: the border is among the sharpest lines, and may show").format(seam=seam),
        )
    return Message(Level.WARNING, rpt_("Seam {seam:.2g}: the border shows. Another seed may hide it").format(seam=seam))
