"""The texture that is being made, as it is drawn in the panel and in the status bar. Drawing never computes."""

from typing import Any

import bpy
from bpy.types import Context

from ..job.events import Fetched
from . import console, forecast, job_control, session, variations
from .extension import BASE_PACKAGE
from .preferences import draw_message
from .properties import NeuralTextureSettings
from .session import Level, Message, Session
from .translations import rpt_


def register() -> None:
    """Add to the status bar."""
    bpy.types.STATUSBAR_HT_header.append(_draw_status)


def unregister() -> None:
    """Leave it."""
    bpy.types.STATUSBAR_HT_header.remove(_draw_status)


def draw(layout: Any, settings: NeuralTextureSettings, characters: int) -> None:
    """Draw the button, what goes on, what waits, and what there is to read."""
    current = session.texture.running
    if current is not None:
        _draw_running(layout, current)
        _draw_waiting(layout)
    buttons = layout.row(align=True)
    buttons.scale_y = 1.0 if current else 1.5
    buttons.enabled = bool(settings.images) or settings.use_content or settings.customised
    parts = buttons.split(factor=0.7, align=True)
    text = "Add to Queue" if current else "Generate Texture"
    parts.operator("neural_texture.generate", text=text, icon="ADD" if current else "TEXTURE")
    parts.operator("neural_texture.variations", text="4 Seeds").count = 4
    variations.draw(layout)
    session.panel.draw()
    if not current and (told := forecast.message()):
        draw_message(layout, told, characters, "TIME" if told.level is Level.INFO else None)
    if message := session.texture.message:
        draw_message(layout, message, characters)
    if last := session.texture.last:
        _draw_last(layout, last, characters)


def _draw_running(layout: Any, current: Session) -> None:
    column = layout.column(align=True)
    fraction = current.progress.fraction if current.progress else 0.0
    column.progress(factor=fraction, text=console.in_words(current), type="BAR")
    if progress := current.progress:
        line = column.row()
        line.active = False
        line.label(
            text=rpt_("{name}: step {step} of {steps}, loss {loss:.3g}").format(
                name=current.name, step=progress.step, steps=progress.steps, loss=progress.loss
            )
        )
    row = column.row(align=True)
    paused = {"text": "Continue", "icon": "PLAY"} if current.paused else {"text": "Pause", "icon": "PAUSE"}
    row.operator("neural_texture.pause", **paused)
    row.operator("neural_texture.finish", text="Finish", icon="CHECKMARK")
    row.operator("neural_texture.cancel", icon="X")


def _draw_waiting(layout: Any) -> None:
    if not session.waiting:
        return
    column = layout.box().column(align=True)
    for index, asked in enumerate(session.waiting):
        row = column.row(align=True)
        canvas = asked.request.job.canvas
        row.label(
            text=rpt_("{name}, {width} x {height} px").format(
                name=asked.name, width=canvas.width, height=canvas.height
            ),
            icon="TIME",
        )
        row.operator("neural_texture.cancel_waiting", text="", icon="X", emboss=False).index = index


def _draw_last(layout: Any, last: Session, characters: int) -> None:
    fetch = session.weights.last
    if last.would_gain and not isinstance(fetch.ending if fetch else None, Fetched):
        column = layout.column(align=True)
        draw_message(
            column,
            Message(Level.WARNING, rpt_("A 9 MB download makes textures look clearly more like the images")),
            characters,
        )
        column.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES").module = BASE_PACKAGE
    for note in last.notes:
        draw_message(layout, Message(Level.WARNING, note), characters)
    if last.ended:
        row = layout.row(align=True)
        if job_control.may_resume(last):
            row.operator("neural_texture.resume", icon="PLAY")
        row.operator("wm.path_open", text="Open Folder", icon="FILE_FOLDER").filepath = last.request.out


def _draw_status(header: Any, _context: Context) -> None:
    """The texture's progress at the right end of the status bar."""
    if current := session.texture.running:
        row = header.layout.row()
        row.ui_units_x = 14
        fraction = current.progress.fraction if current.progress else 0.0
        row.progress(factor=fraction, text=f"{current.name}: {console.in_words(current)}", type="BAR")
