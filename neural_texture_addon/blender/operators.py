"""What the artist can do. Each operator asks one question, makes one call and reports."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import CollectionProperty, IntProperty, StringProperty
from bpy.types import Context, Event, Object, Operator, OperatorFileListElement
from bpy_extras.io_utils import ImportHelper

from ..supervisor.environment import EngineError
from . import (
    console,
    event_pump,
    generation,
    job_file,
    job_from_scene,
    opened_file,
    preferences,
    redraw,
    session,
    stack,
    style_image_sets,
)
from .errors import UserError
from .extension import MAY_BE_RELATIVE
from .job_from_scene import Choice
from .placement import Placement, PlacementProperties
from .preset_in_scene import weights_are_there
from .properties import JobProperties, settings_of
from .session import Level, Session
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class Generate(JobProperties, PlacementProperties, Operator):
    """Make a seamless texture in the style of the images; the active object gets to wear it.

    What is given as a keyword wins over the `job`, and the job over the scene's settings.
    """

    bl_idname = "neural_texture.generate"
    bl_label = "Generate Texture"
    bl_description = (
        "Make a seamless texture in the style of the images and put it on the active object. While another is being "
        "made, it waits for its turn"
    )

    images: StringProperty(
        name="Style Images",
        description="Paths of image files, one a line; if empty, those of the scene",
        options={"SKIP_SAVE"},
    )
    job: StringProperty(
        name="Job",
        description="Path of a job file, or its JSON: everything in it stands in place of the scene's settings",
        options={"SKIP_SAVE"},
    )
    content: StringProperty(
        name="Content Image",
        description="Path of an image whose layout to follow; if empty, that of the scene",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", *MAY_BE_RELATIVE},
    )
    out: StringProperty(
        name="Folder",
        description="Folder of the files; if empty, a new one",
        subtype="DIR_PATH",
        options={"SKIP_SAVE", *MAY_BE_RELATIVE},
    )

    def invoke(self, context: Context, _event: Event) -> "set[OperatorReturnItems]":
        """Ask first whether settings that came with a file are to be used."""
        return opened_file.ask_first(self, context)

    def draw(self, context: Context) -> None:
        """Draw what it would do."""
        opened_file.draw(
            self.layout,
            lambda: job_from_scene.job(self._choice(context), weights_are_there),
            settings_of(context).folder,
        )

    def _choice(self, context: Context) -> Choice:
        """What was chosen. Raises UserError."""
        settings = settings_of(context)
        if not self.job:
            return Choice.of(settings).overruled_by(self)
        return Choice.of_job(job_file.given(self.job), settings.device, settings.memory).overruled_by(self)

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Ask for the texture."""
        opened_file.accept()
        settings = settings_of(context)
        try:
            asked = generation.ask(
                self._choice(context),
                target=active_object(context),
                folder=settings.folder,
                out=self.out,
                placement=Placement.of(settings).overruled_by(self),
            )
        except (UserError, EngineError) as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        return follow(self, asked)


def follow(operator: Operator, asked: Session) -> "set[OperatorReturnItems]":
    """What an operator does after it has asked for a texture. With a window, return at once; without, wait for it."""
    if not bpy.app.background:
        event_pump.start()
        return {"FINISHED"}
    with console.progress() as show, console.interrupt_cancels():
        generation.wait(asked, show)
    message = session.texture.message
    assert message is not None
    operator.report({message.level.value}, message.text)
    return {"CANCELLED"} if message.level is Level.ERROR else {"FINISHED"}


def active_object(context: Context) -> Object | None:
    """Known in every editor, unlike `context.active_object`."""
    return context.view_layer.objects.active if context.view_layer else None


class AddStyleImages(Operator, ImportHelper):  # type: ignore[misc]  # both have invoke; Blender takes the helper
    """Choose image files, or take those that were dropped."""

    bl_idname = "neural_texture.add_style_images"
    bl_label = "Add Style Images"
    bl_description = (
        "Choose one or more images whose texture to resemble. Of a set of maps (_Color, _Normal, _Roughness and so on) "
        "one file, or the folder, brings the others"
    )
    bl_options = {"UNDO"}  # noqa: RUF012  # Blender's own convention

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    files: CollectionProperty(type=OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"})
    directory: StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"})
    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN"})

    def invoke(self, context: Context, event: Event) -> Any:
        """Ask which, unless they are known."""
        helper: Any = ImportHelper
        return self.execute(context) if self.files else helper.invoke(self, context, event)

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Add the chosen files to the list."""
        settings = settings_of(context)
        names = [file.name for file in self.files if file.name]
        paths = [Path(self.directory) / name for name in names] or ([Path(self.filepath)] if self.filepath else [])
        if not paths:
            self.report({"ERROR"}, rpt_("No image was chosen"))
            return {"CANCELLED"}
        try:
            found = style_image_sets.at(paths)
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        for name, exemplar in found:
            style_image_sets.put(settings.images.add(), name, exemplar)
        settings.active_image = len(settings.images) - 1
        redraw.panels()
        return {"FINISHED"}


class RemoveStyleImage(Operator):
    """Take an image off the list."""

    bl_idname = "neural_texture.remove_style_image"
    bl_label = "Remove Style Image"
    bl_description = "Take the selected style image off the list. Its file stays"
    bl_options = {"UNDO"}  # noqa: RUF012  # Blender's own convention

    index: IntProperty(default=-1, options={"SKIP_SAVE"}, description="Which one; the selected one if negative")

    @classmethod
    def poll(cls, context: Context) -> bool:
        """There must be one."""
        return bool(settings_of(context).images)

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Remove it and select its neighbour."""
        settings = settings_of(context)
        index = self.index if self.index >= 0 else settings.active_image
        if index >= len(settings.images):
            self.report({"ERROR"}, rpt_("There is no style image number {index}").format(index=index))
            return {"CANCELLED"}
        settings.images.remove(index)
        stack.forget_style_image(settings, index)
        settings.active_image = max(0, min(settings.active_image, len(settings.images) - 1))
        return {"FINISHED"}


class CheckEngine(Operator):
    """Look for the engine."""

    bl_idname = "neural_texture.check_engine"
    bl_label = "Check Engine"
    bl_description = "Look for the engine's Python and whether it has what it needs"

    def execute(self, _context: Context) -> "set[OperatorReturnItems]":
        """Report what was found."""
        message = preferences.look_for_engine()
        self.report({message.level.value}, message.text)
        return {"FINISHED"}


CLASSES = (Generate, AddStyleImages, RemoveStyleImage, CheckEngine)
