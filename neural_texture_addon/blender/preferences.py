"""The extension's preferences: the engine, the pretrained weights, and what is known about them."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

import contextlib
import textwrap
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import AddonPreferences, Context, UILayout

from ..job.events import Failed
from ..supervisor import environment, installation
from ..supervisor.environment import Engine, EngineError, NotSetUpError
from . import session
from .extension import BASE_PACKAGE, user_folder
from .session import Level
from .translations import rpt_


def _engine_named(_self: object, _context: Context) -> None:
    """Look at it; Blender allows no answer."""
    look_for_engine()


class NeuralTexturePreferences(AddonPreferences):
    """Edit > Preferences > Add-ons > Neural Texture."""

    bl_idname = BASE_PACKAGE

    engine_python: StringProperty(
        name="Engine Python",
        description="To use a Python of your own, 3.11 or later, that has torch and what else the engine needs. "
        f"If empty: the one that the environment variable {environment.VARIABLE} names, or else the extension's own",
        subtype="FILE_PATH",
        update=_engine_named,
    )

    wheels: StringProperty(
        name="Folder of Wheels",
        description="To set the engine up without a network: a folder with its packages as wheels (.whl files) for "
        "Blender's version of Python. If empty, they are downloaded",
        subtype="DIR_PATH",
    )

    weights: StringProperty(
        name="VGG-19 Weights",
        description="What the VGG-19 network has learned from photographs, if you have such a file already: "
        "safetensors or PyTorch's .pth, under torchvision's names. If empty: what was downloaded by the button below",
        subtype="FILE_PATH",
    )

    asset_author: StringProperty(name="Author", description="Who made the textures that you mark as assets")
    asset_licence: StringProperty(
        name="Licence", description='What others may do with the textures that you mark as assets, e.g. "CC0 1.0"'
    )

    forecasts: BoolProperty(
        name="Forecast Time and Memory",
        description="Try out in the background what a texture would take, each time its settings have changed",
        default=True,
    )
    keep_loaded: BoolProperty(
        name="Keep Engine Loaded",
        description="While the panel is in sight, let the engine wait in the background, so that a texture begins at "
        "once. It takes about 0.3 GB of memory, and is gone while Blender renders",
        default=True,
    )

    def draw(self, _context: Context) -> None:
        """Draw the path and what was found there."""
        row = self.layout.row(align=True)
        row.prop(self, "engine_python")
        row.operator("neural_texture.check_engine", text="", icon="FILE_REFRESH")
        draw_engine(self.layout)
        self.layout.prop(self, "wheels")
        draw_check(self.layout)
        self.layout.separator()
        self.layout.prop(self, "weights")
        draw_weights(self.layout)
        self.layout.separator()
        self.layout.prop(self, "forecasts")
        self.layout.prop(self, "keep_loaded")
        self.layout.separator()
        self.layout.prop(self, "asset_author")
        self.layout.prop(self, "asset_licence")


CLASSES = (NeuralTexturePreferences,)
_ICONS = {Level.INFO: "CHECKMARK", Level.WARNING: "INFO", Level.ERROR: "ERROR"}


def find_engine() -> Engine:
    """The engine's Python, checked, and note what was found. Raises EngineError."""
    try:
        engine = environment.find(_named("engine_python"), user_folder("engine"))
    except EngineError as error:
        say_of_no_engine(error)
        raise
    session.engine.say(Level.INFO, rpt_("Ready: {engine}").format(engine=engine))
    return engine


def say_of_no_engine(error: EngineError) -> None:
    """Note why there is no engine. At first it is no fault: the button below says what to do."""
    if isinstance(error, NotSetUpError):
        session.engine.say(Level.WARNING, rpt_("The engine is not set up yet"))
    else:
        session.engine.say(Level.ERROR, str(error))


def engine_path() -> Path:
    """The engine's Python, unchecked. Raises EngineError if there is none."""
    return environment.locate(_named("engine_python"), user_folder("engine"))


def fetched_weights() -> Path:
    """Where fetched weights go."""
    return user_folder("weights") / "vgg19.safetensors"


def weights_path() -> str:
    """The file of the weights: the one that is named, there or not, else the fetched one. Empty if there is none."""
    fetched = fetched_weights()
    return _named("weights") or (str(fetched) if fetched.is_file() else "")


def forecasts() -> bool:
    """Whether the artist wants forecasts."""
    return _is_on("forecasts")


def keeps_engine_loaded() -> bool:
    """Whether the artist wants it to wait in the background."""
    return _is_on("keep_loaded")


def _is_on(preference: str) -> bool:
    preferences: Any = bpy.context.preferences
    addon = preferences.addons.get(BASE_PACKAGE)
    return bool(addon and addon.preferences and getattr(addon.preferences, preference))


