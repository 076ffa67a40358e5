"""What is left of the engine after the extension is uninstalled."""

from pathlib import Path

import bpy
from harness import ARGUMENTS, extension, module

with extension() as findings:
    own = module("extension").user_folder("engine")
    module("engine_setup").do(Path(ARGUMENTS[0]))
    findings["before"] = own.is_dir()
    bpy.ops.extensions.package_uninstall(repo_index=1, pkg_id="neural_texture")
    findings["after"] = [str(path) for path in own.parents[0].glob("*")] if own.parent.is_dir() else []
