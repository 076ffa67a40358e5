"""Dataclass <-> JSON. Strict: every fault of a document is found and named in one pass. Knows no particular class.

A `Variant` carries its class in ``type``: ``{"type": "plasma", "roughness": 0.6}``.
"""

import dataclasses
import json
import math
import numbers
import os
import re
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from .description import FORMAT_VERSION, Job, Variant

Plain = Any
"""What json.loads returns."""
T = TypeVar("T")
_LONGEST_FILE = 2**22
"""Bytes of a job. Who names a longer file has named the wrong one; it is not read into memory."""


class WireError(ValueError):
    """A document that can't be read. `faults` names each field, its value and what is allowed."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


def to_plain(value: Any) -> Plain:
    """The JSON form of a dataclass, or of what a script would put into one: lists, paths, numpy's numbers."""
    if dataclasses.is_dataclass(value):
        kind: dict[str, Plain] = {"type": tag(type(value))} if isinstance(value, Variant) else {}
        return kind | {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {to_plain(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return int(value) if isinstance(value, numbers.Integral) else float(value)
    return value


def from_plain(cls: Any, plain: Plain, *, at: str = "") -> Any:
    """The value of type `cls` (a dataclass or a union of them) that `plain` describes; `at` names the place.

    Raises WireError with every fault: unknown, missing, of the wrong type or out of range.
    """
    reader = _Reader()
    value = reader.read(cls, plain, at, {})
    if reader.faults:
        raise WireError(reader.faults)
    return value


def job_to_json(job: Job) -> str:
    """A complete, versioned job document."""
    return json.dumps({"version": FORMAT_VERSION} | to_plain(job), indent=2, ensure_ascii=False) + "\n"


def job_from_file(path: str | os.PathLike[str]) -> Job:
    """The job of a file, its paths as they stand there. Raises WireError, OSError, UnicodeDecodeError, ValueError."""
    with open(path, "rb") as file:  # noqa: PTH123, the path may be no Path
        content = file.read(_LONGEST_FILE + 1)
    if len(content) > _LONGEST_FILE:
        raise WireError([f"the job has more than {_LONGEST_FILE // 2**20} MiB, as none has"])
    return job_from_json(content.decode("utf-8-sig"))  # Windows' editors begin a text with a byte order mark


def job_from_json(text: str) -> Job:
    """The job of a document. Fields that it leaves out take their defaults. Raises WireError."""
    plain = parse(text)
    if not isinstance(plain, dict):
        raise WireError([f"the job is {_shown(plain)}; allowed: an object with 'version' and 'exemplars'"])
    return job_from_plain(plain)


def job_from_plain(plain: dict[str, Plain]) -> Job:
    """As `job_from_json`, from what json.loads returned."""
    faults = []
    version = plain.get("version")
    if "version" not in plain:
        faults = [f"version is missing; allowed: {FORMAT_VERSION}"]
    elif version != FORMAT_VERSION or isinstance(version, bool):
        faults = [f"version is {_shown(version)}; this program reads version {FORMAT_VERSION}"]
    try:
        job = from_plain(Job, {key: item for key, item in plain.items() if key != "version"})
    except WireError as error:
        raise WireError(faults + error.faults) from None
    if faults:
        raise WireError(faults)
    return job


def parse(text: str) -> Plain:
    """json.loads, with WireError in place of its errors; a name that stands twice in an object is one."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except WireError:
        raise
    except json.JSONDecodeError as error:
        raise WireError([f"not JSON: {error.msg} in line {error.lineno}, column {error.colno}"]) from None
    except (ValueError, RecursionError):
        raise WireError(["not JSON that can be read: nested too deeply, or a number with too many digits"]) from None


def _object(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
    plain = dict(pairs)
    if len(plain) < len(pairs):
        names = [name for name, _ in pairs]
        raise WireError([f"{_shown(name)} stands twice in one object" for name in plain if names.count(name) > 1])
    return plain


def to_line(value: Any) -> str:
    """One line of a pipe, in ASCII so that no locale can break it."""
    return json.dumps(to_plain(value)) + "\n"


def from_line(cls: Any, line: str) -> Any:
    """The value of type `cls` on a line that `to_line` wrote. Raises WireError."""
    return from_plain(cls, parse(line))


class _Reader:
    """Walks a type and a document side by side and notes every fault."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def fault(self, at: str, text: str) -> None:
        self.faults.append(on_one_line(f"{at or 'the document'} {text}"))

    def read(self, kind: Any, plain: Plain, at: str, limits: Mapping[str, Any]) -> Any:
        origin = typing.get_origin(kind)
        if origin in (typing.Union, types.UnionType):
            return self._union(typing.get_args(kind), plain, at, limits)
        if origin is tuple:
            return self._tuple(kind, plain, at, limits)
        if origin is not None:
            return self._mapping(kind, plain, at, limits)
        if issubclass(kind, Variant):
            return self._variant((kind,), plain, at)
        if dataclasses.is_dataclass(kind):
            return self._dataclass(kind, plain, at)
        if issubclass(kind, Enum):
            return self._enum(kind, plain, at)
        return self._scalar(kind, plain, at, limits)

    def _union(self, members: tuple[Any, ...], plain: Plain, at: str, limits: Mapping[str, Any]) -> Any:
        if plain is None and type(None) in members:
            return None
        members = tuple(member for member in members if member is not type(None))
        return self._variant(members, plain, at) if len(members) > 1 else self.read(members[0], plain, at, limits)

    def _variant(self, classes: tuple[type, ...], plain: Plain, at: str) -> Any:
        if not isinstance(plain, dict):
            return self.fault(at, f"is {_shown(plain)}; allowed: an object")
        by_tag, said_tag = {tag(cls): cls for cls in classes}, plain.get("type")
        if not isinstance(said_tag, str) or said_tag not in by_tag:
            said = f"is {_shown(said_tag)}" if "type" in plain else "is missing"
            return self.fault(_join(at, "type"), f"{said}; allowed: {', '.join(by_tag)}")
        return self._dataclass(by_tag[said_tag], {key: item for key, item in plain.items() if key != "type"}, at)

    def _dataclass(self, cls: Any, plain: Plain, at: str) -> Any:
        if not isinstance(plain, dict):
            return self.fault(at, f"is {_shown(plain)}; allowed: an object")
        hints, fields = typing.get_type_hints(cls), {f.name: f for f in dataclasses.fields(cls)}
        for name in plain:
            if name not in fields:
                self.fault(_join(at, name), f"is unknown; allowed: {', '.join(fields)}")
        before, values = len(self.faults), {}
        for name, spec in fields.items():
            if name in plain:
                values[name] = self.read(hints[name], plain[name], _join(at, name), spec.metadata)
            elif spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING:
                self.fault(_join(at, name), "is missing")
        return cls(**values) if len(self.faults) == before else None

    def _tuple(self, kind: Any, plain: Plain, at: str, limits: Mapping[str, Any]) -> Any:
        items = typing.get_args(kind)
        if not isinstance(plain, list):
            return self.fault(at, f"is {_shown(plain)}; allowed: a list")
        if items[-1] is Ellipsis:
            items = (items[0],) * len(plain)
        if len(plain) != len(items) or len(plain) < limits.get("at_least", 0):
            return self.fault(at, f"has {len(plain)} entries; allowed: {len(items) or 'at least 1'}")
        each = limits.get("items", {})
        return tuple(
            self.read(item, entry, f"{at}[{i}]", each) for i, (item, entry) in enumerate(zip(items, plain, strict=True))
        )

    def _mapping(self, kind: Any, plain: Plain, at: str, limits: Mapping[str, Any]) -> Any:
        key_type, item_type = typing.get_args(kind)
        if not isinstance(plain, dict):
            return self.fault(at, f"is {_shown(plain)}; allowed: an object")
        if len(plain) < limits.get("at_least", 0):
            return self.fault(at, f"is empty; allowed: {', '.join(key_type)}")
        read = {}
        for key, item in plain.items():
            known = self.read(key_type, key, _join(at, key), {})
            if known is not None:  # of a name that isn't one, the value doesn't matter
                read[known] = self.read(item_type, item, _join(at, key), limits.get("items", {}))
        return read

    def _enum(self, kind: type[Enum], plain: Plain, at: str) -> Any:
        values = [member.value for member in kind]
        if type(plain) is not type(values[0]) or plain not in values:
            return self.fault(at, f"is {_shown(plain)}; allowed: {', '.join(map(str, values))}")
        return kind(plain)

    def _scalar(self, kind: Any, plain: Plain, at: str, limits: Mapping[str, Any]) -> Any:
        if kind is float and isinstance(plain, int) and not isinstance(plain, bool) and abs(plain) < 2**1000:
            plain = float(plain)
        if type(plain) is not kind or (kind is float and not math.isfinite(plain)):
            return self.fault(at, f"is {_shown(plain)}; allowed: {_described(kind, limits)}")
        if "low" in limits and not limits["low"] <= plain <= limits["high"]:
            return self.fault(at, f"is {_shown(plain)}; allowed: {_described(kind, limits)}")
        return plain


def _described(kind: type, limits: Mapping[str, Any]) -> str:
    noun = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}[kind]
    return f"{noun} from {limits['low']} to {limits['high']}" if "low" in limits else noun


def _shown(plain: Plain) -> str:
    try:
        text = on_one_line(json.dumps(plain, ensure_ascii=False))
    except ValueError:
        text = "a number with too many digits"
    except RecursionError:
        text = "nested too deeply"
    except TypeError:
        text = f"of type {type(plain).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def on_one_line(text: str) -> str:
    """The text with what can't be seen, or could move a terminal's cursor, as Python would write it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def tag(cls: type) -> str:
    """What a Variant's JSON says of its class: ``total_variation`` for TotalVariation."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