def _named(preference: str) -> str:
    """The path that the artist gave; empty if none."""
    preferences: Any = bpy.context.preferences
    addon = preferences.addons.get(BASE_PACKAGE)
    return bpy.path.abspath(getattr(addon.preferences, preference)) if addon and addon.preferences else ""


def about_assets() -> Any:
    """What has `asset_author` and `asset_licence`."""
    preferences: Any = bpy.context.preferences
    return preferences.addons[BASE_PACKAGE].preferences


def look_for_engine() -> session.Message:
    """As `find_engine`; the answer is a message either way."""
    with contextlib.suppress(EngineError):
        find_engine()
    message = session.engine.message
    assert message is not None
    return message


def wheels_folder() -> Path | None:
    """The folder of wheels that the artist named."""
    return Path(named) if (named := _named("wheels")) else None


def draw_engine(layout: Any, width: int = 66) -> None:
    """Draw how the set-up goes; without one, what is known of the engine, and the button that sets it up."""
    if task := session.engine.running:
        done, total = installation.came(task.lines)
        row = layout.row(align=True)
        text = rpt_("{done:.0f} of {total:.0f} MB").format(done=done, total=total) if total else "Setting up the engine"
        row.progress(factor=done / total if total else 0.0, text=text)
        row.operator("neural_texture.cancel_set_up", text="", icon="X")
        column = layout.column(align=True)
        for line in task.lines[-3:]:
            column.label(text=textwrap.shorten(line, width, placeholder="..."))
        return
    message = session.engine.message or session.Message(Level.INFO, rpt_("Not checked yet"))
    draw_message(layout, message, width)
    if message.level is not Level.INFO:
        layout.operator("neural_texture.set_up_engine", icon="IMPORT")
        if wheels_folder() is None:
            _draw_offline(layout, width)


def _draw_offline(layout: Any, width: int = 66) -> None:
    """Draw why the button above can't be pressed, where Blender may not go online, and what changes that."""
    if bpy.app.online_access:
        return
    draw_message(layout, session.Message(Level.WARNING, rpt_("Blender may not go online yet")), width)
    if not bpy.app.online_access_override:
        layout.operator("extensions.userpref_allow_online", text="Allow Online Access", icon="INTERNET")


def draw_check(layout: Any, width: int = 66) -> None:
    """Draw the button that checks the set-up, and the last report."""
    layout.operator("neural_texture.check_set_up", icon="VIEWZOOM")
    task = session.check.last
    if task is None:
        return
    box = layout.box().column(align=True)
    for line in task.lines:
        for part in textwrap.wrap(line, width, subsequent_indent="    ", break_on_hyphens=False):
            box.label(text=part)
    if task.outcome is None:
        box.label(text="Checking...", icon="TIME")
        return
    if task.error:
        draw_message(box, session.Message(Level.ERROR, task.error), width)
    box.operator("neural_texture.copy_report", icon="COPYDOWN")


def draw_weights(layout: Any) -> None:
    """Draw what there is of the weights: a download's progress, or the file, or the button that fetches it."""
    if fetch := session.weights.running:
        row, progress = layout.row(align=True), fetch.progress
        said = (
            rpt_("{done:.1f} of {total:.1f} MB").format(done=progress.done / 1e6, total=progress.total / 1e6)
            if progress
            else "Connecting"
        )
        row.progress(factor=progress.done / progress.total if progress else 0.0, text=said)
        row.operator("neural_texture.cancel_fetch", text="", icon="X")
        return
    path, message = weights_path(), session.weights.message
    if path and not Path(path).is_file():
        message = session.Message(Level.ERROR, rpt_("There is no such file: {path}").format(path=path))
    elif path:
        message = session.Message(Level.INFO, rpt_("VGG-19 weights: {path}").format(path=path))
    draw_message(
        layout,
        message
        or session.Message(Level.WARNING, rpt_("Textures look clearly more like the images with a download of 9 MB")),
    )
    if not path:
        layout.operator("neural_texture.fetch_weights", icon="IMPORT")
        _draw_offline(layout)
        if (last := session.weights.last) and last.source == "hub" and isinstance(last.ending, Failed):
            other = layout.operator("neural_texture.fetch_weights", text="Fetch the Official File Instead (575 MB)")
            other.source = "official"


def draw_message(layout: UILayout, message: session.Message, width: int = 66, icon: Any = None) -> None:
    """Draw a message with a sign, that of its level unless told, broken into lines of `width` characters."""
    column = layout.column(align=True)
    icon = icon or _ICONS[message.level]
    for line in textwrap.wrap(message.text, width, break_on_hyphens=False):
        column.label(text=line, icon=icon)
        icon = "BLANK1"
