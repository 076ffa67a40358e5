"""Fetching the pretrained weights from within Blender: in a process of the engine, after a yes, while the artist works.

The environment variable NEURAL_TEXTURE_WEIGHTS_URL names a mirror; the engine reads it (engine/weights_download.py).
"""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty
from bpy.types import Context, Event, Operator

from ..job import events
from ..supervisor.environment import EngineError
from ..supervisor.worker_process import WorkerProcess
from . import console, redraw, session
from .preferences import fetched_weights, find_engine
from .session import Fetch, Level
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

_UP_TO = "relu3_4"
"""As deep as the usual jobs look."""
_INTERVAL = 0.1
_SOURCES = (
    ("hub", "huggingface.co", "9 MB: the layers that are needed and no more"),
    ("official", "download.pytorch.org", "575 MB: torchvision's own file, of which the needed layers are kept"),
)


class FetchWeights(Operator):
    """Download the pretrained features."""

    bl_idname = "neural_texture.fetch_weights"
    bl_label = "Fetch VGG-19 Weights (9 MB)"
    bl_description = (
        "Download what the VGG-19 network has learned from photographs (its weights): textures become clearly more "
        "like the style images. A download that was cut off is taken up where it ended"
    )

    source: EnumProperty(name="Source", items=_SOURCES, options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """Only where the artist lets Blender go online; one download at a time."""
        if session.weights.running:
            cls.poll_message_set("The weights are being fetched already")
            return False
        cls.poll_message_set("Allow Online Access is off in Preferences > System")
        return bpy.app.online_access

    def invoke(self, context: Context, event: Event) -> "set[OperatorReturnItems]":
        """Ask first: what, how much, from where."""
        _, server, what = next(source for source in _SOURCES if source[0] == self.source)
        message = rpt_("From {server}, {lower}{what}").format(server=server, lower=what[0].lower(), what=what[1:])
        manager = context.window_manager
        assert manager is not None
        return manager.invoke_confirm(
            self, event, title="Download the VGG-19 weights?", message=message, confirm_text="Download"
        )

    def execute(self, _context: Context) -> "set[OperatorReturnItems]":
        """Start the download. With a window, return at once; without, wait for it."""
        try:
            worker = WorkerProcess.fetch_weights(find_engine().python, fetched_weights(), _UP_TO, self.source)
        except EngineError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        except OSError as fault:
            self.report({"ERROR"}, rpt_("The engine can't be started: {strerror}").format(strerror=fault.strerror))
            return {"CANCELLED"}
        fetch = session.weights.take(Fetch(worker=worker, source=self.source))
        if not bpy.app.background:
            bpy.app.timers.register(tick, first_interval=_INTERVAL, persistent=True)
            return {"FINISHED"}
        with console.interrupt_cancels(session.weights.cancel):
            while fetch.ending is None:
                _react(fetch.next_event(timeout=0.2))
        message = session.weights.message
        assert message is not None
        self.report({message.level.value}, message.text)
        return {"FINISHED"} if message.level is Level.INFO else {"CANCELLED"}


class CancelFetch(Operator):
    """Stop the download."""

    bl_idname = "neural_texture.cancel_fetch"
    bl_label = "Cancel"
    bl_description = "Stop the download. What has come so far is kept, for the next time"

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """Something must be running."""
        return session.weights.running is not None

    def execute(self, _context: Context) -> "set[OperatorReturnItems]":
        """Ask the process to end; the timer hears its ending."""
        session.weights.cancel()
        return {"FINISHED"}


CLASSES = (FetchWeights, CancelFetch)


def unregister() -> None:
    """End a running download and its timer."""
    session.weights.drop()
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)


def tick() -> float | None:
    """Answer what has come in; the seconds until the next time, None after the last."""
    fetch = session.weights.running
    if fetch is None:
        return None
    while (event := fetch.next_event()) is not None:
        _react(event)
    redraw.panels()
    return None if fetch.ending else _INTERVAL


def _react(event: events.Event | None) -> None:
    match event:
        case events.Fetched(path=path, up_to=up_to):
            session.weights.say(
                Level.INFO, rpt_("The VGG-19 weights are ready up to {up_to}: {path}").format(up_to=up_to, path=path)
            )
        case events.Failed(message=message):
            session.weights.say(
                Level.ERROR, rpt_("The weights could not be fetched: {message}").format(message=message)
            )
        case events.Cancelled():
            session.weights.say(Level.WARNING, rpt_("Cancelled. What has come so far is kept, for the next time"))
