"""The texture while it is being made: read in a thread, shown in one image, tried on by the object."""

import threading
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.types import Image, Material, Object

from ..job.description import MapKind
from ..job.events import Previewed
from . import image_swap, material, preview, projection
from .session import Session, Swapped, TriedOn

LARGEST = 1024
"""Longest side in px. Showing a larger one would hold up the artist by more than 10 ms."""


class Reading(threading.Thread):
    """Reads a preview's file, as that may take longer than an artist's hand should wait."""

    def __init__(self, event: Previewed) -> None:
        """Start reading."""
        super().__init__(daemon=True)
        self.event = event
        self.texels: np.ndarray | None = None
        """float32, RGBA, row by row from the bottom; None if the file was gone or another by then."""
        self.start()

    def run(self) -> None:
        """Read."""
        try:
            texels = np.fromfile(Path(self.event.path), dtype="<f4")
        except OSError:
            return
        if texels.size == 4 * self.event.width * self.event.height:
            self.texels = texels


def step(current: Session) -> bool:
    """Show what has been read, and begin to read what has come since; whether there was something to show."""
    reading, shown = current.reading, False
    if isinstance(reading, Reading) and not reading.is_alive():
        current.reading = None
        if reading.texels is not None:
            _show(current, reading.event, reading.texels)
            shown = True
    if current.reading is None and current.preview is not None:
        current.reading, current.preview = Reading(current.preview), None
    return shown


def take_down(current: Session) -> Image | None:
    """Put back what was there before; gives the image, which editors may still show."""
    tried, current.tried_on = current.tried_on, None
    worn = material.by_uid(tried.material_uid) if tried else None
    if worn is not None and isinstance(tried, Swapped):
        _put_back(worn, tried)
    elif worn is not None and isinstance(tried, TriedOn):
        _take_off(worn, tried)
    return preview.by_uid(current.image_uid)


def remove(current: Session) -> None:
    """Leave nothing of it."""
    if image := take_down(current):
        bpy.data.images.remove(image)


def _show(current: Session, event: Previewed, texels: np.ndarray) -> None:
    image = preview.by_uid(current.image_uid)
    new = image is None
    if image is None:
        image = bpy.data.images.new(current.name, event.width, event.height, float_buffer=True)
        current.image_uid = image.session_uid
    if tuple(image.size) != (event.width, event.height):  # `scale` would take 14 ms at 1024 px
        image.generated_width, image.generated_height = event.width, event.height
    image.pixels.foreach_set(texels)  # type: ignore[attr-defined]  # an array, says the stub, is a float
    image.update_tag()
    if new:
        _try_on(current, image)
        _show_in_editors(image)
    elif isinstance(tried := current.tried_on, TriedOn):  # an artist's own nodes are left alone
        _wake_cycles(material.by_uid(tried.material_uid))


def _try_on(current: Session, image: Image) -> None:
    """Let it be seen where the texture will be, for as long as it is being made."""
    to = current.destination
    target, worn = material.object_by_uid(to.object_uid), material.by_uid(to.material_uid)
    shows: Any = image_swap.texture_of(worn.node_tree, MapKind.COLOUR) if worn and worn.is_editable else None
    if worn and shows:
        before = shows.image.session_uid if shows.image else None
        current.tried_on = Swapped(material_uid=worn.session_uid, node=shows.name, before_uid=before)
        shows.image = image
    elif worn is None and target is not None and material.can_wear(target):
        canvas = current.request.job.canvas
        layout = projection.plan(to.placement, (canvas.width, canvas.height), target)
        current.tried_on = _put_on(target, material.build(image.name, {MapKind.COLOUR: image}, layout))


def _put_on(target: Object, made: Material) -> TriedOn:
    added = not target.material_slots
    slot = 0 if added else target.active_material_index or 0
    before = None if added else target.material_slots[slot].material
    material.hang(made, target)
    return TriedOn(
        object_uid=target.session_uid,
        slot=slot,
        added=added,
        material_uid=made.session_uid,
        before_uid=before.session_uid if before else None,
    )


def _take_off(worn: Material, tried: TriedOn) -> None:
    target: Any = material.object_by_uid(tried.object_uid)
    slot = target.material_slots[tried.slot] if target and tried.slot < len(target.material_slots) else None
    if slot is not None and slot.material == worn:
        slot.material = material.by_uid(tried.before_uid)
        if tried.added:
            target.data.materials.pop(index=tried.slot)
    bpy.data.materials.remove(worn)


def _put_back(worn: Material, tried: Swapped) -> None:
    shows: Any = worn.node_tree.nodes.get(tried.node) if worn.node_tree else None
    if shows is not None and shows.type == "TEX_IMAGE":
        shows.image = preview.by_uid(tried.before_uid)


def _show_in_editors(image: Image) -> None:
    """In the Image Editors that show nothing."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            space: Any = area.spaces.active
            if area.type == "IMAGE_EDITOR" and space.image is None:
                space.image = image


def _wake_cycles(worn: Material | None) -> None:
    """A Cycles viewport takes no notice of new texels, but of the node."""
    if worn is None or worn.node_tree is None or not _cycles_is_seen():
        return
    for node in worn.node_tree.nodes:
        if isinstance(node, bpy.types.ShaderNodeTexImage):
            node.interpolation = "Smart" if node.interpolation == "Linear" else "Linear"


def _cycles_is_seen() -> bool:
    manager = bpy.context.window_manager
    return any(
        area.type == "VIEW_3D"
        and area.spaces.active.shading.type == "RENDERED"  # type: ignore[union-attr]
        and window.scene.render.engine == "CYCLES"
        for window in (manager.windows if manager else ())
        for area in window.screen.areas
    )
