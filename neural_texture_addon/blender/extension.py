"""This extension as Blender knows it: its name and its folder."""

import tomllib
from pathlib import Path
from typing import Any

import bpy

BASE_PACKAGE = (__package__ or "").rpartition(".")[0]
"""``bl_ext.<repository>.neural_texture`` when installed, ``neural_texture_addon`` from the tree."""


MAY_BE_RELATIVE: set[Any] = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()
"""An option of a property that holds a path: Blender warns of // elsewhere."""


def version() -> str:
    """As the manifest has it; empty when run from the tree."""
    manifest = Path(__file__).parents[1] / "blender_manifest.toml"
    return tomllib.loads(manifest.read_text(encoding="utf-8"))["version"] if manifest.is_file() else ""


def user_folder(name: str) -> Path:
    """A folder of ours that survives an upgrade and goes with the uninstall. It is not made here."""
    try:
        return Path(bpy.utils.extension_path_user(BASE_PACKAGE, path=name))
    except ValueError:
        return Path(bpy.utils.user_resource("CONFIG", path="neural_texture")) / name
