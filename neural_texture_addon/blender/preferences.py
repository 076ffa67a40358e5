"""The extension's preferences: the engine's Python, and what is known about it."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

import contextlib
import textwrap
from typing import Any

import bpy
from bpy.props import StringProperty
from bpy.types import AddonPreferences, Context, UILayout

from ..supervisor import environment
from ..supervisor.environment import Engine, EngineError
from . import session
from .extension import BASE_PACKAGE, user_folder
from .session import Level


class NeuralTexturePreferences(AddonPreferences):
    """Edit > Preferences > Add-ons > Neural Texture."""

    bl_idname = BASE_PACKAGE

    engine_python: StringProperty(
        name="Engine Python",
        description="A Python 3.11 or later that has torch, numpy and pillow. If empty: the environment variable "
        f"{environment.VARIABLE}, or else the extension's own engine",
        subtype="FILE_PATH",
        update=lambda _self, _context: look_for_engine(),
    )

    def draw(self, _context: Context) -> None:
        """Draw the path and what was found there."""
        row = self.layout.row(align=True)
        row.prop(self, "engine_python")
        row.operator("neural_texture.check_engine", text="", icon="FILE_REFRESH")
        draw_message(self.layout, session.engine() or session.Message(Level.INFO, "Not checked yet"))


CLASSES = (NeuralTexturePreferences,)
_ICONS = {Level.INFO: "CHECKMARK", Level.WARNING: "INFO", Level.ERROR: "ERROR"}


def find_engine() -> Engine:
    """The engine's Python, checked, and note what was found. Raises EngineError."""
    preferences: Any = bpy.context.preferences
    addon = preferences.addons.get(BASE_PACKAGE)
    explicit = bpy.path.abspath(addon.preferences.engine_python) if addon and addon.preferences else ""
    try:
        engine = environment.find(explicit, user_folder("engine"))
    except EngineError as error:
        session.say_of_engine(Level.ERROR, str(error))
        raise
    session.say_of_engine(Level.INFO, f"Ready: {engine}")
    return engine


def look_for_engine() -> session.Message:
    """As `find_engine`; the answer is a message either way."""
    with contextlib.suppress(EngineError):
        find_engine()
    message = session.engine()
    assert message is not None
    return message


def draw_message(layout: UILayout, message: session.Message, width: int = 66) -> None:
    """Draw a message with its sign, broken into lines of `width` characters."""
    column = layout.column(align=True)
    icon: Any = _ICONS[message.level]
    for line in textwrap.wrap(message.text, width, break_on_hyphens=False):
        column.label(text=line, icon=icon)
        icon = "BLANK1"
