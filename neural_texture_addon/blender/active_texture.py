"""The texture that an artist means: the one in the Image Editor, or the one that the active object wears."""

from collections.abc import Iterator
from typing import Any

from bpy.types import Context, Image

from . import image_record


def of(context: Context) -> Image | None:
    """One that was made here if there is one, else any; None if there is none. Cheap, for drawing."""
    found = list(_candidates(context))
    return next(filter(image_record.is_on, found), found[0] if found else None)


def _candidates(context: Any) -> Iterator[Image]:
    space = context.space_data
    if space is not None and space.type == "IMAGE_EDITOR":
        if space.image:
            yield space.image
        return
    worn = context.view_layer.objects.active if context.view_layer else None
    material = worn.active_material if worn else None
    tree = material.node_tree if material else None
    if tree is None:
        return
    nodes = [tree.nodes.active, *tree.nodes]
    yield from (node.image for node in nodes if node and node.type == "TEX_IMAGE" and node.image)
