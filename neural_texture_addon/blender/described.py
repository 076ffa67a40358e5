"""The job language as properties: a dataclass's fields <-> a PropertyGroup's. Knows nothing of the scene.

Defaults, ranges and choices are read off the dataclasses of job/description.py, labels and tooltips off words.py.
A union becomes a group with a `type` and a group for each member; what an artist set in one stays while another is
chosen. Numbers with a fraction are 32 bits wide in Blender; what a job says beyond them is kept beside them.
"""

import dataclasses
import struct
import types
import typing
import zlib
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any

import bpy
from bpy.types import PropertyGroup

from ..job import description
from ..job.description import Canvas, Crop, Exemplar, Octaves, Output, Picture, Seed, Step
from ..job.wire import tag
from . import words
from .extension import MAY_BE_RELATIVE

_props: Any = bpy.props
"""Its declarations are values, which their stubs deny."""
LARGEST_INT = 2**31 - 1
_NUMBERS: Mapping[type, Any] = {int: _props.IntProperty, float: _props.FloatProperty}
Item = tuple[str, str, str, str, int]
_EXACT = "exact_"
"""Before the name of a property: the number that was put there, as 32 bits can't hold it."""
_ITEM = {
    "enabled": _props.BoolProperty(name="Use", description="Whether this takes part", default=True),
    "expanded": _props.BoolProperty(name="Show Settings", default=True, options=set()),
}
"""What a member of a list has besides its settings."""


def members(union: Any) -> dict[str, type]:
    """The classes of a union, each by the tag that its JSON and its property have."""
    return {tag(cls): cls for cls in typing.get_args(union)}


def choices(union: Any) -> list[Item]:
    """The members of a union as the items of an EnumProperty."""
    return [enum_item(name, *words.CLASSES[cls]) for name, cls in members(union).items()]


def enum_items(kinds: Any) -> list[Item]:
    """The members of an Enum as the items of an EnumProperty."""
    return [enum_item(str(kind.value), *words.CHOICES[kind]) for kind in kinds]


def enum_item(name: str, label: str, tip: str) -> Item:
    """An item of an EnumProperty, with a number that stays when others are added: a .blend knows it by that alone."""
    return (name, label, tip, "NONE", zlib.crc32(name.encode()) >> 1)


