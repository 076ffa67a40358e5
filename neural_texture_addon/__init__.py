"""Neural Texture: seamless material textures from style images. Must import without bpy: the engine lives here too."""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from . import blender

    blender.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled and when Blender quits."""
    from . import blender

    blender.unregister()
