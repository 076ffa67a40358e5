"""What shows a texture while it is being made, and what it showed before.

That is noted on the texture's image, with pointers: so it is undone, saved and loaded together with what it is about,
and whatever comes up again of a texture that nobody makes any more can be put back.
"""

from collections.abc import Iterator
from typing import Any

import bpy
from bpy.types import Image, Material, Object

from ..job.description import Canvas, MapKind
from . import image_swap, lay_on, material, preview, projection
from .placement import Destination, Replaced

_KEY = "neural_texture_preview"


def mark(image: Image) -> None:
    """Know it from now on as an image of a texture that is being made."""
    image[_KEY] = {}


def marked() -> Iterator[Image]:
    """Those images."""
    images: list[Any] = list(bpy.data.images)
    return (image for image in images if _KEY in image and image.is_editable)


def is_done(image: Image) -> bool:
    """Whether `put_on` was called."""
    return "tried" in _note_on(image)


def put_on(image: Image, to: Destination, canvas: Canvas) -> None:
    """Let it be seen where the texture will be."""
    image[_KEY] = {"tried": True} | _shown(image, to, canvas)


def take_off(image: Image) -> None:
    """Put back what was there before."""
    note = _note_on(image)
    image[_KEY] = {}  # before its users are handed over: the note is one of them
    if "instead_of" in note:
        _hand_back(image, note)
    elif "object" in note:
        _undress(note)
    elif "node" in note:
        _put_back(image, note)


def take_off_strays() -> None:
    """Put back what was there before images that an artist removed meanwhile, with all that is known of them.

    A copy that the artist made of such a material, and that shows the finished texture, is theirs.
    """
    materials: list[Any] = list(bpy.data.materials)
    for stray in (one for one in materials if _KEY in one and one.is_editable and not _shows_any(one)):
        _hand_over_to(stray[_KEY].get("before"), stray)


def _shows_any(worn: Any) -> bool:
    nodes = worn.node_tree.nodes if worn.node_tree else ()
    return any(node.type == "TEX_IMAGE" and node.image for node in nodes)


def own_material(image: Image) -> Material | None:
    """The material that was made to show it, if one was."""
    note = _note_on(image)
    return note.get("material") if "object" in note else None


def _note_on(image: Any) -> dict[str, Any]:
    """Its pointers are None where what they meant was removed."""
    note = image.get(_KEY)
    return dict(note.items()) if note else {}


def _shown(image: Image, to: Destination, canvas: Canvas) -> dict[str, Any]:
    """Show it; the note."""
    if to.replaced:
        return _hand_over(image, to.replaced)
    target, worn = material.object_by_uid(to.object_uid), material.by_uid(to.material_uid)
    shows: Any = image_swap.texture_of(worn.node_tree, MapKind.COLOUR) if worn and worn.is_editable else None
    if worn and shows:
        before = {"before": shows.image} if shows.image else {}
        shows.image = image
        return {"material": worn, "node": shows.name} | before
    if worn is None and target is not None and material.can_wear(target):
        layout = projection.plan(to.placement, (canvas.width, canvas.height), target)
        slot = material.slot_of(target, to.slot, to.wore_uid)
        return _dress(target, slot, material.build(image.name, {MapKind.COLOUR: image}, layout))
    return {}


def _hand_over(image: Image, replaced: Replaced) -> dict[str, Any]:
    """In place of the texture that is made again, wherever that is used."""
    old = preview.by_uid(replaced.images.get(MapKind.COLOUR))
    if old is None:
        return {}
    old.user_remap(image)
    _widen(image, replaced.grows)
    return {"instead_of": old, "grows": replaced.grows}


def _hand_back(image: Image, note: dict[str, Any]) -> None:
    if note["instead_of"] is not None:
        _widen(image, 1.0 / note["grows"])
        image.user_remap(note["instead_of"])


def _widen(image: Image, factor: float) -> None:
    if factor != 1.0:
        for _where_it_cannot_be_done in lay_on.widen([image], factor):
            pass


def _dress(target: Object, slot: int, made: Material) -> dict[str, Any]:
    added = not target.material_slots
    worn = None if added else target.material_slots[slot].material
    before = {"before": worn} if worn else {}
    made[_KEY] = before
    material.hang(made, target, slot)
    return {"object": target, "material": made, "slot": slot, "added": added} | before


def _undress(note: dict[str, Any]) -> None:
    target, worn, slot = note["object"], note["material"], note["slot"]
    there: Any = target.material_slots[slot] if target is not None and slot < len(target.material_slots) else None
    if there is not None and there.material == worn:  # that is None if it was removed
        there.material = note.get("before")
        if note["added"]:
            target.data.materials.pop(index=slot)
    if worn is not None:
        _hand_over_to(note.get("before"), worn)


def _hand_over_to(before: Material | None, worn: Material) -> None:
    """Wherever it was worn: by a copy of the object, or in another slot."""
    del worn[_KEY]  # it is a user of that one
    if before is not None:
        worn.user_remap(before)
    material.remove(worn)


def _put_back(image: Image, note: dict[str, Any]) -> None:
    worn = note["material"]
    shows: Any = worn.node_tree.nodes.get(note["node"]) if worn is not None and worn.node_tree else None
    if shows is not None and shows.type == "TEX_IMAGE" and shows.image == image:
        shows.image = note.get("before")
