"""The stack of steps, like modifiers: what the artist does to it. Each operator names its place as a path in the scene.

A place is what `path_from_id` says of it, e.g. ``neural_texture.steps[0].optimise.terms[1]``.
"""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

import re
from typing import TYPE_CHECKING, Any

from bpy.props import EnumProperty, IntProperty, StringProperty
from bpy.types import Context, Operator

from ..job.description import Layer, Step, Term
from . import described, preset_in_scene
from .errors import UserError
from .properties import settings_of
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

_ITEM = re.compile(r"(.+)\[(\d+)\]")


class _Change(Operator):
    """A change of the settings: done, or refused in a line."""

    bl_options = {"UNDO", "INTERNAL"}  # noqa: RUF012  # Blender's own convention

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Change, or say why not."""
        try:
            self.change(context)
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        return {"FINISHED"}

    def change(self, context: Context) -> None:
        """Change the settings. Raises UserError."""
        raise NotImplementedError


class Customise(_Change):
    """From the preset to steps of the artist's own."""

    bl_idname = "neural_texture.customise"
    bl_label = "Customise"
    bl_description = "Show the preset's steps and change them: they become your own"

    def change(self, context: Context) -> None:
        """Copy the preset's."""
        preset_in_scene.customise(settings_of(context))


class BackToPreset(_Change):
    """From the artist's own steps to the preset."""

    bl_idname = "neural_texture.back_to_preset"
    bl_label = "Back to Preset"
    bl_description = "Leave your own steps, sizes (octaves) and start, and take the preset as it is"

    def change(self, context: Context) -> None:
        """Switch the stack off."""
        preset_in_scene.back_to_preset(settings_of(context))


class UseOctaves(_Change):
    """The preset's octaves, or the artist's own."""

    bl_idname = "neural_texture.use_octaves"
    bl_label = "Own Octaves"
    bl_description = (
        "The texture is made small at first, then larger and larger (octaves). Choose these sizes yourself, beginning "
        "with the preset's; or leave them to the preset"
    )

    def change(self, context: Context) -> None:
        """Turn it about."""
        preset_in_scene.use_octaves(settings_of(context))


class UseStart(_Change):
    """The preset's start, or the artist's own."""

    bl_idname = "neural_texture.use_start"
    bl_label = "Own Start"
    bl_description = "Choose yourself what the picture is before the first step; or leave it to the preset"

    def change(self, context: Context) -> None:
        """Turn it about."""
        preset_in_scene.use_start(settings_of(context))


class AddStep(_Change):
    """A new step at the end."""

    bl_idname = "neural_texture.add_step"
    bl_label = "Add Step"
    bl_description = "Add a step after the others"

    type: EnumProperty(name="Type", items=described.choices(Step), options={"SKIP_SAVE"})

    def change(self, context: Context) -> None:
        """Add it with its defaults."""
        described.add(settings_of(context).steps, described.members(Step)[self.type]())


class AddTerm(_Change):
    """A new loss term."""

    bl_idname = "neural_texture.add_term"
    bl_label = "Add Term"
    bl_description = "Add a term: something that the picture is to have in common with the images"

    terms: StringProperty(options={"SKIP_SAVE"}, description="Place of the list")
    type: EnumProperty(name="Type", items=described.choices(Term), options={"SKIP_SAVE"})

    def change(self, context: Context) -> None:
        """Add it with its defaults."""
        described.add(_at(context, self.terms), described.members(Term)[self.type]())


class AddLayer(_Change):
    """One more layer to look at."""

    bl_idname = "neural_texture.add_layer"
    bl_label = "Add Layer"
    bl_description = "Look at one more layer of the VGG-19 network: first ones see fine grain, later ones larger shapes"

    layers: StringProperty(options={"SKIP_SAVE"}, description="Place of the list")
    layer: EnumProperty(
        name="Layer",
        items=[
            described.enum_item(layer, f"{name}: {sees}", "") for layer, name, sees, *_ in described.enum_items(Layer)
        ],
        options={"SKIP_SAVE"},
    )

    def change(self, context: Context) -> None:
        """Add it where it stands in the network."""
        layers, order = _at(context, self.layers), [layer.value for layer in Layer]
        there = [item.key for item in layers]
        if self.layer in there:
            raise UserError(rpt_("{layer} is looked at already").format(layer=self.layer))
        item = layers.add()
        item.key, item.value = self.layer, 1.0
        before = sum(order.index(layer) < order.index(self.layer) for layer in there)
        layers.move(len(layers) - 1, before)


