"""What the texture would take, before it is asked for: a process of the engine tries it out once the settings rest."""

import shutil
from dataclasses import replace
from pathlib import Path

import bpy

from ..job.description import Device, Request
from ..job.events import Cancelled, Failed, Forecast
from ..supervisor.environment import EngineError
from ..supervisor.worker_process import WorkerProcess
from . import console, job_from_scene, opened_file, redraw, session, style_image_files
from .errors import UserError
from .job_from_scene import Choice
from .preferences import engine_path, forecasts, weights_path
from .preset_in_scene import weights_are_there
from .properties import settings_of
from .session import Forecasting, Level, Message
from .translations import rpt_

_INTERVAL = 0.3
_REST = 0.8
"""Seconds that the settings must have rested."""


def register() -> None:
    """Look at the settings from now on, where there is a window."""
    if not bpy.app.background:
        bpy.app.timers.register(tick, first_interval=_INTERVAL, persistent=True)


def unregister() -> None:
    """End the timer, and a forecast that is being made."""
    session.forecast.drop()
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)


def tick() -> float:
    """Begin, hear or end a forecast; the seconds until the next time."""
    current = session.forecast.running
    if current is not None:
        while current.next_event() is not None:
            redraw.panels()
    if session.texture.running:
        session.forecast.cancel()
        return _INTERVAL
    if session.panel.drawn:
        session.panel.look_at(wanted())
    if session.forecast.running is None and session.panel.rests(_REST):
        begin(session.panel.wanted)
    return _INTERVAL


def wanted() -> Request | None:
    """What would be asked of the worker now; None if that would be refused, or nobody wants to know."""
    if opened_file.is_unseen():
        return None
    choice = Choice.of(settings_of(bpy.context))
    try:
        job = job_from_scene.job(choice, weights_are_there)
        job_from_scene.check(job, weights_are_there)
        engine_path()
    except (UserError, EngineError):
        return None
    if not forecasts():
        return None
    return Request(job=job, out="", device=Device(choice.device), memory=choice.memory, weights=weights_path())


def begin(request: Request | None) -> None:
    """Let the engine try it out."""
    last = session.forecast.last
    if request is None or (last and last.request == request and not isinstance(last.ending, Cancelled)):
        return
    inputs = Path(bpy.app.tempdir, "neural_texture")
    shutil.rmtree(inputs, ignore_errors=True)  # of the forecast before
    try:
        job = style_image_files.written(request.job, inputs)
        worker = WorkerProcess.forecast(engine_path(), replace(request, job=job))
    except (UserError, EngineError, OSError):
        return  # Generate says why
    session.forecast.take(Forecasting(worker=worker, request=request))


def is_pending() -> bool:
    """Whether one is being made, or will be once the settings rest."""
    wanted, last = session.panel.wanted, session.forecast.last
    asked = wanted is not None and (last is None or last.request != wanted)
    return session.forecast.running is not None or session.panel.drawn or asked


def message() -> Message | None:
    """What there is to read of it."""
    last = session.forecast.last
    if last is None or session.panel.wanted != last.request:
        return None
    match last.ending:
        case Forecast(refusal=str(refusal)):
            return Message(Level.ERROR, refusal)
        case Forecast() as told:
            takes = f"{console.duration(told.seconds)} and {told.memory / 1e9:.1f} GB"
            said = rpt_("Will take about {takes} on {device}").format(takes=takes, device=told.device)
            return Message(Level.INFO, f"{said}; {told.pieces}" if told.pieces else said)
        case Failed(message=why):
            return Message(Level.WARNING, why)
    return None if last.ended else Message(Level.INFO, rpt_("Forecasting time and memory..."))
