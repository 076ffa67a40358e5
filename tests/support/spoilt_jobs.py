"""Where a job's document can be spoilt, and by what."""

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@dataclasses.dataclass(frozen=True)
class Spot:
    """A place in a document that can be spoilt."""

    path: str
    steps: tuple[str | int, ...]
    spoilt: tuple[Any, ...]
    """Values that may not stand there."""


def spots(value: Any, path: str = "", steps: tuple[str | int, ...] = ()) -> Iterator[Spot]:
    """Every scalar of a job, and in every object a name that it does not know."""
    inner: dict[str | int, Any] = {}
    ranges: dict[str | int, Any] = {}
    if dataclasses.is_dataclass(value):
        inner = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        ranges = {f.name: f.metadata for f in dataclasses.fields(value)}
        yield Spot(f"{path}.colr".removeprefix("."), (*steps, "colr"), ("x",))
    elif isinstance(value, dict):
        inner = value
        yield Spot(f"{path}.albedo", (*steps, "albedo"), ("x",))
    elif isinstance(value, tuple):
        inner = dict(enumerate(value))
    for key, item in inner.items():
        there = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".removeprefix(".")
        if dataclasses.is_dataclass(item) or isinstance(item, dict | tuple):
            yield from spots(item, there, (*steps, key))
        else:
            yield Spot(there, (*steps, key), _never_right_for(item, ranges.get(key, {})))


def _never_right_for(item: Any, limits: Any) -> tuple[Any, ...]:
    mistyped: tuple[Any, ...] = ([], True, math.nan, -math.inf, 10**400)
    if type(item) in (int, float):
        mistyped += ("7", None)
    if type(item) is int:
        mistyped += (item + 0.5,)
    if "low" in limits:
        mistyped += (limits["low"] - 1, limits["high"] + 1)
    return mistyped


def put(document: Any, steps: tuple[str | int, ...], value: Any) -> None:
    for step in steps[:-1]:
        document = document[step]
    document[steps[-1]] = value