class AddMagnification(_Change):
    """One more size of the selected style image."""

    bl_idname = "neural_texture.add_magnification"
    bl_label = "Add Size"
    bl_description = "Let the style image take part at one more size"

    def change(self, context: Context) -> None:
        """Add twice the largest."""
        settings = settings_of(context)
        if settings.active_image >= len(settings.images):
            raise UserError(rpt_("No style image is selected"))
        sizes = settings.images[settings.active_image].magnifications
        if not sizes:
            sizes.add().value = 1.0
        sizes.add().value = 2.0 * max(item.value for item in sizes)


class ToggleStyleImage(_Change):
    """Whether a term looks at a style image."""

    bl_idname = "neural_texture.toggle_style_image"
    bl_label = "Look at This Style Image"
    bl_description = "Let the term look at this style image, or not. With none chosen it looks at all"

    exemplars: StringProperty(options={"SKIP_SAVE"}, description="Place of the term's list")
    number: IntProperty(options={"SKIP_SAVE"}, min=0)

    def change(self, context: Context) -> None:
        """Put its number in, or take it out."""
        chosen = _at(context, self.exemplars)
        numbers = {item.value for item in chosen} ^ {self.number}
        chosen.clear()
        for number in sorted(numbers):
            chosen.add().value = number


class _ItemChange(_Change):
    item: StringProperty(options={"SKIP_SAVE"}, description="Its place")

    def change(self, context: Context) -> None:
        """Find the list and the item's number in it."""
        found = _ITEM.fullmatch(self.item)
        items = _at(context, found[1]) if found else ()
        if not found or int(found[2]) >= len(items):
            raise UserError(rpt_("There is nothing at {item!r}").format(item=self.item))
        self.change_list(items, int(found[2]))

    def change_list(self, items: Any, index: int) -> None:
        """Change the list about this item."""
        raise NotImplementedError


class RemoveItem(_ItemChange):
    """One step, term, layer or size less."""

    bl_idname = "neural_texture.remove_item"
    bl_label = "Remove"
    bl_description = "Take this off the list"

    def change_list(self, items: Any, index: int) -> None:
        """Remove it."""
        items.remove(index)


class MoveItem(_ItemChange):
    """Up or down in the list."""

    bl_idname = "neural_texture.move_item"
    bl_label = "Move"
    bl_description = "Move this up or down in the list"

    by: IntProperty(default=1, options={"SKIP_SAVE"}, description="Places downwards")

    def change_list(self, items: Any, index: int) -> None:
        """Move it as far as there are places."""
        items.move(index, max(0, min(len(items) - 1, index + self.by)))


class DuplicateItem(_ItemChange):
    """The same once more."""

    bl_idname = "neural_texture.duplicate_item"
    bl_label = "Duplicate"
    bl_description = "Put a copy of this below it"

    def change_list(self, items: Any, index: int) -> None:
        """Copy it, with what is switched off in it."""
        described.copy(items.add(), items[index])
        items.move(len(items) - 1, index + 1)


CLASSES = (
    Customise,
    BackToPreset,
    UseOctaves,
    UseStart,
    AddStep,
    AddTerm,
    AddLayer,
    AddMagnification,
    ToggleStyleImage,
    RemoveItem,
    MoveItem,
    DuplicateItem,
)


def forget_style_image(settings: Any, index: int) -> None:
    """Let the terms count the style images without this one."""
    for step in settings.steps:
        for term in step.optimise.terms if step.type == "optimise" else ():
            chosen = getattr(getattr(term, term.type), "exemplars", None) or ()
            numbers = [item.value - (item.value > index) for item in chosen if item.value != index]
            if len(chosen):
                described.put(getattr(term, term.type), "exemplars", tuple(numbers))


def _at(context: Context, place: str) -> Any:
    assert context.scene
    try:
        return context.scene.path_resolve(place)
    except ValueError:
        raise UserError(rpt_("There is nothing at {place!r}").format(place=place)) from None
