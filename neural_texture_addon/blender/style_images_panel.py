"""The style images as they are drawn: the list, and what is set of the selected one. Drawing never computes."""

from typing import Any

from bpy.types import Context, UILayout, UIList

from ..job.description import PACKED, Crop, Exemplar, MapKind
from . import described, thumbnails, words
from .job_from_scene import MAP_FILES, MAP_IMAGES
from .translations import rpt_


class StyleImages(UIList):
    """A row for each style image."""

    bl_idname = "NEURAL_TEXTURE_UL_style_images"

    def draw_item(  # type: ignore[override]  # Blender passes them by position, as many as we take
        self, _context: Context, layout: UILayout, _data: Any, item: Any, _icon: int, _active: Any, _property: str
    ) -> None:
        """Whether it takes part, what it looks like, its name, its weight."""
        row = layout.row(align=True)
        row.use_property_split = False
        row.prop(item, "enabled", text="")
        icon = thumbnails.of_style_image(item)
        name = row.row()
        name.active = item.enabled
        name.prop(item, "name", text="", emboss=False, **({"icon_value": icon} if icon else {"icon": "IMAGE_DATA"}))
        weight = row.row()
        weight.active = item.enabled
        weight.ui_units_x = 3
        weight.prop(item, "weight", text="", emboss=False)


CLASSES = (StyleImages,)


def draw(layout: Any, settings: Any) -> None:
    """Draw the list and the selected image; where there is none yet, how to begin."""
    if not settings.images:
        column = layout.column()
        column.label(text="Start with one or more style images", icon="IMAGE_DATA")
        column.operator("neural_texture.add_style_images", text="Add Style Images...", icon="FILEBROWSER")
        column.operator("neural_texture.add_blender_image", text="Add Image from Blender...", icon="BLENDER")
        column.label(text="Or drop image files here")
        return
    row = layout.row()
    row.template_list(StyleImages.bl_idname, "", settings, "images", settings, "active_image", rows=3)
    buttons = row.column(align=True)
    buttons.operator("neural_texture.add_style_images", text="", icon="ADD")
    buttons.operator("neural_texture.add_blender_image", text="", icon="BLENDER")
    buttons.operator("neural_texture.remove_style_image", text="", icon="REMOVE")
    if settings.active_image < len(settings.images):
        _draw_selected(layout, settings.images[settings.active_image], settings)


def _draw_selected(layout: Any, image: Any, settings: Any) -> None:
    icon = thumbnails.of_style_image(image)
    row = layout.split(factor=0.35) if icon else layout.row()
    if icon:
        row.template_icon(icon_value=icon, scale=4.2)
    column = row.column(align=True)
    column.use_property_split = False
    file = column.row(align=True)
    file.alert = not icon
    _draw_map(file, image, MapKind.COLOUR, text="")
    column.prop(image, "weight")
    column.prop(image, "scale")
    column.operator("neural_texture.crop_style_image", text=_cropped(image), icon="SELECT_SET")
    if any(getattr(image, MAP_FILES[kind]) for kind in MapKind if kind is not MapKind.COLOUR) or image.packed:
        column = layout.column()
        column.prop(settings, "maps")
    others = layout.column()
    for kind in MapKind:
        if kind.value in settings.maps and kind is not MapKind.COLOUR:
            _draw_map(others.row(align=True), image, kind)
    if MapKind.NORMAL.value in settings.maps:
        others.prop(image, "green")
    if image.packed or any(kind.value in settings.maps for kind in PACKED):
        others.prop(image, "packed")
    if image.packed:
        others.prop(image, "packed_as")
    header, body = layout.panel("NEURAL_TEXTURE_image", default_closed=True)
    header.label(text="Crop and Sizes")
    if body:
        _draw_crop(body, image)
        _draw_sizes(body.column(align=True), image)


def _cropped(image: Any) -> str:
    """What the button says: how much is left."""
    return (
        rpt_("Crop ({width:.0%} x {height:.0%})").format(width=image.crop.width, height=image.crop.height)
        if image.use_crop
        else "Crop"
    )


def _draw_map(row: Any, image: Any, kind: MapKind, **look: Any) -> None:
    """The file of a map, or the image in Blender that stands in its place."""
    if getattr(image, MAP_IMAGES[kind]):
        row.prop(image, MAP_IMAGES[kind], **look)
        return
    row.prop(image, MAP_FILES[kind], **look)
    choose = row.operator("neural_texture.add_blender_image", text="", icon="BLENDER")
    choose.map, choose.to_selected = kind.value, True


def _draw_crop(layout: Any, image: Any) -> None:
    layout.prop(image, "use_crop")
    crop = layout.column(align=True)
    crop.active = image.use_crop
    for name in described.fields(Crop):
        crop.prop(image.crop, name)


def _draw_sizes(layout: Any, image: Any) -> None:
    for number, size in enumerate(image.magnifications):
        row = layout.row(align=True)
        row.prop(size, "value", text=" " if number else words.FIELDS[Exemplar]["magnifications"].label)
        row.operator("neural_texture.remove_item", text="", icon="X").item = size.path_from_id()
    layout.operator("neural_texture.add_magnification", icon="ADD")
