"""The finished texture's images -> where the artist wanted them."""

from collections.abc import Mapping

import bpy
from bpy.types import Image

from ..job.description import MapKind
from . import image_swap, material, projection
from .placement import Destination, Storage


def deliver(name: str, images: Mapping[MapKind, Image], to: Destination) -> str:
    """Put the images where they belong; what the artist should know, in a line."""
    for image in images.values():
        _store(image, to.placement.storage)
    if bpy.context.view_layer:
        bpy.context.view_layer.update()  # a scale that was just set
    wearer, worn = material.object_by_uid(to.object_uid), material.by_uid(to.material_uid)
    wearer = wearer if wearer and material.can_wear(wearer) else None
    width, height = next(iter(images.values())).size
    layout = projection.plan(to.placement, (width, height), wearer)
    if worn is not None and worn.is_editable:
        return image_swap.swap(worn, images, layout)
    remark = material.hang(material.build(name, images, layout), material.object_by_uid(to.object_uid))
    return remark or layout.remark


def _store(image: Image, storage: Storage) -> None:
    if storage is Storage.PACK:
        image.pack()
