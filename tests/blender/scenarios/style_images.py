"""What can become a style image."""

from pathlib import Path

import bpy
from harness import ARGUMENTS, PACKAGE, extension, module

style = Path(ARGUMENTS[0])
ops = bpy.ops.neural_texture

with extension() as findings:
    settings = bpy.context.scene.neural_texture

    handler = module("file_drop").StyleImageDrop
    findings["drop: registered"] = hasattr(bpy.types, handler.bl_idname) and handler.is_registered
    findings["drop: takes"] = handler.bl_file_extensions.split(";")
    findings["drop: without an editor"] = handler.poll_drop(bpy.context)
    by_drop = getattr(ops, handler.bl_import_operator.split(".")[1])
    files = [{"name": style.name}, {"name": "other.png"}]
    findings["dropped"] = list(by_drop("INVOKE_DEFAULT", directory=str(style.parent), files=files))
    findings["drop: images"] = [[image.name, image.filepath] for image in settings.images]
    findings["drop: selected"] = settings.active_image
    bpy.ops.preferences.addon_disable(module=PACKAGE)
    findings["drop: left behind"] = hasattr(bpy.types, handler.bl_idname)
