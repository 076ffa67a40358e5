"""Open files with settings: one's own, a stranger's."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import bpy
from harness import ARGUMENTS, extension, few_iterations, module

style, folder = ARGUMENTS


class Asked:
    """An operator that somebody pressed."""

    def execute(self, _context):
        return {"FINISHED"}


def press() -> str:
    """What comes of it: without a window no operator is invoked, so this stands in for Blender."""
    manager = SimpleNamespace(invoke_props_dialog=lambda *_, **__: {"RUNNING_MODAL"})
    return next(iter(module("opened_file").ask_first(Asked(), SimpleNamespace(window_manager=manager))))


def state() -> dict:
    settings = bpy.context.scene.neural_texture
    module("thumbnails").of_style_image(settings.images[0])
    return {
        "pressed": press(),
        "forecast": module("forecast").wanted() is not None,
        "thumbnail": style in module("thumbnails")._kept[0],
    }


with extension() as findings:
    own, theirs, empty = (f"{folder}/{name}.blend" for name in ("own", "theirs", "empty"))
    bpy.ops.wm.save_as_mainfile(filepath=empty)
    settings = bpy.context.scene.neural_texture
    added = settings.images.add()
    few_iterations()
    added.filepath, settings.width, settings.height, settings.folder = style, 32, 32, f"{folder}/made"
    findings["new"] = state()
    bpy.ops.wm.save_as_mainfile(filepath=own)
    shutil.copy(own, theirs)
    shutil.copy(empty, f"{folder}/empty_too.blend")

    bpy.ops.wm.open_mainfile(filepath=own)
    findings["own"] = state()
    bpy.ops.wm.open_mainfile(filepath=f"{folder}/empty_too.blend")
    findings["without settings"] = press()

    bpy.ops.wm.open_mainfile(filepath=theirs)
    findings["theirs"] = state()
    opened_file, words = module("opened_file"), module("job_from_scene")
    settings = bpy.context.scene.neural_texture
    job = words.job(words.Choice.of(settings), lambda: False)
    findings["shown"] = [*opened_file.reads(job), opened_file.writes(settings.folder)]
    findings["looked for"] = Path(f"{folder}/made").exists()
    bpy.context.preferences.filepaths.use_scripts_auto_execute = True
    findings["scripts are run anyway"] = press()
    bpy.context.preferences.filepaths.use_scripts_auto_execute = False
    bpy.ops.wm.save_as_mainfile(filepath=theirs)
    bpy.ops.wm.open_mainfile(filepath=theirs)
    findings["saved without a yes"] = press()
    findings["made"] = next(iter(bpy.ops.neural_texture.generate()))
    findings["after a yes"] = state()
    bpy.ops.wm.open_mainfile(filepath=theirs)
    findings["opened again"] = state()
