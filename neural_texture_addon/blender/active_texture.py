"""The texture that an artist means: the one in the Image Editor, or the one that the active object wears."""

from collections.abc import Iterator
from typing import Any

import bpy
from bpy.types import Context, Image, Material

from . import image_record


def of(context: Context) -> Image | None:
    """One that was made here if there is one, else any; None if there is none. Cheap, for drawing."""
    found = list(_candidates(context))
    return next(filter(image_record.is_on, found), found[0] if found else None)


def material_of(context: Context) -> Material | None:
    """A material with that texture: the one that the active object wears, or any."""
    image, worn = of(context), _worn(context)
    if image is None or (worn and _has(worn, image)):
        return worn if image else None
    return next((material for material in bpy.data.materials if _has(material, image)), None)


def _worn(context: Any) -> Material | None:
    active = context.view_layer.objects.active if context.view_layer else None
    return active.active_material if active else None


def _has(material: Any, image: Image) -> bool:
    return image in _images(material)


def _images(material: Any) -> list[Image]:
    """Of the material's image textures, that of the active one first."""
    tree = material.node_tree if material else None
    nodes = [tree.nodes.active, *tree.nodes] if tree else []
    return [node.image for node in nodes if node and node.type == "TEX_IMAGE" and node.image]


def _candidates(context: Any) -> Iterator[Image]:
    space = context.space_data
    if space is not None and space.type == "IMAGE_EDITOR":
        if space.image:
            yield space.image
        return
    yield from _images(_worn(context))
