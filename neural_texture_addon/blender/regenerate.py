"""A texture made again from what its image remembers: as it was, from another seed, or larger.

What an image remembers may come from a stranger's .blend. Before it is run the artist sees what it would read and do;
until then no path in it is looked for.
"""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, IntProperty
from bpy.types import Context, Image, Operator

from ..job.description import Canvas, Device, Exemplar, FromContent, Job, Picture, limits
from ..supervisor.environment import EngineError
from . import (
    active_texture,
    described,
    generation,
    image_record,
    job_from_scene,
    opened_file,
    operators,
    preset_list,
    session,
)
from .errors import UserError
from .image_record import Record
from .placement import Destination, Placement, Replaced, Storage
from .preset_in_scene import weights_are_there
from .properties import settings_of
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class Larger(StrEnum):
    """What a texture of twice the width and height shows."""

    SURFACE = "surface"
    DETAIL = "detail"


@dataclass(frozen=True)
class Plan:
    """A job to be run, and what becomes of the texture's size on the surface."""

    job: Job
    grows: float = 1.0
    """By which factor one repeat becomes wider, in metres."""


class _Again(Operator):
    """What the operators below have in common: ask, then run the job and replace the texture where it is."""

    bl_options = {"REGISTER"}  # noqa: RUF012  # Blender's own convention

    @classmethod
    def poll(cls, context: Context) -> bool:
        """There must be a texture that remembers how it was made."""
        cls.poll_message_set("The texture does not remember how it was made")
        return image_record.is_on(active_texture.of(context))

    def invoke(self, context: Context, _event: Any) -> "set[OperatorReturnItems]":
        """Show what would be run."""
        try:
            self._begin(image_record.read(active_texture.of(context)))
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        assert context.window_manager is not None
        return context.window_manager.invoke_props_dialog(self, width=500)

    def draw(self, context: Context) -> None:
        """Draw the settings, and what would be run with them."""
        layout: Any = self.layout
        self._draw_settings(layout)
        try:
            record = image_record.read(active_texture.of(context))
            lines = [*in_words(self._plan(record), record), opened_file.writes(settings_of(context).folder)]
        except UserError as fault:
            lines = [str(fault)]
        column = layout.box().column(align=True)
        for line in lines:
            column.label(text=line)

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Start the job. With a window, return at once; without, wait for it."""
        image = active_texture.of(context)
        assert image is not None
        try:
            record = image_record.read(image)
            asked = ask(image, record, self._plan(record), settings_of(context))
        except (UserError, EngineError) as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        return operators.follow(self, asked)

    def _begin(self, record: Record) -> None:
        """Set the operator's own settings."""

    def _draw_settings(self, layout: Any) -> None:
        """Draw them."""

    def _plan(self, record: Record) -> Plan:
        """What they ask for. Raises UserError."""
        raise NotImplementedError


class Regenerate(_Again):
    """As it was."""

    bl_idname = "neural_texture.regenerate"
    bl_label = "Regenerate"
    bl_description = "Make the texture again, with its style images as they are now, and replace it wherever it is used"

    def _plan(self, record: Record) -> Plan:
        return Plan(record.job)


class ChangeSeed(_Again):
    """Another arrangement."""

    bl_idname = "neural_texture.change_seed"
    bl_label = "Change Seed"
    bl_description = "Make the texture again in another arrangement, and replace it wherever it is used"

    seed: IntProperty(
        name="Seed",
        description="Another number gives another arrangement. Below 0: the one after the texture's own",
        default=-1,
        min=-1,
        options={"SKIP_SAVE"},
    )

    def _begin(self, record: Record) -> None:
        if self.seed < 0:
            self.seed = min(_next_seed(record.job), described.LARGEST_INT)

    def _draw_settings(self, layout: Any) -> None:
        layout.prop(self, "seed")

    def _plan(self, record: Record) -> Plan:
        seed = self.seed if self.seed >= 0 else _next_seed(record.job)
        return Plan(replace(record.job, canvas=replace(record.job.canvas, random_seed=seed)))


class MakeLarger(_Again):
    """Four times the pixels."""

    bl_idname = "neural_texture.make_larger"
    bl_label = "Make Larger"
    bl_description = "Make the texture again with twice the width and height, and replace it wherever it is used"

    what: EnumProperty(
        name="For",
        items=[  # not of described.enum_item: buttons in a row can't tell such large numbers apart
            (
                Larger.SURFACE.value,
                "More Surface",
                "More stones, as sharp as now: the texture repeats half as often, and everything keeps its size",
            ),
            (
                Larger.DETAIL.value,
                "More Detail",
                "The same stones with more pixels each. It gains nothing where the style image has no more to show",
            ),
        ],
        default=Larger.SURFACE.value,
        options={"SKIP_SAVE"},
    )

    def _begin(self, record: Record) -> None:
        if not self.properties.is_property_set("what") and _has_more_detail(record.job):
            self.what = Larger.DETAIL.value

    def _draw_settings(self, layout: Any) -> None:
        layout.row().prop(self, "what", expand=True)

    def _plan(self, record: Record) -> Plan:
        return larger(record.job, Larger(self.what))


