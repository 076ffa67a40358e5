"""The finished texture's images -> where the artist wanted them."""

import uuid
from collections.abc import Mapping
from dataclasses import replace

import bpy
from bpy.types import Image, Material

from ..job.description import Job, MapKind
from ..job.events import Finished
from . import extension, image_record, image_swap, lay_on, material, output_folder, preview, projection, relief
from .image_record import Record
from .placement import Destination, Replaced, Storage
from .translations import rpt_


def deliver(name: str, images: Mapping[MapKind, Image], to: Destination, job: Job, end: Finished) -> str:
    """Put the images where they belong, with a record of how they were made; what the artist should know, in a line."""
    if to.replaced:
        return _replace(images, to.replaced, to, job, end)
    _record(images, uuid.uuid4().hex, None, to.preset, job, end)
    return "" if to.images_only else lay(name, images, to)[1]


def lay(name: str, images: Mapping[MapKind, Image], to: Destination) -> tuple[Material, str]:
    """The material that shows the images now, and what the artist should know, in a line. They have their record."""
    _store(images, to.placement.storage)
    wearer, worn = material.object_by_uid(to.object_uid), material.by_uid(to.material_uid)
    swapped = worn if worn is not None and worn.is_editable else None
    metres = to.placement.texture_width * bpy.context.scene.unit_settings.scale_length  # type: ignore[union-attr]
    for image in images.values():
        record = image_record.read(image)
        image_record.write(image, replace(record, texture_width=metres if swapped is None else None))
    if bpy.context.view_layer:
        bpy.context.view_layer.update()  # a scale that was just set
    width, height = next(iter(images.values())).size
    layout = projection.plan(to.placement, (width, height), wearer if material.can_wear(wearer) else None)
    layout = replace(layout, relief=relief.measured(images))
    if swapped is not None:
        return swapped, image_swap.swap(swapped, images, layout)
    made = material.build(name, images, layout)
    slot = material.slot_of(wearer, to.slot, to.wore_uid) if wearer else None
    return made, material.hang(made, wearer, slot) or layout.remark


def _replace(images: Mapping[MapKind, Image], replaced: Replaced, to: Destination, job: Job, end: Finished) -> str:
    """Let all that use the texture use it as it is now."""
    before = {kind: preview.by_uid(uid) for kind, uid in replaced.images.items()}
    now = _in_places(images, before)
    _store(now, to.placement.storage)
    metres = replaced.texture_width * replaced.grows if replaced.texture_width else None
    _record(now, replaced.texture, metres, to.preset, job, end)
    if lost := [image for kind, image in now.items() if before.get(kind) is None]:
        for image in lost:
            image.use_fake_user = True
        return rpt_("{name} waits among the images, since what it was to replace is gone").format(name=lost[0].name)
    fixed = ", ".join(sorted(lay_on.widen(now.values(), replaced.grows))) if replaced.grows != 1.0 else ""
    smaller = rpt_("Everything is smaller now in {fixed}, which has no Mapping node for the texture alone")
    old = ", ".join(
        sorted(kind for kind, image in before.items() if kind not in now and image_record.is_estimate(image))
    )
    outdated = rpt_("Its estimates are of the colour as it was: make them again by Maps From Colour ({maps})")
    said = [*([smaller.format(fixed=fixed)] if fixed else []), *([outdated.format(maps=old)] if old else [])]
    return ". ".join(said)


def _in_places(images: Mapping[MapKind, Image], before: Mapping[MapKind, Image | None]) -> dict[MapKind, Image]:
    """Each once, though several maps may share an image."""
    uids = {kind: image.session_uid for kind, image in images.items()}
    done: dict[int, Image] = {}
    for kind, uid in uids.items():
        if uid not in done:
            done[uid] = _in_place(images[kind], before.get(kind))
    return {kind: done[uid] for kind, uid in uids.items()}


def _in_place(new: Image, old: Image | None) -> Image:
    """The old image with the new one's pixels."""
    if old is None:
        return new
    if old.packed_file:
        old.unpack(method="REMOVE")
    old.source, old.filepath = "FILE", new.filepath
    old.reload()
    new.user_remap(old)
    bpy.data.images.remove(new)
    return old


def _store(images: Mapping[MapKind, Image], storage: Storage) -> None:
    for image in images.values():
        if storage is Storage.PACK or output_folder.goes_with_the_extension(image.filepath):
            image.pack()


def _record(
    images: Mapping[MapKind, Image], texture: str, metres: float | None, preset: str, job: Job, end: Finished
) -> None:
    version = extension.version()
    for kind, image in images.items():
        record = Record(
            texture=texture, map=kind, job=job, preset=preset, texture_width=metres, seam=end.seam, made_with=version
        )
        image_record.write(image, record)