@cache
def kept(item: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same object for equal items of a list that changes, for good: Blender keeps none of their texts itself."""
    return item


def fields(cls: type) -> dict[str, Any]:
    """The fields of a dataclass and their types; of a field that may be None, the type that it has otherwise."""
    hints = typing.get_type_hints(cls)
    return {field.name: _something(hints[field.name]) for field in dataclasses.fields(cls)}


def prop(cls: type, name: str, **further: Any) -> Any:
    """The declaration of a property that holds this field; `further` arguments win over those of its words."""
    return _declared(cls, name, _GROUPS, **further)


def value(cls: type, name: str, group: Any, attribute: str = "") -> Any:
    """The field's value from the property of that name, or of another `attribute`, in `group`."""
    attribute = attribute or name
    hint, held = fields(cls)[name], getattr(group, attribute)
    match _form(hint):
        case "float":
            return _meant(group, attribute, _spec(cls, name).default)
        case "enum":
            return next(kind for kind in hint if str(kind.value) == held)
        case "colour":
            exact = group.get(_EXACT + attribute, ())
            return tuple(exact) if list(map(_narrow, exact)) == list(held) else tuple(map(_shortest, held))
        case "flags":
            return tuple(kind for kind in typing.get_args(hint)[0] if kind.value in held)
        case "numbers":
            return tuple(_number(item) for item in held)
        case "weights":
            return {typing.get_args(hint)[0](item.key): _number(item) for item in held}
        case "items":
            return tuple(chosen(typing.get_args(hint)[0], item) for item in held if item.enabled)
        case "union":
            return chosen(hint, held)
        case "group":
            return read(hint, held)
    return held


def read(cls: type, group: Any) -> Any:
    """The dataclass that a group describes."""
    return cls(**{name: value(cls, name, group) for name in fields(cls)})


def chosen(union: Any, group: Any) -> Any:
    """The member of a union that a group describes."""
    cls = members(union)[group.type]
    return read(cls, getattr(group, group.type)) if fields(cls) else cls()


def put(group: Any, attribute: str, said: Any) -> None:
    """Have the property hold `said`, the value of a field."""
    held = getattr(group, attribute)
    if isinstance(said, Mapping):
        held.clear()
        for key, weight in said.items():
            item = held.add()
            item.key = key.value
            put(item, "value", weight)
    elif isinstance(said, tuple) and said and isinstance(said[0], Enum):
        setattr(group, attribute, {kind.value for kind in said})
    elif isinstance(said, tuple) and hasattr(held, "clear"):
        held.clear()
        for each in said:
            add(held, each)
    elif dataclasses.is_dataclass(said):
        _fill(held, said)
    else:
        setattr(group, attribute, str(said.value) if isinstance(said, Enum) else said)
        if isinstance(said, tuple | float):
            group[_EXACT + attribute] = said


def add(items: Any, said: Any) -> None:
    """Add to a list of a union's members, or of numbers."""
    _fill(items.add(), said)


def copy(target: Any, source: Any) -> None:
    """Have one group hold what another of its kind does, with what is switched off."""
    for name in (name for name in source.bl_rna.properties.keys() if name not in ("rna_type", "name")):  # noqa: SIM118
        held, kind = getattr(source, name), source.bl_rna.properties[name].type
        if kind == "COLLECTION":
            items = getattr(target, name)
            items.clear()
            for item in held:
                copy(items.add(), item)
        elif kind != "POINTER":
            setattr(target, name, held)
        elif name == getattr(source, "type", name):
            copy(getattr(target, name), held)
    for key in source.keys():  # noqa: SIM118  # a group is no mapping
        if key.startswith(_EXACT):
            target[key] = source[key]


def _fill(group: Any, said: Any) -> None:
    if not dataclasses.is_dataclass(said):
        put(group, "value", said)
        return
    if hasattr(group, "type"):
        group.type = tag(type(said))
        _fill_weights(group)
        group = getattr(group, group.type, None)
    for name in fields(type(said)):
        put(group, name, getattr(said, name))


def _fill_weights(group: Any) -> None:
    """Give each member of a union its default weights, for when the artist chooses it.

    No property has a callback for that: one in a PropertyGroup makes the bpy wheel of 4.2 crash at its exit.
    """
    for cls in filter(lambda cls: hasattr(group, tag(cls)), words.CLASSES):
        for name in (name for name, hint in fields(cls).items() if _form(hint) == "weights"):
            if not getattr(getattr(group, tag(cls)), name):
                put(getattr(group, tag(cls)), name, _default(_spec(cls, name)))


def _number(item: Any) -> Any:
    return _meant(item, "value") if isinstance(item.value, float) else item.value


def _meant(group: Any, attribute: str, default: Any = None) -> float:
    """The number that was put there or is the default, if Blender's 32 bits still show it; else what they show."""
    held = getattr(group, attribute)
    for number in (group.get(_EXACT + attribute), default):
        if isinstance(number, float) and _narrow(number) == held:
            return number
    return _shortest(held)


def _shortest(held: float) -> float:
    """The shortest decimal that 32 bits hold as this."""
    return next(short for digits in range(1, 18) if _narrow(short := float(f"{held:.{digits}g}")) == held)


def _narrow(number: float) -> float:
    return struct.unpack("f", struct.pack("f", number))[0]


def _something(hint: Any) -> Any:
    parts = typing.get_args(hint)
    return parts[0] if parts[1:] == (types.NoneType,) else hint


def _spec(cls: type, name: str) -> Any:
    return next(field for field in dataclasses.fields(cls) if field.name == name)


def _default(spec: Any) -> Any:
    return spec.default if spec.default_factory is dataclasses.MISSING else spec.default_factory()


def _form(hint: Any) -> str:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return "union"
    if origin is tuple and parts[-1] is Ellipsis:
        if parts[0] in _NUMBERS:
            return "numbers"
        return "items" if typing.get_origin(parts[0]) is types.UnionType else "flags"
    if origin is tuple:
        return "colour"
    if origin is not None:
        return "weights"
    if dataclasses.is_dataclass(hint):
        return "group"
    return "enum" if issubclass(hint, Enum) else hint.__name__


def _declared(cls: type, name: str, groups: Mapping[Any, type], **further: Any) -> Any:
    hint, spec, said = fields(cls)[name], _spec(cls, name), words.FIELDS[cls][name]
    about: dict[str, Any] = {"name": said.label, "description": said.tip}
    default = {} if _default(spec) is dataclasses.MISSING else {"default": _default(spec)}
    match _form(hint):
        case "int" | "float":
            return _NUMBERS[hint](**about | _range(hint, spec.metadata, said) | default | further)
        case "str":
            path = {"options": {"ANIMATABLE", *MAY_BE_RELATIVE}} if said.subtype == "FILE_PATH" else {}
            return _props.StringProperty(**about | {"subtype": said.subtype} | path | default | further)
        case "enum":
            return _props.EnumProperty(
                **about | {"items": enum_items(hint), "default": str(spec.default.value)} | further
            )
        case "flags":
            kinds = {kind.value for kind in spec.default}
            items = [(kind.value, *words.CHOICES[kind]) for kind in typing.get_args(hint)[0]]
            return _props.EnumProperty(**about | {"items": items, "default": kinds, "options": {"ENUM_FLAG"}} | further)
        case "colour":
            low, high = spec.metadata["items"]["low"], spec.metadata["items"]["high"]
            size: dict[str, Any] = {"size": len(spec.default), "subtype": said.subtype, "min": low, "max": high}
            return _props.FloatVectorProperty(**about | size | default | further)
        case "numbers" | "weights":
            return _props.CollectionProperty(type=groups[(cls, name)], **about | further)
        case "items":
            return _props.CollectionProperty(type=groups[typing.get_args(hint)[0]], **about | further)
    return _props.PointerProperty(type=groups[hint], **about | further)


def _range(kind: type, limits: Mapping[str, Any], said: words.Words) -> dict[str, Any]:
    """As Blender's declarations of numbers want it."""
    low, high = limits["low"], limits["high"]
    soft = said.soft or (low, high)
    found: dict[str, Any] = {"min": low, "max": high, "soft_min": soft[0], "soft_max": soft[1], "subtype": said.subtype}
    if kind is float:
        return found | {"step": said.step, "precision": said.precision}
    whole = {key: min(int(number), LARGEST_INT) for key, number in found.items() if key != "subtype"}
    return found | whole | {"step": int(said.step)}


def _groups(*wanted: Any) -> dict[Any, type]:
    """A group for each of `wanted` and for all that they hold, the inner ones first."""
    made: dict[Any, type] = {}

    def add(hint: Any) -> None:
        if hint in made:
            return
        if _form(hint) == "union":
            for cls in filter(fields, members(hint).values()):
                add(cls)
            made[hint] = _union(hint, made)
            return
        for name, inner in fields(hint).items():
            match _form(inner):
                case "union" | "group":
                    add(inner)
                case "items":
                    add(typing.get_args(inner)[0])
                case "numbers" | "weights":
                    made[hint, name] = _entry(hint, name)
        made[hint] = _group(hint.__name__, {name: _declared(hint, name, made) for name in fields(hint)})

    for hint in wanted:
        add(hint)
    return made


def _union(union: Any, made: Mapping[Any, type]) -> type:
    """The `type` of a member, and a group for each that has settings."""
    (name,) = (name for name, said in vars(description).items() if said == union)

    kind = _props.EnumProperty(name="Type", items=choices(union))
    inner = {name: _props.PointerProperty(type=made[cls]) for name, cls in members(union).items() if fields(cls)}
    return _group(name, _ITEM | {"type": kind} | inner)


def _entry(cls: type, name: str) -> type:
    """An entry of a list of numbers, or of weights by their keys."""
    kinds, limits, said = (
        typing.get_args(fields(cls)[name]),
        _spec(cls, name).metadata["items"],
        words.FIELDS[cls][name],
    )
    weighed = kinds[1] is not Ellipsis
    kind = kinds[1] if weighed else kinds[0]
    number = _NUMBERS[kind](name=said.label, description=said.tip, **_range(kind, limits, said))
    key = {"key": _props.EnumProperty(name=said.label, items=enum_items(kinds[0]))} if weighed else {}
    return _group(f"{cls.__name__}{name.capitalize()}", key | {"value": number})


def _group(name: str, annotations: dict[str, Any]) -> type:
    return type(f"NeuralTexture{name}", (PropertyGroup,), {"__annotations__": annotations, "__module__": __name__})


_LISTS = ((Exemplar, "magnifications"), (Canvas, "map_weights"))
"""Of classes that have no group of their own."""
_GROUPS: Mapping[Any, type] = {place: _entry(*place) for place in _LISTS} | _groups(
    Crop, Picture, Seed, Octaves, Step, Output
)
CLASSES = tuple(_GROUPS.values())
