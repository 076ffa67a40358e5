"""Neural Texture: seamless material textures from style images. Must import without bpy: the engine lives here too."""

from typing import Any


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from . import blender

    blender.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled and when Blender quits."""
    from . import blender

    blender.unregister()


def __getattr__(name: str) -> Any:
    """Where Blender's glTF exporter looks for what an extension adds to it."""
    if name == "glTF2ExportUserExtension":
        from .blender.gltf_export import Export

        return Export
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
