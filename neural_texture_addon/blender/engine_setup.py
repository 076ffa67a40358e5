"""Setting the engine up from within Blender: after a yes, in a thread, while the artist works."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, Event, Operator

from ..supervisor import installation
from ..supervisor.environment import EngineError
from ..supervisor.line_task import LineTask, Outcome, Work
from . import console, redraw, session
from .extension import user_folder
from .preferences import engine_path, look_for_engine, say_of_no_engine, wheels_folder
from .session import Level
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

_INTERVAL = 0.2
_WIDTH = 500
"""Of the question, in px."""


class SetUpEngine(Operator):
    """Make the engine's own environment."""

    bl_idname = "neural_texture.set_up_engine"
    bl_label = "Set Up Engine"
    bl_description = (
        "Install PyTorch and what else the engine needs, in a folder of its own. A set-up that was cut off goes on "
        "from what has come already"
    )

    announcement: tuple[str, ...] = ()

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """Only where the artist lets Blender go online, or named a folder of wheels; one set-up at a time."""
        if session.engine.running:
            cls.poll_message_set("The engine is being set up already")
            return False
        cls.poll_message_set(
            "Allow Online Access is off in Preferences > System, and no Folder of Wheels is named in the preferences "
            "of Neural Texture"
        )
        return bpy.app.online_access or wheels_folder() is not None

    def invoke(self, context: Context, _event: Event) -> "set[OperatorReturnItems]":
        """Ask first: how much comes from where, and where it goes."""
        self.announcement = tuple(installation.announcement(user_folder("engine"), wheels_folder()))
        manager = context.window_manager
        assert manager is not None
        return manager.invoke_props_dialog(self, width=_WIDTH, title="Set up the engine?", confirm_text="Set Up")

    def draw(self, _context: Context) -> None:
        """Draw what there is to know before the yes."""
        assert self.layout is not None
        column = self.layout.column(align=True)
        for line in self.announcement:
            for part in textwrap.wrap(line, _WIDTH // 7, subsequent_indent="    "):
                column.label(text=part)

    def execute(self, _context: Context) -> "set[OperatorReturnItems]":
        """Start the set-up. With a window, return at once; without, wait for it."""
        if not bpy.app.background:
            start(wheels_folder())
            return {"FINISHED"}
        outcome = do(wheels_folder())
        message = session.engine.message
        assert message is not None
        self.report({message.level.value}, message.text)
        return {"FINISHED"} if outcome is Outcome.DONE else {"CANCELLED"}


class CancelSetUp(Operator):
    """Stop setting the engine up."""

    bl_idname = "neural_texture.cancel_set_up"
    bl_label = "Cancel"
    bl_description = "Stop setting the engine up. What has come so far is kept, for the next time"

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """Something must be running."""
        return session.engine.running is not None

    def execute(self, _context: Context) -> "set[OperatorReturnItems]":
        """End the tool at work; the timer says so."""
        session.engine.cancel()
        return {"FINISHED"}


CLASSES = (SetUpEngine, CancelSetUp)


def register() -> None:
    """Look for the engine once Blender is there, so that the panel can say if it has to be set up."""
    if not bpy.app.background:
        bpy.app.timers.register(first_look, first_interval=_INTERVAL, persistent=True)


def unregister() -> None:
    """End what runs, and the timers."""
    session.engine.drop()
    for timer in (tick, first_look):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)


def first_look() -> None:
    """Say if there is no engine. Starts none."""
    if session.engine.message is None:
        try:
            engine_path()
        except EngineError as fault:
            say_of_no_engine(fault)
            redraw.panels()


def start(wheels: Path | None) -> LineTask:
    """Start setting the engine up, from the package index or a folder of wheels."""
    session.spare.drop()  # it has the engine's files open
    task = session.engine.take(LineTask(_installation(wheels)))
    if not bpy.app.background:
        start_timer()
    return task


def do(wheels: Path | None) -> Outcome | None:
    """Set the engine up and wait for it, its lines on stdout. Afterwards `session.engine` says how it went."""
    task = start(wheels)
    with console.interrupt_cancels(session.engine.cancel):
        console.lines(task)
    _conclude(task)
    return task.outcome


def tick() -> float | None:
    """Show what has come in; the seconds until the next time, None after the last."""
    task = session.engine.last
    if task is not None and task.ended:
        _conclude(task)
    redraw.panels()
    return _INTERVAL if session.engine.running or session.check.running else None


def start_timer() -> None:
    """Call `tick` from now on, until nothing runs that it would show."""
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=_INTERVAL, persistent=True)


def _installation(wheels: Path | None) -> Work:
    folder, tools = user_folder("engine"), user_folder("engine_tools")
    return lambda run: installation.create(folder, wheels=wheels, tools=tools, run=run)


def _conclude(task: LineTask) -> None:
    """Say how the set-up went."""
    session.engine.last = None
    match task.outcome:
        case Outcome.DONE:
            look_for_engine()
        case Outcome.CANCELLED:
            session.engine.say(
                Level.WARNING, rpt_("Cancelled. What has come so far is kept: Set Up Engine goes on there")
            )
        case _:
            session.engine.say(Level.ERROR, task.error)
