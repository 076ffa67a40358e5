"""The sidebar tab, in the 3D View, the Shader Editor and the Image Editor. Drawing never computes."""

from collections.abc import Callable
from typing import Any

import bpy
from bpy.types import Context, Panel, UILayout

from ..job.description import PACKED, Octaves, Picture, Seed
from . import (
    active_texture,
    canvas_shape,
    job_from_scene,
    job_panel,
    material_panel,
    own_presets,
    preset_list,
    session,
    stack_panel,
    style_images_panel,
)
from .extension import BASE_PACKAGE
from .preferences import draw_engine
from .properties import NeuralTextureSettings, settings_of
from .session import Level

CATEGORY = "Neural Texture"
"""Name of the tab."""


class _Tab:
    """The tab's content, the same in both editors."""

    bl_label = "Neural Texture"
    bl_category = CATEGORY
    layout: UILayout

    def draw_header_preset(self, _context: Context) -> None:
        """The presets at the right end of the header."""
        self.layout.popover(own_presets.PresetsPopover.bl_idname, text="", icon="PRESET")

    def draw(self, context: Context) -> None:
        """Draw the tab."""
        settings = settings_of(context)
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        characters = _characters(context)
        _draw_engine(self.layout, characters)
        style_images_panel.draw(self.layout, settings)
        _draw_settings(self.layout, settings)
        job_panel.draw(self.layout, settings, characters)
        material_panel.draw_texture(self.layout, context, characters)
        _draw_details(self.layout, settings)


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


class ImageEditorTab(Panel):
    """In the Image Editor: what can be done with the image."""

    bl_idname = "NEURAL_TEXTURE_PT_image_editor"
    bl_label = "Neural Texture"
    bl_category = CATEGORY
    bl_space_type = "IMAGE_EDITOR"
    bl_region_type = "UI"

    def draw(self, context: Context) -> None:
        """Draw the tab."""
        material_panel.draw_image(self.layout, active_texture.of(context), _characters(context))


CLASSES = (View3DTab, ShaderEditorTab, ImageEditorTab)


def _characters(context: Context) -> int:
    """About how many characters of a label fit beside its icon."""
    region: Any = context.region
    preferences: Any = context.preferences
    return max(20, int(region.width / preferences.system.ui_scale / 7) - 8)


def _draw_engine(layout: UILayout, characters: int) -> None:
    """Nothing, unless it has to be set up or that goes on."""
    message = session.engine.message
    if not session.engine.running and (message is None or message.level is Level.INFO):
        return
    box = layout.box()
    draw_engine(box, characters)
    box.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES").module = BASE_PACKAGE


def _draw_settings(layout: Any, settings: NeuralTextureSettings) -> None:
    """What every artist sets."""
    if settings.customised:
        row = layout.row(align=True)
        row.label(text="Own Steps", icon="MODIFIER")
        row.operator("neural_texture.back_to_preset")
        row.operator("neural_texture.save_preset", text="", icon="ADD")
        column = layout.column(align=True)
    else:
        row = layout.split(factor=0.35)
        row.template_icon_view(settings, "preset", show_labels=True, scale=3.3, scale_popup=5.0)
        column = row.column(align=True)
        column.use_property_split = False
        column.prop(settings, "preset", text="")
    canvas_shape.draw(column, settings)
    column.prop(settings, "seed")
    if settings.use_content:
        layout.prop(settings.content, "path", text="Content Image")
    elif not settings.customised and _follows_content(settings.preset):
        layout.prop(settings, "use_content", text="Choose a Content Image", icon="IMAGE_DATA", toggle=True)


def _follows_content(preset: str) -> bool:
    entry = preset_list.find(preset)
    ready = entry.preset if entry else None
    return ready is not None and any(map(job_from_scene.follows_content, ready.jobs.values()))


def _draw_details(layout: Any, settings: NeuralTextureSettings) -> None:
    """What the artist need not know: below the button, each in a panel of its own."""
    header, body = layout.panel("NEURAL_TEXTURE_advanced", default_closed=True)
    header.label(text="Advanced")
    if body:
        _draw_advanced(body, settings)
    material_panel.draw(layout, settings)
    header, body = layout.panel("NEURAL_TEXTURE_more", default_closed=True)
    header.label(text="Output")
    if body:
        _draw_output(body, settings)


def _draw_advanced(layout: Any, settings: NeuralTextureSettings) -> None:
    if settings.customised:
        header, body = layout.panel("NEURAL_TEXTURE_steps")
        header.label(text="Steps")
        if body:
            stack_panel.draw_steps(body, settings)
    else:
        layout.prop(settings, "features")
        layout.operator("neural_texture.customise", icon="MODIFIER")
    for name, use, draw in (
        ("octaves", "use_octaves", _draw_octaves),
        ("start", "use_start", _draw_start),
        ("content", "use_content", _draw_content),
    ):
        _draw_optional(layout, settings, name, use, draw)


def _draw_optional(layout: Any, settings: Any, name: str, use: str, draw: Callable[[Any, Any], None]) -> None:
    """A panel whose header says whether the artist's own settings hold."""
    header, body = layout.panel(f"NEURAL_TEXTURE_{name}", default_closed=True)
    row = header.row()
    row.use_property_split, row.alignment = False, "LEFT"
    label = settings.bl_rna.properties[use].name
    look = {"icon": "CHECKBOX_HLT" if getattr(settings, use) else "CHECKBOX_DEHLT", "emboss": False}
    if use == "use_content":
        row.prop(settings, use, **look)
    elif settings.customised:
        row.label(text=label)
    else:
        row.operator(f"neural_texture.{use}", text=label, **look)
    if body:
        column = body.column()
        column.active = getattr(settings, use) or settings.customised
        draw(column, settings)


def _draw_octaves(layout: Any, settings: Any) -> None:
    stack_panel.draw_fields(layout, Octaves, settings.octaves, settings)


def _draw_start(layout: Any, settings: Any) -> None:
    stack_panel.draw_union(layout, Seed, settings.start, "From", settings)


def _draw_content(layout: Any, settings: Any) -> None:
    stack_panel.draw_fields(layout, Picture, settings.content, settings)


def _draw_output(layout: Any, settings: Any) -> None:
    layout.prop(settings, "tiling")
    layout.column().prop(settings, "maps")
    layout.prop(settings.output, "format")
    layout.prop(settings.output, "bits")
    if any(kind.value in settings.maps for kind in PACKED):
        layout.prop(settings.output, "packing")
    layout.prop(settings, "device")
    layout.prop(settings, "memory")
    layout.prop(settings, "folder")
    row = layout.row(align=True)
    row.operator("neural_texture.open_job", icon="FILE_FOLDER")
    row.operator("neural_texture.save_job", icon="FILE_TICK")