CLASSES = (Regenerate, ChangeSeed, MakeLarger)


def larger(job: Job, what: Larger) -> Plan:
    """The job at twice the width and height. Raises UserError."""
    canvas = replace(job.canvas, width=2 * job.canvas.width, height=2 * job.canvas.height)
    if job.canvas.colour:
        raise UserError(
            rpt_(
                "Its colour was given and would only be stretched: make {colour} larger, then its maps from that"
            ).format(colour=Path(job.canvas.colour.path).name)
        )
    _, most = limits(Canvas, "width")
    if max(canvas.width, canvas.height) > most:
        raise UserError(
            rpt_("Twice as large it would have {width} x {height} px; at most {most} can be made").format(
                width=canvas.width, height=canvas.height, most=most
            )
        )
    if what is Larger.SURFACE:
        # A picture fills the canvas, whatever its size: it does not become wider by more pixels.
        follows = job.content is not None or isinstance(job.canvas.seed, Picture | FromContent)
        return Plan(replace(job, canvas=canvas), grows=1.0 if follows else 2.0)
    exemplars = tuple(replace(exemplar, scale=2 * exemplar.scale) for exemplar in job.exemplars)
    _, largest = limits(Exemplar, "scale")
    if any(exemplar.scale > largest for exemplar in exemplars):
        raise UserError(
            rpt_("The style images can't be drawn twice as large: their scale ends at {largest:g}").format(
                largest=largest
            )
        )
    return Plan(replace(job, canvas=canvas, exemplars=exemplars))


def ask(
    image: Image, record: Record, plan: Plan, settings: Any, live: bool = not bpy.app.background
) -> generation.Session:
    """Ask for the texture, to replace the one that `image` belongs to. Raises UserError or EngineError.

    `live`: show it in an empty Image Editor while it is being made. What uses the texture shows the old one until then.
    """
    maps = image_record.maps_of(image, record)
    linked = [map_image.name for map_image in maps.values() if not map_image.is_editable]
    if linked:
        raise UserError(rpt_("{linked} comes from another file: make it local first").format(linked=linked[0]))
    going_on = (one.destination.replaced for one in (session.texture.running, *session.waiting) if one)
    if any(replaced is not None and replaced.texture == record.texture for replaced in going_on):
        raise UserError(rpt_("{name} is being made again already: wait for that, or cancel it").format(name=image.name))
    job_from_scene.check(plan.job, weights_are_there)
    destination = Destination(
        placement=Placement(storage=Storage.PACK if image.packed_file else Storage.BESIDE),
        preset=record.preset,
        replaced=Replaced(
            images={kind: map_image.session_uid for kind, map_image in maps.items()},
            texture=record.texture,
            texture_width=record.texture_width,
            grows=plan.grows,
        ),
    )
    asked = generation.asked_for(
        plan.job,
        destination,
        name=image.name,
        folder=settings.folder,
        live=live,
        device=Device(settings.device),
        memory=settings.memory,
    )
    generation.submit(asked)
    return asked


def _next_seed(job: Job) -> int:
    low, high = limits(Canvas, "random_seed")
    return job.canvas.random_seed + 1 if job.canvas.random_seed < high else int(low)


def _has_more_detail(job: Job) -> bool:
    """Whether the style images are drawn smaller than they are."""
    return bool(job.exemplars) and all(2 * exemplar.scale <= 1.0 for exemplar in job.exemplars)


def in_words(plan: Plan, record: Record) -> Iterator[str]:
    """What would be run, in lines."""
    job, title = plan.job, preset_list.title_of(record.preset)
    wide = (
        rpt_(", {texture_width:.4g} m wide").format(texture_width=record.texture_width * plan.grows)
        if record.texture_width
        else ""
    )
    steps = rpt_("preset {title}").format(title=title) if title else "steps of its own"
    yield rpt_("{width} x {height} px{wide}, seed {random_seed}, {steps}").format(
        width=job.canvas.width, height=job.canvas.height, wide=wide, random_seed=job.canvas.random_seed, steps=steps
    )
    yield from opened_file.reads(job)
    yield "The texture is replaced wherever it is used"
