"""The texture while it is being made: read in a thread, shown in one image, tried on by the object."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.app.handlers import persistent
from bpy.types import Image, Material

from ..job.events import Previewed
from . import preview, session, try_on
from .session import Session

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


def register() -> None:
    """Listen for what brings a preview up again, or takes it along."""
    for handlers, function in _handlers():
        handlers.append(function)


def unregister() -> None:
    """Leave nothing."""
    for handlers, function in _handlers():
        handlers.remove(function)
    _clear()


def step(current: Session) -> bool:
    """Show what has been read, and begin to read what has come since; whether there was something to show.

    One thing at a time, so that none holds up the artist: an image, its first texels, the object that tries it on.
    """
    image, reading, shown = preview.by_uid(current.image_uid), current.reading, False
    if isinstance(reading, Reading) and not reading.is_alive():
        if reading.texels is None:
            current.reading = None
        elif image is None:
            _make_room(current, reading.event)
        else:
            _show(image, reading.event, reading.texels)
            current.reading, current.shown, shown = None, reading.event, True
    elif image is not None and not try_on.is_done(image):
        try_on.put_on(image, current.destination, current.request.job.canvas)
        _show_in_editors(image)
        shown = True
    if current.reading is None and current.preview is not None:
        current.reading, current.preview = Reading(current.preview), None
    return shown


def take_down(current: Session) -> Image | None:
    """Put back what was there before; gives the image, which editors may still show."""
    image = preview.by_uid(current.image_uid)
    if image is not None:
        try_on.take_off(image)
    else:
        try_on.take_off_strays()
    return image


def remove(current: Session) -> None:
    """Leave nothing of it."""
    if image := take_down(current):
        bpy.data.images.remove(image)


def _make_room(current: Session, event: Previewed) -> None:
    try_on.take_off_strays()
    image = bpy.data.images.new(current.name, event.width, event.height, float_buffer=True)
    try_on.mark(image)
    current.image_uid = image.session_uid


def _show(image: Image, event: Previewed, texels: np.ndarray) -> None:
    if tuple(image.size) != (event.width, event.height):  # `scale` would take 14 ms at 1024 px
        image.generated_width, image.generated_height = event.width, event.height
    image.pixels.foreach_set(texels)  # type: ignore[attr-defined]  # an array, says the stub, is a float
    image.update_tag()
    _wake_cycles(try_on.own_material(image))  # an artist's own nodes are left alone


@persistent
def _take_off(*_: object) -> None:
    """Undo knows nothing of what is tried on: it would remove it, and let stay what looks the same before and after."""
    for image in try_on.marked():
        try_on.take_off(image)


@persistent
def _clear(*_: object) -> None:
    """Take down what an undo or a file brought up. What is being made is tried on again at the next step."""
    running = session.texture.running
    if running is not None:
        running.preview = running.preview or running.shown
    for image in try_on.marked():
        try_on.take_off(image)
        if running is None or image.session_uid != running.image_uid:
            bpy.data.images.remove(image)


@persistent
def _before_save(*_: object) -> None:
    """The file is to show what was there before."""
    if running := session.texture.running:
        take_down(running)


def _handlers() -> Iterator[tuple[Any, Callable[..., None]]]:
    of = bpy.app.handlers
    yield from ((handlers, _take_off) for handlers in (of.undo_pre, of.redo_pre))
    yield from ((handlers, _clear) for handlers in (of.undo_post, of.redo_post, of.load_post))
    yield of.save_pre, _before_save


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
