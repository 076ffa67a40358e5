"""Strategies for every class of the job language, built from its fields and their ranges.

Once this is imported, a test asks for them by type: ``st.from_type(Job)``.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from neural_texture_addon.job import description, events

PATHS = st.text(st.characters(exclude_categories=["Cs"]) | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF))
"""Any text, and what Python makes of a file name that is not UTF-8."""


def _anything_of(kind: Any, limits: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(_anything_of(part, limits) for part in parts))
    if origin is tuple and parts[-1] is Ellipsis:
        return st.lists(
            _anything_of(parts[0], limits.get("items", {})), min_size=limits.get("at_least", 0), max_size=3
        ).map(tuple)
    if origin is tuple:
        return st.tuples(*(_anything_of(part, limits.get("items", {})) for part in parts))
    if origin is not None:
        key, item = _anything_of(parts[0], {}), _anything_of(parts[1], limits.get("items", {}))
        return st.dictionaries(key, item, min_size=limits.get("at_least", 0))
    if kind is type(None):
        return st.none()
    if dataclasses.is_dataclass(kind):
        return st.deferred(lambda: _any(kind))
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    low, high = limits.get("low"), limits.get("high")
    if kind is int:
        return st.integers(low, high)
    return st.floats(low, high, allow_nan=False, allow_infinity=False) if kind is float else PATHS


def _any(cls: type) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{f.name: _anything_of(hints[f.name], f.metadata) for f in dataclasses.fields(cls)})


for _module in (description, events):
    for _cls in vars(_module).values():
        if isinstance(_cls, type) and dataclasses.is_dataclass(_cls):
            st.register_type_strategy(_cls, _any(_cls))
