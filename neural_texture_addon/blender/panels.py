"""The sidebar tab, in the 3D View and in the Shader Editor. Drawing never computes."""

from typing import Any

import bpy
from bpy.types import Context, Panel, UILayout, UIList

from . import console, session
from .extension import BASE_PACKAGE
from .preferences import draw_message
from .properties import NeuralTextureSettings, settings_of
from .session import Level


class StyleImages(UIList):
    """A row for each style image."""

    bl_idname = "NEURAL_TEXTURE_UL_style_images"

    def draw_item(  # type: ignore[override]  # Blender passes them by position, as many as we take
        self, _context: Context, layout: UILayout, _data: Any, item: Any, _icon: int, _active: Any, _property: str
    ) -> None:
        """Whether it takes part, its name, its weight."""
        row = layout.row(align=True)
        row.use_property_split = False
        row.prop(item, "enabled", text="")
        row.prop(item, "name", text="", emboss=False, icon="IMAGE_DATA")
        weight = row.row()
        weight.ui_units_x = 3
        weight.prop(item, "weight", text="", emboss=False)


class _Tab:
    """The tab's content, the same in both editors."""

    bl_label = "Neural Texture"
    bl_category = "Neural Texture"
    layout: UILayout

    def draw(self, context: Context) -> None:
        """Draw the tab."""
        settings = settings_of(context)
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        characters = _characters(context)
        _draw_engine(self.layout, characters)
        _draw_images(self.layout, settings)
        _draw_settings(self.layout, settings)
        _draw_job(self.layout, settings, characters)


class View3DTab(_Tab, Panel):
    """In the 3D View."""

    bl_idname = "NEURAL_TEXTURE_PT_view_3d"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"


class ShaderEditorTab(_Tab, Panel):
    """In the Shader Editor."""

    bl_idname = "NEURAL_TEXTURE_PT_shader_editor"
    bl_space_type = "NODE_EDITOR"
    bl_region_type = "UI"

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Not in the other node editors."""
        space = context.space_data
        return isinstance(space, bpy.types.SpaceNodeEditor) and space.tree_type == "ShaderNodeTree"


CLASSES = (StyleImages, View3DTab, ShaderEditorTab)


def _characters(context: Context) -> int:
    """About how many characters of a label fit beside its icon."""
    region: Any = context.region
    preferences: Any = context.preferences
    return max(20, int(region.width / preferences.system.ui_scale / 7) - 8)


def _draw_engine(layout: UILayout, characters: int) -> None:
    message = session.engine()
    if message is None or message.level is not Level.ERROR:
        return
    box = layout.box()
    draw_message(box, message, characters)
    box.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES").module = BASE_PACKAGE


def _draw_images(layout: UILayout, settings: NeuralTextureSettings) -> None:
    if not settings.images:
        column = layout.column()
        column.label(text="Start with one or more style images", icon="IMAGE_DATA")
        column.operator("neural_texture.add_style_images", text="Add Style Images...", icon="FILEBROWSER")
        return
    row = layout.row()
    row.template_list(StyleImages.bl_idname, "", settings, "images", settings, "active_image", rows=3)
    buttons = row.column(align=True)
    buttons.operator("neural_texture.add_style_images", text="", icon="ADD")
    buttons.operator("neural_texture.remove_style_image", text="", icon="REMOVE")
    if settings.active_image < len(settings.images):
        column = layout.column()
        column.prop(settings.images[settings.active_image], "filepath")
        column.prop(settings.images[settings.active_image], "scale")


def _draw_settings(layout: Any, settings: NeuralTextureSettings) -> None:
    size = layout.column(align=True)
    size.prop(settings, "width")
    size.prop(settings, "height")
    layout.prop(settings, "preset")
    layout.prop(settings, "seed")
    header, body = layout.panel("NEURAL_TEXTURE_more", default_closed=True)
    header.label(text="More")
    if body:
        body.prop(settings, "tiling")
        body.prop(settings, "device")
        body.prop(settings, "folder")


def _draw_job(layout: UILayout, settings: NeuralTextureSettings, characters: int) -> None:
    current = session.running()
    if current is None:
        button = layout.row()
        button.scale_y = 1.5
        button.enabled = bool(settings.images)
        button.operator("neural_texture.generate", icon="TEXTURE")
    else:
        fraction = current.progress.fraction if current.progress else 0.0
        row = layout.row(align=True)
        row.progress(factor=fraction, text=console.in_words(current), type="BAR")
        row.operator("neural_texture.cancel", text="", icon="X")
    if message := session.message():
        draw_message(layout, message, characters)
    last = session.current()
    for note in last.notes if last else ():
        draw_message(layout, session.Message(Level.WARNING, note), characters)
    if last is not None and last.ending is not None:
        layout.operator("wm.path_open", text="Open Folder", icon="FILE_FOLDER").filepath = last.request.out
