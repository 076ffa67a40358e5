"""The stack of steps as it is drawn: each shows the settings of its own type. Drawing never computes."""

from typing import Any

from bpy.types import Context, Menu

from ..job.description import Optimise, Solver, Step, Term
from . import described, words
from .translations import rpt_

_IN_HEADER = {"weight"}
"""Fields of a term that its header shows."""


class ItemMenu(Menu):
    """What can be done with a step or a term."""

    bl_idname = "NEURAL_TEXTURE_MT_item"
    bl_label = "Step or Term"

    def draw(self, context: Context) -> None:
        """Duplicate, and move."""
        place = getattr(context, "neural_texture_item").path_from_id()  # noqa: B009  # set by the header
        layout: Any = self.layout
        layout.operator("neural_texture.duplicate_item", icon="DUPLICATE").item = place
        for text, icon, by in (("Move Up", "TRIA_UP", -1), ("Move Down", "TRIA_DOWN", 1)):
            move = layout.operator("neural_texture.move_item", text=text, icon=icon)
            move.item, move.by = place, by


CLASSES = (ItemMenu,)


def draw_steps(layout: Any, settings: Any) -> None:
    """Draw the stack and the button that adds to it."""
    for number, step in enumerate(settings.steps, start=1):
        cls = described.members(Step)[step.type]
        body = _draw_header(layout, step, f"{number}. {words.CLASSES[cls][0]}")
        if body and step.type == "optimise":
            _draw_optimise(body, step.optimise, settings)
        elif body:
            draw_fields(body, cls, getattr(step, step.type), settings)
    layout.operator_menu_enum("neural_texture.add_step", "type", text="Add Step", icon="ADD")


def draw_union(layout: Any, union: Any, group: Any, label: str, settings: Any) -> None:
    """Draw which member of a union it is, and that one's settings."""
    layout.prop(group, "type", text=label)
    cls = described.members(union)[group.type]
    if described.fields(cls):
        draw_fields(layout, cls, getattr(group, group.type), settings)


def draw_fields(layout: Any, cls: type, group: Any, settings: Any, without: frozenset[str] = frozenset()) -> None:
    """Draw a dataclass's fields: its own first, those that it shares with others after them."""
    names = described.fields(cls)
    column = layout.column()
    for name in sorted(
        names.keys() - without, key=lambda name: (name not in cls.__annotations__, [*names].index(name))
    ):
        held, label = getattr(group, name), words.FIELDS[cls][name].label
        if name == "exemplars":
            _draw_exemplars(column, held, f"{group.path_from_id()}.{name}", label, settings)
        elif name == "layers":
            _draw_layers(column, held, f"{group.path_from_id()}.{name}")
        elif hasattr(held, "type") and hasattr(held, "expanded"):
            draw_union(column, names[name], held, label, settings)
        else:
            column.prop(group, name)


def _draw_optimise(layout: Any, group: Any, settings: Any) -> None:
    for term in group.terms:
        cls = described.members(Term)[term.type]
        own = getattr(term, term.type)
        body = _draw_header(layout, term, words.CLASSES[cls][0], own)
        if body:
            draw_fields(body, cls, own, settings, frozenset(_IN_HEADER))
    add = layout.operator_menu_enum("neural_texture.add_term", "type", text="Add Term", icon="ADD")
    add.terms = f"{group.path_from_id()}.terms"
    column = layout.column()
    draw_union(column, Solver, group.solver, words.FIELDS[Optimise]["solver"].label, settings)
    draw_fields(column, Optimise, group, settings, frozenset({"terms", "solver"}))


def _draw_header(layout: Any, item: Any, label: str, term: Any = None) -> Any:
    """Draw the line of a step or a term; gives the layout of what is below it, if that is open."""
    header, body = layout.panel_prop(item, "expanded")
    header.use_property_split = False
    header.prop(item, "enabled", text="")
    name = header.row()
    name.active = item.enabled
    name.label(text=label)
    if term is not None:
        weight = header.row()
        weight.ui_units_x = 2.5
        weight.prop(term, "weight", text="")
    buttons = header.row(align=True)
    buttons.context_pointer_set("neural_texture_item", item)
    buttons.menu(ItemMenu.bl_idname, text="", icon="DOWNARROW_HLT")
    buttons.operator("neural_texture.remove_item", text="", icon="X", emboss=False).item = item.path_from_id()
    if body:
        body.active = item.enabled
    return body


def _draw_exemplars(layout: Any, chosen: Any, place: str, label: str, settings: Any) -> None:
    """A button for each style image, where there are several."""
    if len(settings.images) < 2:
        return
    numbers = {item.value for item in chosen}
    layout.label(text=rpt_("{label} (all of them)").format(label=label) if not numbers else label)
    flow = layout.grid_flow(columns=2, even_columns=True, align=True)
    for number, image in enumerate(settings.images):
        button = flow.operator(
            "neural_texture.toggle_style_image", text=image.name or str(number + 1), depress=number in numbers
        )
        button.exemplars, button.number = place, number


def _draw_layers(layout: Any, layers: Any, place: str) -> None:
    column = layout.column(align=True)
    for item in layers:
        row = column.row(align=True)
        row.prop(item, "value", text=item.key)
        row.operator("neural_texture.remove_item", text="", icon="X").item = item.path_from_id()
    column.operator_menu_enum("neural_texture.add_layer", "layer", text="Add Layer", icon="ADD").layers = place
