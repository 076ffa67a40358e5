"""What every scenario needs: the extension installed from its zip, and disabled at the end, whatever happens.

(A Blender that ends with a class or a timer still registered hangs or crashes.)
"""

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

PACKAGE = "bl_ext.user_default.neural_texture"
ARGUMENTS = sys.argv[3:]


@contextmanager
def extension() -> Iterator[dict[str, Any]]:
    """Gives the dictionary of findings."""
    findings: dict[str, Any] = {}
    bpy.ops.extensions.package_install_files(filepath=sys.argv[2], repo="user_default", enable_on_install=True)
    try:
        yield findings
    finally:
        disable()
        Path(sys.argv[1]).write_text(json.dumps(findings), encoding="utf-8")


def disable() -> None:
    if PACKAGE in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_disable(module=PACKAGE)


def module(name: str) -> Any:
    """A module of the installed extension."""
    return importlib.import_module(f"{PACKAGE}.blender.{name}")


def complaint(call: Callable[[], object]) -> str:
    """What the artist reads when `call` fails."""
    try:
        call()
    except RuntimeError as error:
        return str(error)
    return "nothing was said"


def start_long_job(style: str, out: str, size: int = 160) -> Any:
    """As Generate does where there is a window: a job that lasts, with its timer. Gives the session."""
    words = module("job_from_scene")
    choice = words.Choice(images=(words.StyleImage(filepath=style),), width=size, height=size)
    session = module("generation").ask(choice, target=bpy.context.active_object, out=out, live=True)
    module("event_pump").start()
    return session


def few_iterations() -> None:
    """For what does not look at the picture."""
    settings = bpy.context.scene.neural_texture
    settings.preset = "draft"
    bpy.ops.neural_texture.customise()
    for step in settings.steps:
        step.optimise.solver.adam.iterations = step.optimise.solver.adam.coarse_iterations = 2


def pump_until(done: Callable[[], bool], seconds: float = 180) -> bool:
    """Let the timer's function do its work, as timers don't fire without a window."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        module("event_pump").tick()
        time.sleep(0.05)
    return done()


def timer_runs() -> bool:
    return bpy.app.timers.is_registered(module("event_pump").tick)
