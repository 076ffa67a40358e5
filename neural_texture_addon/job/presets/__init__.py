"""Ready jobs, one JSON file each: ``{"title", "description", "jobs": {"patches": {...}, "both": {...}}}``.

A preset holds one job for each feature family that it is made for. The jobs wait for their exemplars.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..description import FORMAT_VERSION, Job
from ..wire import Plain, WireError, from_plain, job_from_plain, parse, to_plain

_FOLDER = Path(__file__).parent
DEFAULT = "default"
FOR_CONTENT = "style_transfer"
"""The default where there is a content image."""


class Family(StrEnum):
    """What a job looks at the texture with."""

    PATCHES = "patches"
    """Random filters alone; needs no weights."""
    VGG19 = "vgg19"
    """A pretrained network's features alone."""
    BOTH = "both"
    """The two together, mixed in one step or one after the other."""

    @property
    def needs_weights(self) -> bool:
        """Whether its jobs need the weights of VGG-19."""
        return self is not Family.PATCHES


_BEST_FIRST = (Family.BOTH, Family.VGG19, Family.PATCHES)


class NotMadeForError(ValueError):
    """The preset has no job for the family that was asked for. The message says which it has."""


class NeedsWeightsError(ValueError):
    """The preset, or the family that was asked for, needs weights that aren't there. The message says which."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A ready job for each of the feature families it is made for."""

    name: str
    title: str
    description: str
    jobs: Mapping[Family, Job]

    @property
    def needs_weights(self) -> bool:
        """Whether it can't do without the weights of VGG-19."""
        return Family.PATCHES not in self.jobs

    @property
    def gains_from_weights(self) -> bool:
        """Whether it would take another job if they were there."""
        return any(family.needs_weights for family in self.jobs)

    def choose(self, wanted: Family | None, weights: bool) -> Job:
        """The job for the wanted family or, if None, the best that can run; `weights`: whether they are there.

        Raises NotMadeForError, NeedsWeightsError.
        """
        if wanted is None:
            able = (family for family in _BEST_FIRST if family in self.jobs and (weights or not family.needs_weights))
            wanted = next(able, None)
        elif wanted not in self.jobs:
            raise NotMadeForError(f"preset {self.name} is not made for {wanted}; allowed: {', '.join(self.jobs)}")
        elif wanted.needs_weights and not weights:
            raise NeedsWeightsError(f"preset {self.name} with {wanted} features needs the VGG-19 weights")
        if wanted is None:
            raise NeedsWeightsError(f"preset {self.name} needs the VGG-19 weights")
        return self.jobs[wanted]


def names() -> list[str]:
    """The presets there are, the default first."""
    return sorted((path.stem for path in _FOLDER.glob("*.json")), key=lambda name: (name != DEFAULT, name))


def load(name: str) -> Preset:
    """The preset of that name. Raises KeyError if there is none."""
    if name not in names():
        raise KeyError(name)
    return from_json(name, (_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def picture(name: str) -> Path:
    """The file of what the preset makes."""
    return _FOLDER / f"{name}.png"


def from_json(name: str, text: str) -> Preset:
    """The preset of a document. Raises WireError with every fault."""
    plain = parse(text)
    if not isinstance(plain, dict):
        raise WireError(["the preset is not an object with 'title', 'description' and 'jobs'"])
    faults: list[str] = []
    heading = _read(_heading, {key: item for key, item in plain.items() if key != "jobs"}, faults)
    jobs = plain.get("jobs")
    if not isinstance(jobs, dict) or not jobs or not jobs.keys() <= set(Family):
        faults.append(f"jobs is not an object with a job for one or more of {', '.join(Family)}")
        jobs = {}
    read = {Family(family): _read(job_from_plain, job, faults, f"jobs.{family}") for family, job in jobs.items()}
    if faults:
        raise WireError(faults)
    return Preset(name=name, title=heading.title, description=heading.description, jobs=read)


def to_json(preset: Preset) -> str:
    """The preset's document, with every field of its jobs: it stays as it is when defaults change."""
    jobs = {family.value: {"version": FORMAT_VERSION} | to_plain(job) for family, job in preset.jobs.items()}
    document = {"title": preset.title, "description": preset.description, "jobs": jobs}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True, kw_only=True)
class _Heading:
    title: str
    description: str = ""


def _heading(plain: dict[str, Plain]) -> _Heading:
    return from_plain(_Heading, plain)


def _read(reader: Callable[[dict[str, Plain]], Any], plain: Plain, faults: list[str], at: str = "") -> Any:
    """What the reader makes of `plain`; its faults are added to the others."""
    if not isinstance(plain, dict):
        faults.append(f"{at} is not an object")
        return None
    try:
        return reader(plain)
    except WireError as error:
        faults.extend(f"{at}.{fault}" if at else fault for fault in error.faults)
        return None
