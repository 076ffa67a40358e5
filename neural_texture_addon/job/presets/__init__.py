"""Ready jobs, one JSON file each: ``{"title", "description", "jobs": {"patches": {...}, "both": {...}}}``.

A preset holds one job for each feature family that it is made for. The jobs wait for their exemplars.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..description import Job
from ..wire import job_from_plain

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
    document = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    jobs = {Family(family): job_from_plain(job) for family, job in document["jobs"].items()}
    return Preset(name=name, title=document["title"], description=document["description"], jobs=jobs)
