"""Surveys: a job in all combinations of what some of its fields might be. Knows no terminal."""

from __future__ import annotations

import copy
import itertools
import json
import math
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..job.description import FORMAT_VERSION, Job, MapKind, Request
from ..job.events import Event, Failed, Finished
from ..job.wire import Plain, job_to_json, to_plain
from . import job_reader, pipeline
from .contact_sheet import ContactSheet
from .errors import InputError
from .stage import JOB_FILE, result_paths, write_atomically

SHEET_FILE = "sheet.png"
MOST = 1000
"""Combinations in a survey."""
_EXAMPLE = "steps.0.terms.1.weight=-1,0,1"
_SHORT = {"seed": "canvas.random_seed"}
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^",\s][^",]*)\s*')
_LONGEST_NAME = 200
"""Of a folder, in bytes; file systems end at 255."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A field of the job, and what it might be."""

    path: str
    """Names and indices, joined by dots: ``steps.0.terms.1.weight``."""
    values: tuple[Plain, ...]


@dataclass(frozen=True, kw_only=True)
class Combination:
    """One job of a survey."""

    label: str
    """Also the name of its folder."""
    place: tuple[int, ...]
    """Which value of each axis."""
    job: Job


@dataclass(frozen=True, kw_only=True)
class Survey:
    """All of them, and what is said of each axis's values."""

    labels: tuple[tuple[str, ...], ...]
    combinations: tuple[Combination, ...]


def parse(text: str) -> Axis:
    """The axis of ``path=1,2,3``; each value a JSON scalar, a word, or a range of whole numbers. Raises InputError."""
    path, equals, listed = text.partition("=")
    tokens = _TOKEN.findall(listed)
    if not (path and equals) or not re.fullmatch(f"{_TOKEN.pattern}(?:,{_TOKEN.pattern})*", listed):
        raise InputError(f"--vary {text}: allowed: a field of the job and its values, as in seed=1..3 or {_EXAMPLE}")
    values = [value for token in tokens for value in _values(token.strip(), text)]
    if len({json.dumps(value) for value in values}) < len(values):
        raise InputError(f"--vary {text}: names a value twice")
    return Axis(path=_SHORT.get(path, path), values=tuple(values))


def plan(job: Job, axes: Sequence[Axis]) -> Survey:
    """All combinations, each a job that may be run. Raises InputError."""
    plain = to_plain(job)
    for axis in axes:
        _check_place(plain, axis.path)
    paths = [axis.path for axis in axes]
    twice = [path for path in paths if paths.count(path) > 1]
    if twice:
        raise InputError(f"--vary names {twice[0]} twice; list all its values in one")
    count = math.prod(len(axis.values) for axis in axes)
    if count > MOST:
        raise InputError(f"--vary makes {count} combinations; allowed: up to {MOST}")
    labels = tuple(_labels(axis, paths) for axis in axes)
    places = itertools.product(*(range(len(axis.values)) for axis in axes))
    return Survey(labels=labels, combinations=tuple(_combine(plain, axes, labels, place) for place in places))


def is_done(combination: Combination, out: str) -> bool:
    """Whether its folder holds just that job and its result."""
    folder = Path(out).absolute() / combination.label
    try:
        same = (folder / JOB_FILE).read_bytes() == job_to_json(combination.job).encode(errors="backslashreplace")
    except (OSError, ValueError):  # ValueError: the path could never be one
        return False
    return same and all(path.is_file() for path in result_paths(folder, combination.job).values())


def run(survey: Survey, request: Request) -> Generator[tuple[Combination, Event], None, None]:
    """Does in ``request.out`` what isn't done there yet, one job after another, with the events of each.

    The contact sheet is written anew before each ending is told, so it shows what there is at any time.
    """
    out = Path(request.out).absolute()
    sheet = ContactSheet(survey.labels)
    for combination in survey.combinations:
        if is_done(combination, request.out):
            sheet.put(combination.place, _picture(out, combination))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # ValueError: the path could never be one
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"out is {request.out}, which can't be written to ({reason}); name another folder") from None
    write_atomically(out / SHEET_FILE, sheet.png())
    for combination in [c for c in survey.combinations if not is_done(c, request.out)]:
        one = replace(request, job=combination.job, out=str(out / combination.label))
        for event in pipeline.run(one):
            match event:
                case Finished():
                    sheet.put(combination.place, _picture(out, combination))
                    write_atomically(out / SHEET_FILE, sheet.png())
                case Failed():
                    sheet.mark(combination.place, "failed")
                    write_atomically(out / SHEET_FILE, sheet.png())
            yield combination, event


