"""While the panel is in sight a worker waits with the engine loaded, so that a texture begins at once."""

import contextlib

import bpy

from ..supervisor.environment import EngineError
from . import forecast, session
from .preferences import engine_path, keeps_engine_loaded

_INTERVAL = 0.5
_IN_SIGHT = 120.0
"""Seconds since the panel was drawn last. Who presses its button moves the mouse over it before."""


def register() -> None:
    """Look at the panel from now on, where there is a window."""
    if not bpy.app.background:
        bpy.app.timers.register(tick, first_interval=_INTERVAL, persistent=True)


def unregister() -> None:
    """End the timer, and the worker."""
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    session.spare.drop()


def tick() -> float:
    """Begin or end it; the seconds until the next time."""
    if not _wanted():
        session.spare.drop()
    elif not (session.texture.running or forecast.is_pending()):  # both want the processor more
        with contextlib.suppress(EngineError, OSError):  # Generate says why
            session.spare.keep(engine_path())
    return _INTERVAL


def _wanted() -> bool:
    """Whether a texture may be asked for soon, and nobody wants the memory, or the engine's files, more."""
    rendering = bpy.app.is_job_running("RENDER")  # type: ignore[func-returns-value]
    if rendering or session.engine.running or not keeps_engine_loaded():
        return False
    return session.panel.in_sight(_IN_SIGHT) or bool(session.waiting)
