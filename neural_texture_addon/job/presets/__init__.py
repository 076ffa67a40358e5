"""Ready jobs, one JSON file each: ``{"title", "description", "job"}``, the job without exemplars."""

import json
from dataclasses import dataclass
from pathlib import Path

from ..description import Job
from ..wire import job_from_plain

_FOLDER = Path(__file__).parent
_NO_EXEMPLAR = [{"maps": {"colour": ""}}]
DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A job that waits for its exemplars."""

    name: str
    title: str
    description: str
    job: Job


def names() -> list[str]:
    """The presets there are, the default first."""
    return sorted((path.stem for path in _FOLDER.glob("*.json")), key=lambda name: (name != DEFAULT, name))


def load(name: str) -> Preset:
    """The preset of that name. Raises KeyError if there is none."""
    if name not in names():
        raise KeyError(name)
    document = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    job = job_from_plain({"exemplars": _NO_EXEMPLAR} | document["job"])
    return Preset(name=name, title=document["title"], description=document["description"], job=job)
