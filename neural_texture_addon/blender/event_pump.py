"""A timer that answers the worker's events while the artist works. It stops at its deadline."""

import time

import bpy
from bpy.app.handlers import persistent

from . import generation, live_preview, redraw, session

_INTERVAL = 0.1
_DEADLINE = 0.005


def register() -> None:
    """Listen for file loads."""
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    """End the jobs, the timer and the listening."""
    _before_load()
    bpy.app.handlers.load_pre.remove(_before_load)


def start() -> None:
    """Answer events from now on, until the last job's ending."""
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=_INTERVAL, persistent=True)


def tick() -> float | None:
    """Answer what has come in; the seconds until the next time, None after the last."""
    if bpy.app.is_job_running("RENDER"):  # type: ignore[func-returns-value]
        return _INTERVAL
    current = session.texture.running
    heard = shown = False
    if current is not None:
        deadline = time.perf_counter() + _DEADLINE
        while (event := current.next_event()) is not None:
            heard = True
            generation.react(current, event)
            if time.perf_counter() > deadline:
                break
        else:
            if not current.ended:
                shown = live_preview.step(current)
    generation.begin_next()
    if heard:
        redraw.panels()
    if shown:
        redraw.textures()
    return _INTERVAL if session.texture.running else None


@persistent
def _before_load(*_: object) -> None:
    """A job belongs to the file it was started in."""
    while session.waiting:
        generation.forget(session.waiting.pop())
    session.variations.clear()
    session.texture.drop()
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
