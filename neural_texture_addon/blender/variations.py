"""The same texture from several seeds, as far as layout can be judged; one of them is then refined to full size."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import IntProperty
from bpy.types import Context, Event, Operator

from ..job.description import Canvas, Device, limits
from ..supervisor.environment import EngineError
from . import event_pump, generation, job_from_scene, opened_file, session, thumbnails
from .errors import UserError
from .job_from_scene import Choice
from .operators import active_object
from .placement import Destination, Placement
from .preset_in_scene import weights_are_there
from .properties import settings_of
from .session import Session
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

_SHARE, _LEAST = 4, 96
"""They are made up to a fourth of the full size, but to this many px at least: from there on only details are added."""


class Variations(Operator):
    """Several seeds side by side."""

    bl_idname = "neural_texture.variations"
    bl_label = "Variations"
    bl_description = "Make the texture small from several seeds, to pick the best and refine that one"

    count: IntProperty(name="Seeds", default=4, min=2, max=16, description="How many to choose from")

    def invoke(self, context: Context, _event: Event) -> "set[OperatorReturnItems]":
        """Ask first whether settings that came with a file are to be used."""
        return opened_file.ask_first(self, context)

    def draw(self, context: Context) -> None:
        """Draw what it would do."""
        settings = settings_of(context)
        opened_file.draw(
            self.layout, lambda: job_from_scene.job(Choice.of(settings), weights_are_there), settings.folder
        )

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Ask for all of them. With a window, return at once; without, wait for them."""
        opened_file.accept()
        try:
            asked = ask(Choice.of(settings_of(context)), self.count, context)
        except (UserError, EngineError) as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        if not bpy.app.background:
            event_pump.start()
            return {"FINISHED"}
        for one in asked:
            generation.wait(one, lambda _current: None)
        return {"FINISHED"}


class _OfOne(Operator):
    """Something to do with one of the variations."""

    index: IntProperty(min=0, options={"SKIP_SAVE"}, description="Which variation, counted from 0")

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """There must be one."""
        return bool(session.variations)


class Refine(_OfOne):
    """The full size."""

    bl_idname = "neural_texture.refine"
    bl_label = "Refine"
    bl_description = "Make this one at full size, going on from where it is"

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Ask for it. With a window, return at once; without, wait for it."""
        try:
            asked = refined(self.index)
            generation.submit(asked)
        except (UserError, EngineError) as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        settings_of(context).seed = asked.request.job.canvas.random_seed
        if bpy.app.background:
            generation.wait(asked, lambda _current: None)
        else:
            event_pump.start()
        return {"FINISHED"}


class DiscardVariations(Operator):
    """Away with the grid."""

    bl_idname = "neural_texture.discard_variations"
    bl_label = "Discard Variations"
    bl_description = "Take the small textures off the panel. Their files stay"

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """There must be one."""
        return bool(session.variations)

    def execute(self, _context: Context) -> "set[OperatorReturnItems]":
        """Forget them, and those that were not begun."""
        forget()
        return {"FINISHED"}


CLASSES = (Variations, Refine, DiscardVariations)


def ask(choice: Choice, count: int, context: Context) -> list[Session]:
    """Ask for the texture from `count` seeds, the chosen one and those after it. Raises UserError or EngineError."""
    forget()
    job = job_from_scene.job(choice, weights_are_there)
    job_from_scene.check(job, weights_are_there)
    settings, target, (_, last_seed) = settings_of(context), active_object(context), limits(Canvas, "random_seed")
    for number in range(count):
        seed = (choice.seed + number) % (int(last_seed) + 1)
        one = replace(job, canvas=replace(job.canvas, random_seed=seed))
        asked = generation.asked_for(
            one,
            Destination.on(target, Placement.of(settings), generation.preset_of(choice)),
            folder=settings.folder,
            live=not bpy.app.background,
            device=Device(choice.device),
            memory=choice.memory,
        )
        asked.request = replace(asked.request, up_to_size=max(_LEAST, max(choice.width, choice.height) // _SHARE))
        asked.variation = True
        session.variations.append(asked)
        generation.submit(asked)
    return session.variations


def refined(index: int) -> Session:
    """The variation at full size, not begun. Raises UserError."""
    if index >= len(session.variations):
        raise UserError(rpt_("There is no variation number {index}").format(index=index))
    asked = generation.resumed(session.variations[index])
    asked.request = replace(asked.request, up_to_size=0)
    return asked


def forget() -> None:
    """Take all of them back; those that were begun keep their files."""
    for one in session.variations:
        if one in session.waiting:
            session.waiting.remove(one)
            generation.forget(one)
        elif one is session.texture.running:
            one.cancel()
    session.variations.clear()


def draw(layout: Any) -> None:
    """Draw the grid."""
    if not session.variations:
        return
    box = layout.box()
    header = box.row()
    header.label(text="Variations")
    header.operator("neural_texture.discard_variations", text="", icon="X", emboss=False)
    grid = box.grid_flow(row_major=True, columns=2, even_columns=True, even_rows=True)
    for index, one in enumerate(session.variations):
        cell = grid.column(align=True)
        files = one.texture_files()
        cell.template_icon(thumbnails.of_file(files[0]) if files else 0, scale=6)
        button = cell.row()
        button.enabled = bool(files)
        button.operator("neural_texture.refine", text=rpt_("Refine {index}").format(index=index + 1)).index = index