def _values(token: str, text: str) -> Sequence[Plain]:
    """What one entry of the list stands for."""
    if spans := re.fullmatch(r"(-?\d{1,12})\.\.(-?\d{1,12})", token):
        first, last = int(spans[1]), int(spans[2])
        if abs(last - first) >= MOST:
            raise InputError(f"--vary {text}: {token} has more than {MOST} numbers")
        return range(first, last + 1) if first <= last else range(first, last - 1, -1)
    try:
        value = json.loads(token)
    except ValueError:
        value = token  # a word needs no quotation marks
    if isinstance(value, dict | list):
        raise InputError(f"--vary {text}: {token} is no single value")
    return [value]


def _check_place(plain: Plain, path: str) -> None:
    """Raises InputError unless `path` leads to a single value."""
    at, walked = plain, list[str]()
    for part in path.split("."):
        inner = _inside(at)
        if part not in inner:
            where = ".".join(walked) or "the job"
            allowed = f"; allowed: {', '.join(inner)}" if inner else ", which is a single value"
            raise InputError(f"--vary {path}: there is no {part!r} in {where}{allowed}")
        at = inner[part]
        walked.append(part)
    if inner := _inside(at):
        raise InputError(f"--vary {path}: is no single value; allowed: {', '.join(f'{path}.{name}' for name in inner)}")


def _inside(plain: Plain) -> dict[str, Plain]:
    """What a path may name next."""
    if isinstance(plain, list):
        return {str(i): item for i, item in enumerate(plain)}
    return plain if isinstance(plain, dict) else {}


def _combine(
    plain: Plain, axes: Sequence[Axis], labels: Sequence[Sequence[str]], place: tuple[int, ...]
) -> Combination:
    varied = copy.deepcopy(plain)
    for axis, i in zip(axes, place, strict=True):
        at, (*way, last) = varied, axis.path.split(".")
        for part in way:
            at = at[int(part) if isinstance(at, list) else part]
        at[int(last) if isinstance(at, list) else last] = axis.values[i]
    label = "_".join(said[i] for said, i in zip(labels, place, strict=True))
    if len(label.encode()) > _LONGEST_NAME:
        label = "_".join(map(str, place))
    try:
        return Combination(label=label, place=place, job=job_reader.read_plain({"version": FORMAT_VERSION} | varied))
    except InputError as error:
        raise InputError(f"{label}: {error}") from None


def _labels(axis: Axis, paths: Sequence[str]) -> tuple[str, ...]:
    """What is said of each value: with the field's name, or its path where two fields have the same name."""
    name = axis.path.rpartition(".")[2]
    if sum(path.rpartition(".")[2] == name for path in paths) > 1:
        name = axis.path
    name = {path: short for short, path in _SHORT.items()}.get(axis.path, name)
    said = [_file_name(value) for value in axis.values]
    if len({text.casefold() for text in said}) < len(said):
        said = [f"{i}-{text}" for i, text in enumerate(said, 1)]
    return tuple(f"{name}={text}" for text in said)


def _file_name(value: Plain) -> str:
    """The value in letters that a folder's name may have everywhere."""
    text = value if isinstance(value, str) else json.dumps(value)
    return re.sub(r"[^\w.+-]+", "-", text)[-40:].strip(".")


def _picture(out: Path, combination: Combination) -> Path:
    """The colours of its result or, if it has none, its first map."""
    paths = result_paths(out / combination.label, combination.job)
    return paths.get(MapKind.COLOUR) or next(iter(paths.values()))
