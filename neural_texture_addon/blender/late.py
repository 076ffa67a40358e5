"""Choices of an EnumProperty that are found when they are drawn. Imports nothing.

Blender keeps such a function for good, and with it all that its module knows: the bpy wheel of 4.2, kept alive so by an
extension that was uninstalled, crashes at its end. So the function stands here, and knows what it calls only as long as
the extension is there.
"""

presets: list = []
"""What lists them, or nothing."""


def preset_items(owner, context):  # type: ignore[no-untyped-def]
    """The items of the property `preset`."""
    return presets[0](owner, context) if presets else []
