"""A timer that answers the worker's events while the artist works. It stops at its deadline."""

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import bpy
from bpy.app.handlers import persistent

from . import generation, live_preview, redraw, session
from .session import Level
from .translations import rpt_

_INTERVAL = 0.1
_DEADLINE = 0.005


def register() -> None:
    """Listen for file loads: for those that succeed, as the others change nothing."""
    bpy.app.handlers.load_post.append(_forget_all)


def unregister() -> None:
    """End the jobs, the timer and the listening."""
    _forget_all()
    bpy.app.handlers.load_post.remove(_forget_all)


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
            with _told():
                generation.react(current, event)
            if time.perf_counter() > deadline:
                break
        else:
            if not current.ended and current.shows:
                current.shows = False
                with _told():
                    shown = live_preview.step(current)
                    current.shows = True
    generation.begin_next()
    if heard:
        redraw.panels()
    if shown:
        redraw.textures()
    return _INTERVAL if session.texture.running else None


@contextmanager
def _told() -> Iterator[None]:
    """What nobody foresaw is said, and the timer goes on: one that raises is called no more, and the queue stops."""
    try:
        yield
    except Exception as fault:  # a defect of ours, or data that changed in ways we don't know of
        traceback.print_exc()
        session.texture.say(
            Level.ERROR, rpt_("Something went wrong in Blender: {fault}. The console says more").format(fault=fault)
        )


@persistent
def _forget_all(*_: object) -> None:
    """A job belongs to the file it was started in."""
    generation.forget_all()
    session.variations.clear()
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
