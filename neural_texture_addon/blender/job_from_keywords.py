"""What a script said, by the job's own names -> Job. Raises UserError or WireError; starts nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bpy.types import Image

from ..job import presets, wire
from ..job.description import Exemplar, Job, MapKind, Picture, relocated
from ..job.presets import Family
from ..job.revision import PLACES, revised, unknown
from . import job_file, job_from_scene, preset_list, style_image_files
from .errors import UserError
from .job_from_scene import AUTO, Choice
from .preset_in_scene import weights_are_there
from .translations import rpt_


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a script begins with, before it says single fields."""

    job: Job | Mapping[str, Any] | str | Path | None = None
    """One, or its JSON, or the path of a file."""
    preset: str = ""
    features: str = AUTO


def job(start: Start, fields: Mapping[str, Any], others: Collection[str] = ()) -> tuple[Job, str]:
    """The job, and the name of the preset that it has its steps from; `others`: names that may be meant besides."""
    if faults := [unknown(name, [*PLACES, *others]) for name in fields if name not in PLACES]:
        raise UserError("; ".join(faults))
    began, preset = _begun(start, fields)
    located = {"exemplars": _exemplars, "content": _picture, "seed": _picture}
    said = {name: located[name](value) if name in located else value for name, value in fields.items()}
    return relocated(revised(began, said), job_from_scene.absolute), preset


def _begun(start: Start, fields: Mapping[str, Any]) -> tuple[Job, str]:
    if start.job is not None and (start.preset or start.features != AUTO):
        raise UserError(rpt_("A job has steps of its own: leave out preset and features, or the job"))
    if start.job is not None:
        return _given(start.job), ""
    if "steps" in fields and not start.preset:
        return Job(), ""
    preset = start.preset or (presets.FOR_CONTENT if fields.get("content") else presets.DEFAULT)
    if preset not in (known := preset_list.names()):
        raise UserError(rpt_("preset {unknown}").format(unknown=unknown(preset, known)))
    if start.features != AUTO:
        wire.from_plain(Family, wire.to_plain(start.features), at="features")
    made = job_from_scene.preset_job(Choice(preset=preset, features=start.features), weights_are_there)
    return made, "" if "steps" in fields else preset


def _given(job: Job | Mapping[str, Any] | str | Path) -> Job:
    if isinstance(job, Job):
        return job
    if isinstance(job, Mapping):
        return wire.job_from_plain(wire.to_plain(job))
    return job_file.given(str(job))


def _exemplars(said: Any) -> Any:
    """One style image or several, each as the job has it."""
    several = isinstance(said, Collection) and not isinstance(said, str | Mapping)
    return [_exemplar(one) for one in (said if several else (said,))]


def _exemplar(said: Any) -> Any:
    """A file or an image, one for each map, or what the job says of a style image."""
    if isinstance(said, Exemplar):
        return replace(said, maps={kind: _path(image) for kind, image in said.maps.items()})
    if isinstance(said, Mapping) and "maps" in said:
        return {**said, "maps": {kind: _path(image) for kind, image in said["maps"].items()}}
    maps = said if isinstance(said, Mapping) else {MapKind.COLOUR: said}
    return {"maps": {kind: _path(image) for kind, image in maps.items()}}


def _picture(said: Any) -> Any:
    """A file or an image, or what the job says of one; anything else as it is."""
    if isinstance(said, Picture):
        return replace(said, path=_path(said.path))
    if isinstance(said, Mapping) and "path" in said:
        return {**said, "path": _path(said["path"])}
    return {"type": "picture", "path": _path(said)} if isinstance(said, str | Path | Image) else said


def _path(said: Any) -> Any:
    return style_image_files.path_of(said) if isinstance(said, Image) else said
