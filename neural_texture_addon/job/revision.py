"""A job with some of its fields said anew, by their names: what a script gives as keywords."""

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from .description import Canvas, Job, Octaves, Output
from .wire import WireError, from_plain, to_plain

_PARTS: Mapping[str, type] = {"canvas": Canvas, "octaves": Octaves, "output": Output}
"""The parts of a job whose fields may be said by their own names alone, too."""
PLACES: Mapping[str, str] = {field.name: "" for field in dataclasses.fields(Job)} | {
    field.name: part for part, cls in _PARTS.items() for field in dataclasses.fields(cls)
}
"""Each name that may be said, and the part that it belongs to; empty for the job's own."""


def revised(job: Job, said: Mapping[str, Any]) -> Job:
    """`job` with what is `said`, by the names in `PLACES`: values of the job's classes, or as its JSON has them.

    Of a part that is said as a mapping, as in ``octaves={"growth": 1.2}``, the other fields stay; a field that is said
    by its own name wins over its part. Raises WireError with every fault.
    """
    if isinstance(seed := said.get("seed"), int):
        raise WireError([f"seed is {seed}, but is what the picture starts from; random_seed is the number"])
    plain = to_plain(job)
    for name in sorted(said, key=lambda name: name not in _PARTS):
        value, place = to_plain(said[name]), PLACES[name]
        if name in _PARTS and isinstance(value, dict):
            plain[name] |= value
        elif not place:
            plain[name] = value
        elif isinstance(plain[place], dict):
            plain[place][name] = value
    return from_plain(Job, plain)


def unknown(name: str, known: Iterable[str]) -> str:
    """What to say of a name that isn't one of the known: which may be meant."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1)
    return f"{name} is unknown: is {near[0]} meant?" if near else f"{name} is unknown; allowed: {', '.join(known)}"
