"""Check My Set-Up: what there is and what is missing, in words, as a report to copy. The engine's doctor says most."""

import platform
import subprocess
import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, Operator

from ..supervisor import environment, launch
from ..supervisor.environment import EngineError
from ..supervisor.installation import Run
from ..supervisor.line_task import LineTask, Outcome, Work
from . import console, engine_setup, session
from .extension import user_folder
from .preferences import engine_path, weights_path
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class CheckSetUp(Operator):
    """Report what the engine finds on this machine."""

    bl_idname = "neural_texture.check_set_up"
    bl_label = "Check My Set-Up"
    bl_description = "Look at everything that making textures needs, and say what is missing and what to do"

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """One check at a time, and none of an engine that is being set up."""
        cls.poll_message_set("Wait until what goes on has ended")
        return not session.engine.running and not session.check.running

    def execute(self, _context: Context) -> "set[OperatorReturnItems]":
        """Start the check. With a window, return at once; without, wait for it."""
        task = session.check.take(LineTask(_examination()))
        if not bpy.app.background:
            engine_setup.start_timer()
            return {"FINISHED"}
        with console.interrupt_cancels(session.check.drop):
            console.lines(task)
        if task.error:
            self.report({"ERROR"}, task.error)
        return {"FINISHED"} if task.outcome is Outcome.DONE else {"CANCELLED"}


class CopyReport(Operator):
    """Copy the report of the last check."""

    bl_idname = "neural_texture.copy_report"
    bl_label = "Copy Report"
    bl_description = "Copy the report to the clipboard, e.g. to show it to somebody who can help"

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """There must be one."""
        return bool((task := session.check.last) and task.outcome)

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Copy it."""
        assert context.window_manager is not None
        context.window_manager.clipboard = report()
        return {"FINISHED"}


CLASSES = (CheckSetUp, CopyReport)


def unregister() -> None:
    """End a running check."""
    session.check.drop()


def report() -> str:
    """The text of the last check."""
    task = session.check.last
    return "\n".join([*task.lines, *([task.error] if task.error else [])]) if task else ""


def _examination() -> Work:
    """Looks at Blender here, at the rest in the engine's process."""
    online = "on" if bpy.app.online_access else "off; Preferences > System > Allow Online Access turns it on"
    lines = [
        rpt_("Neural Texture {version} in Blender {version_string}, {platform}").format(
            version=_version(), version_string=bpy.app.version_string, platform=platform.platform()
        ),
        rpt_("Online access: {online}").format(online=online),
    ]
    weights = ["--weights", path] if (path := weights_path()) else []
    try:
        python = engine_path()
    except EngineError as error:
        fault = str(error)
        return lambda _run: _complaining(lines, fault)
    own = python == environment.python_of(user_folder("engine"))
    lines.append(rpt_("Engine: {what}, {python}").format(what="its own" if own else "as told", python=python))
    mend = "Set Up Engine renews it" if own else "add what is missing, or clear Engine Python and press Set Up Engine"
    return lambda run: _examine(run, lines, launch.command(python, ["doctor", "--in-blender", *weights]), mend)


def _complaining(lines: list[str], fault: str) -> Iterator[str]:
    yield from lines
    raise EngineError(fault)


def _examine(run: Run, lines: list[str], doctor: list[str], mend: str) -> Iterator[str]:
    yield from lines
    try:
        yield from run(doctor, {})
    except subprocess.CalledProcessError:
        raise EngineError(rpt_("The engine is not ready: {mend}").format(mend=mend)) from None


def _version() -> str:
    """Of the extension; from the tree, where the manifest lies elsewhere, there is none."""
    manifest = launch.PACKAGE / "blender_manifest.toml"
    return tomllib.loads(manifest.read_text("utf-8"))["version"] if manifest.is_file() else "(from the tree)"
