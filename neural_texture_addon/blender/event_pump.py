"""A timer that answers the worker's events while the artist works on. It stops at its deadline."""

import time

import bpy
from bpy.app.handlers import persistent

from . import generation, preview, session

_INTERVAL = 0.1
_DEADLINE = 0.005


def register() -> None:
    """Listen for file loads."""
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    """End the job, the timer and the listening."""
    _before_load()
    bpy.app.handlers.load_pre.remove(_before_load)


def start() -> None:
    """Answer events from now on, until the job's ending."""
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=_INTERVAL, persistent=True)


def tick() -> float | None:
    """Answer what has come in; the seconds until the next time, None after the last."""
    current = session.running()
    if current is None:
        return None
    if bpy.app.is_job_running("RENDER"):  # type: ignore[func-returns-value]
        return _INTERVAL
    deadline = time.perf_counter() + _DEADLINE
    while time.perf_counter() < deadline and (event := current.next_event()) is not None:
        generation.react(current, event)
    preview.redraw()
    return None if current.ending else _INTERVAL


@persistent
def _before_load(*_: object) -> None:
    """A job belongs to the file it was started in."""
    session.drop()
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
