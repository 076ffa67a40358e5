"""Image files dropped from the desktop become style images, where our tab is open."""

from typing import Any

import bpy
from bpy.types import Context, FileHandler

from . import panels
from .operators import AddStyleImages

_path: Any = bpy.path
"""Its stubs don't know what Blender calls an image."""


class StyleImageDrop(FileHandler):
    """Offers itself only in an editor that shows our tab. Blender asks, if it could take the file itself."""

    bl_idname = "NEURAL_TEXTURE_FH_style_images"
    bl_label = "Neural Texture style images"
    bl_import_operator = AddStyleImages.bl_idname
    bl_file_extensions = ";".join(sorted(_path.extensions_image))

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        """Whether our tab is in front in the editor under the mouse."""
        return any(
            region.type == "UI" and region.width > 1 and region.active_panel_category == panels.CATEGORY
            for region in (context.area.regions if context.area else ())
        )


CLASSES = (StyleImageDrop,)
