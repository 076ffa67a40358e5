"""The finished texture's images -> where the artist wanted them."""

import uuid
from collections.abc import Mapping

import bpy
from bpy.types import Image

from ..job.description import Job, MapKind
from ..job.events import Finished
from . import extension, image_record, image_swap, material, projection
from .image_record import Record
from .placement import Destination, Storage


def deliver(name: str, images: Mapping[MapKind, Image], to: Destination, job: Job, end: Finished) -> str:
    """Put the images where they belong, with a record of how they were made; what the artist should know, in a line."""
    for image in images.values():
        _store(image, to.placement.storage)
    wearer, worn = material.object_by_uid(to.object_uid), material.by_uid(to.material_uid)
    swapped = worn if worn is not None and worn.is_editable else None
    _record(images, to, job, end, laid_by_us=swapped is None)
    if bpy.context.view_layer:
        bpy.context.view_layer.update()  # a scale that was just set
    layout = projection.plan(to.placement, (end.width, end.height), wearer if material.can_wear(wearer) else None)
    if swapped is not None:
        return image_swap.swap(swapped, images, layout)
    remark = material.hang(material.build(name, images, layout), wearer)
    return remark or layout.remark


def _store(image: Image, storage: Storage) -> None:
    if storage is Storage.PACK:
        image.pack()


def _record(images: Mapping[MapKind, Image], to: Destination, job: Job, end: Finished, laid_by_us: bool) -> None:
    texture, version = uuid.uuid4().hex, extension.version()
    metres = to.placement.texture_width * bpy.context.scene.unit_settings.scale_length  # type: ignore[union-attr]
    for kind, image in images.items():
        record = Record(
            texture=texture,
            map=kind,
            job=job,
            preset=to.preset,
            texture_width=metres if laid_by_us else None,
            seam=end.seam,
            made_with=version,
        )
        image_record.write(image, record)
