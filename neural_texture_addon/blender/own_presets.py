"""The artist's own presets: what the panel says without its images, kept under a name."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bpy.props import StringProperty
from bpy.types import Context, Event, Operator, Panel

from ..job import presets
from ..job.description import Canvas, Job, Optimise, Output, Patches, Texels, Tiling, Vgg19
from ..job.presets import Family, Preset
from . import job_from_scene, preset_in_scene, preset_list, redraw
from .errors import UserError
from .job_from_scene import AS_PRESET, AUTO, Choice
from .properties import settings_of
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class ChoosePreset(Operator):
    """Take a preset."""

    bl_idname = "neural_texture.choose_preset"
    bl_label = "Choose Preset"
    bl_options = {"UNDO", "INTERNAL"}  # noqa: RUF012  # Blender's own convention

    name: StringProperty(name="Name", description="As its file is called", options={"SKIP_SAVE"})

    @classmethod
    def description(cls, _context: Context, properties: Any) -> str:
        """What it is good for, or what is wrong with it."""
        return next((entry.description for entry in preset_list.entries() if entry.name == properties.name), "")

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Choose it, in place of steps of the artist's own."""
        settings = settings_of(context)
        try:
            preset_list.load(self.name)
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        if settings.customised:
            preset_in_scene.back_to_preset(settings)
        settings.preset = self.name
        return {"FINISHED"}


class SavePreset(Operator):
    """Keep what the panel says."""

    bl_idname = "neural_texture.save_preset"
    bl_label = "Save Preset"
    bl_description = "Keep the steps, sizes (octaves), start and features under a name, for other textures and files"
    bl_options = {"UNDO"}  # noqa: RUF012  # Blender's own convention

    title: StringProperty(name="Name", description="What the preset is called in the list", options={"SKIP_SAVE"})
    about: StringProperty(
        name="Description", description="What it is good for; shown as its tooltip", options={"SKIP_SAVE"}
    )

    def invoke(self, context: Context, _event: Event) -> "set[OperatorReturnItems]":
        """Ask for the name."""
        assert context.window_manager
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Save it, and choose it."""
        settings = settings_of(context)
        try:
            preset = of_panel(settings, self.title, self.about)
            preset_list.save(preset)
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        preset_in_scene.back_to_preset(settings)
        settings.preset, settings.features = preset.name, AUTO
        redraw.panels()
        self.report({"INFO"}, rpt_("Saved {folder}.json").format(folder=preset_list.folder() / preset.name))
        return {"FINISHED"}


class RemovePreset(Operator):
    """Delete one of the artist's own."""

    bl_idname = "neural_texture.remove_preset"
    bl_label = "Remove Preset"
    bl_description = "Delete this preset of yours"
    bl_options = {"UNDO"}  # noqa: RUF012  # Blender's own convention

    name: StringProperty(name="Name", description="As its file is called", options={"SKIP_SAVE"})

    def invoke(self, context: Context, event: Event) -> "set[OperatorReturnItems]":
        """Ask: no undo brings the file back."""
        assert context.window_manager
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Delete it, and leave it."""
        settings = settings_of(context)
        was_chosen = settings.preset == self.name
        try:
            preset_list.remove(self.name)
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        if was_chosen:
            settings.preset = presets.DEFAULT
        redraw.panels()
        return {"FINISHED"}


class PresetsPopover(Panel):
    """The list in the header."""

    bl_idname = "NEURAL_TEXTURE_PT_presets"
    bl_label = "Presets"
    bl_space_type = "VIEW_3D"
    bl_region_type = "HEADER"

    def draw(self, context: Context) -> None:
        """A line for each preset, those of the artist with what can be done to them."""
        settings = settings_of(context)
        layout: Any = self.layout
        layout.label(text="Presets")
        column = layout.column(align=True)
        listed = preset_list.entries()
        for entry in listed:
            _draw_entry(column.row(align=True), entry, settings)
        row = layout.row(align=True)
        row.operator("neural_texture.save_preset", text="Save Preset...", icon="ADD")
        if any(entry.file for entry in listed):
            folder = str(preset_list.folder())
            row.operator("wm.path_open", text="", icon="FILE_FOLDER").filepath = folder


CLASSES = (ChoosePreset, SavePreset, RemovePreset, PresetsPopover)


def of_panel(settings: Any, title: str, about: str = "") -> Preset:
    """What the panel says, as a preset of that title. Raises UserError."""
    choice, name = Choice.of(settings), preset_list.name_of(title)
    if choice.steps is None:
        base = preset_list.load(choice.preset).jobs
        jobs = {family: job for family, job in base.items() if choice.features in (AUTO, family)}
        if not jobs:
            raise UserError(
                rpt_("The preset {preset} is not made for these features: choose others").format(preset=choice.preset)
            )
    else:
        job = job_from_scene.job(choice, lambda: True)
        jobs = {_family(job): job}
    wanted = {family: _without_images(job, choice) for family, job in jobs.items()}
    return Preset(name=name, title=title.strip(), description=about.strip(), jobs=wanted)


def _without_images(job: Job, choice: Choice) -> Job:
    """The job as it waits for its images, with what the artist said in its place."""
    tiling = job.canvas.tiling if choice.tiling == AS_PRESET else Tiling(choice.tiling)
    canvas = Canvas(seed=choice.start or job.canvas.seed, tiling=tiling)
    octaves = choice.octaves or job.octaves
    return replace(job, exemplars=(), content=None, canvas=canvas, octaves=octaves, output=Output())


def _family(job: Job) -> Family:
    """What its terms look at."""
    terms = [term for step in job.steps if isinstance(step, Optimise) for term in step.terms]
    looks = {type(getattr(term, "features", Texels())) for term in terms}
    if Vgg19 not in looks:
        return Family.PATCHES
    return Family.BOTH if Patches in looks else Family.VGG19


def _draw_entry(row: Any, entry: preset_list.Entry, settings: Any) -> None:
    line = row.row(align=True)
    line.enabled = entry.preset is not None
    chosen = not settings.customised and settings.preset == entry.name
    icon = preset_list.icon_of(entry)
    choose = line.operator("neural_texture.choose_preset", text=entry.title, icon_value=icon, depress=chosen)
    choose.name = entry.name
    if entry.file:
        row.operator("neural_texture.remove_preset", text="", icon="X").name = entry.name
