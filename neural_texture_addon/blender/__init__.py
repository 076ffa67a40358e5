"""Everything that knows Blender. Computes no picture; the engine runs in a process of its own."""

import bpy

from . import (
    asset,
    blender_image,
    canvas_shape,
    cli_command,
    crop_tool,
    engine_check,
    engine_setup,
    estimation,
    event_pump,
    file_drop,
    forecast,
    job_control,
    job_file,
    job_panel,
    lay_on,
    live_preview,
    loaded_engine,
    maps_from_colour,
    opened_file,
    operators,
    own_presets,
    panels,
    preferences,
    properties,
    regenerate,
    stack,
    stack_panel,
    style_images_panel,
    thumbnails,
    tile_preview,
    translations,
    variations,
    weights_fetch,
)

_CLASSES = (
    *properties.CLASSES,
    *operators.CLASSES,
    *file_drop.CLASSES,
    *blender_image.CLASSES,
    *canvas_shape.CLASSES,
    *job_control.CLASSES,
    *variations.CLASSES,
    *crop_tool.CLASSES,
    *stack.CLASSES,
    *job_file.CLASSES,
    *own_presets.CLASSES,
    *preferences.CLASSES,
    *weights_fetch.CLASSES,
    *engine_setup.CLASSES,
    *engine_check.CLASSES,
    *stack_panel.CLASSES,
    *style_images_panel.CLASSES,
    *panels.CLASSES,
    *tile_preview.CLASSES,
    *lay_on.CLASSES,
    *maps_from_colour.CLASSES,
    *regenerate.CLASSES,
    *asset.CLASSES,
)


def register() -> None:
    """Make the extension known to Blender."""
    translations.register()
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    thumbnails.register()
    crop_tool.register()
    properties.register()
    event_pump.register()
    opened_file.register()
    live_preview.register()
    estimation.register()
    forecast.register()
    loaded_engine.register()
    job_panel.register()
    engine_setup.register()
    cli_command.register()


def unregister() -> None:
    """End a running job and leave nothing behind."""
    cli_command.unregister()
    weights_fetch.unregister()
    engine_check.unregister()
    engine_setup.unregister()
    job_panel.unregister()
    loaded_engine.unregister()
    forecast.unregister()
    opened_file.unregister()
    event_pump.unregister()
    estimation.unregister()
    live_preview.unregister()
    properties.unregister()
    crop_tool.unregister()
    thumbnails.unregister()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    translations.unregister()
