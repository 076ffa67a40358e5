"""What the artist can do with a texture that is being made, and with those that wait for their turn."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from dataclasses import replace
from typing import TYPE_CHECKING

from bpy.props import IntProperty
from bpy.types import Context, Operator

from ..job.description import Device
from ..supervisor.environment import EngineError
from . import generation, session
from .errors import UserError
from .operators import follow
from .properties import settings_of
from .session import Session
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class _Control(Operator):
    """Something to do with the texture that is being made."""

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """There must be one."""
        cls.poll_message_set("No texture is being made")
        return session.texture.running is not None

    def execute(self, _context: Context) -> "set[OperatorReturnItems]":
        """Tell the worker; the timer hears its answer."""
        if current := session.texture.running:
            self.tell(current)
        return {"FINISHED"}

    def tell(self, current: Session) -> None:
        """Tell the worker."""
        raise NotImplementedError


class Cancel(_Control):
    """Stop making the texture."""

    bl_idname = "neural_texture.cancel"
    bl_label = "Cancel"
    bl_description = (
        "Stop making the texture. The sizes that are done stay in its folder, and Resume goes on from the last of them"
    )

    def tell(self, current: Session) -> None:
        """End."""
        current.cancel()


class Pause(_Control):
    """Hold on, or go on."""

    bl_idname = "neural_texture.pause"
    bl_label = "Pause"
    bl_description = "Hold on and leave the processor to other work; a second press goes on from there"

    def tell(self, current: Session) -> None:
        """Turn it about."""
        if current.worker:
            (current.worker.resume if current.paused else current.worker.pause)()


class FinishNow(_Control):
    """Take what there is."""

    bl_idname = "neural_texture.finish"
    bl_label = "Finish Now"
    bl_description = "Take the texture as it is at this moment, at the size that it has reached"

    def tell(self, current: Session) -> None:
        """End with a result."""
        if current.worker:
            current.worker.finish()


class Resume(Operator):
    """Go on with what was cancelled or has failed."""

    bl_idname = "neural_texture.resume"
    bl_label = "Resume"
    bl_description = "Go on with the texture that was cancelled or has failed, from the last size that was done"

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """There must be a stage to go on from."""
        last = session.texture.last
        return last is not None and may_resume(last)

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Start again from there, on the device that is chosen by now: the last may have failed."""
        last, settings = session.texture.last, settings_of(context)
        try:
            assert last is not None
            asked = generation.resumed(last)
            asked.request = replace(asked.request, device=Device(settings.device), memory=settings.memory)
            generation.submit(asked)
        except (UserError, EngineError) as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        return follow(self, asked)


class CancelWaiting(Operator):
    """Take a texture out of the queue."""

    bl_idname = "neural_texture.cancel_waiting"
    bl_label = "Remove from Queue"
    bl_description = "Don't make this texture"

    index: IntProperty(min=0, options={"SKIP_SAVE"}, description="Which of those that wait, counted from 0")

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """There must be one."""
        return bool(session.waiting)

    def execute(self, _context: Context) -> "set[OperatorReturnItems]":
        """Forget it, and its folder."""
        if self.index >= len(session.waiting):
            self.report({"ERROR"}, rpt_("No texture number {index} waits").format(index=self.index))
            return {"CANCELLED"}
        generation.forget(session.waiting.pop(self.index))
        return {"FINISHED"}


CLASSES = (Cancel, Pause, FinishNow, Resume, CancelWaiting)


def may_resume(last: Session) -> bool:
    """Whether it ended before its time, with a stage to go on from."""
    return last.stage is not None and last.ended and not last.texture_files() and session.texture.running is None
