"""What an image remembers of how it was made: a custom property that travels with the .blend.

It may come from a stranger's file. So it is read strictly, no path in it is touched before the artist has seen it,
and nothing here runs it.
"""

import json
import os
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Image

from ..job import map_names, wire
from ..job.description import FORMAT_VERSION, Job, MapKind, relocated
from ..job.map_names import Channels
from ..job.wire import WireError
from . import preview
from .errors import UserError
from .translations import rpt_

VERSION = 1
"""Raised whenever a record that was valid before would be read differently."""
_KEY = "neural_texture"
ESTIMATE = "neural_texture_estimate"
"""The custom property of an image that is an estimate: the relief that it was made with."""
_BESIDE = "//"
"""Begins a path that is relative to the .blend."""
_LONGEST = 200_000
"""In characters. The largest job that a panel can describe has some thousands."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """How an image was made."""

    texture: str
    """The same in all maps of one texture."""
    map: MapKind
    """One of them, if several share the image."""
    job: Job
    preset: str = ""
    """Empty for steps of the artist's own."""
    texture_width: float | None = field(default=None, metadata={"low": 1e-9, "high": 1e9})
    """Of one repeat on the surface, in metres; None where the artist's own nodes decide."""
    seam: float | None = None
    """As in the event Finished."""
    made_with: str = ""
    """The extension's version."""
    file: str = ""
    """The image's own, as Blender had it then: beside the same .blend as the paths in the job."""


def is_on(image: Any) -> bool:
    """Whether there is a record. Cheap, for drawing."""
    return image is not None and isinstance(image.get(_KEY), str)


def is_estimate(image: Any) -> bool:
    """Whether the image is an estimate; a record on it is that of the colour. Cheap, for drawing."""
    return image is not None and isinstance(image.get(ESTIMATE), float)


def write(image: Image, record: Record) -> None:
    """Keep `record` on the image; paths of files beside the .blend relative to it."""
    plain = wire.to_plain(replace(record, file=image.filepath))
    plain["job"] = {"version": FORMAT_VERSION} | wire.to_plain(relocated(record.job, preview.notation))
    image[_KEY] = json.dumps({"version": VERSION} | plain)


def read(image: Any) -> Record:
    """The record on the image, its paths absolute. Raises UserError, in a line."""
    text = image.get(_KEY)
    if not isinstance(text, str):
        raise UserError(rpt_("{name} was not made with Neural Texture, or that was not noted").format(name=image.name))
    record = _parsed(text)
    if isinstance(record, str):
        raise UserError(
            rpt_("What {name} says of its making can't be read: {record}").format(name=image.name, record=record)
        )
    return _located(record, image)


def glance(image: Any) -> Record | None:
    """As `read`, for drawing: None in place of UserError, and the paths as they are kept."""
    record = _parsed(image[_KEY]) if is_on(image) else None
    return record if isinstance(record, Record) else None


def maps_of(image: Image, record: Record) -> dict[MapKind, Image]:
    """`image`, which has `record`, and those with the other maps of its texture."""
    found = dict.fromkeys(_kinds(record), image)
    for other in bpy.data.images:
        said = glance(other)
        if said is not None and said.texture == record.texture:
            found = {**dict.fromkeys(_kinds(said), other), **found}
    return found


def place(image: Any, kind: MapKind) -> tuple[int, Channels] | None:
    """Of a map that shares the image with others: the number of its channel, and all of them. Else None."""
    record = glance(image)
    return _place(record, kind) if record and kind in record.job.canvas.maps else None


def _place(record: Record, kind: MapKind) -> tuple[int, Channels] | None:
    output = record.job.output
    return map_names.place(output.naming, output.packing, kind)


def _kinds(record: Record) -> tuple[MapKind, ...]:
    """The maps of an image."""
    if record.map not in record.job.canvas.maps or not (shared := _place(record, record.map)):
        return (record.map,)
    return tuple(kind for kind in record.job.canvas.maps if kind in map_names.held(shared[1]))


@lru_cache(maxsize=16)
def _parsed(text: str) -> Record | str:
    """The record, or what is wrong with it."""
    try:
        if len(text) > _LONGEST:
            raise WireError(
                [rpt_("it has {len} characters; allowed: {_LONGEST}").format(len=len(text), _LONGEST=_LONGEST)]
            )
        return _of(wire.parse(text))
    except WireError as error:
        return error.faults[0]


def _of(plain: Any) -> Record:
    if not isinstance(plain, dict) or plain.get("version") != VERSION or not isinstance(plain.get("job"), dict):
        raise WireError([rpt_("not a record of version {VERSION}").format(VERSION=VERSION)])
    job = wire.job_from_plain(plain.pop("job"))
    return wire.from_plain(Record, {k: v for k, v in plain.items() if k != "version"} | {"job": wire.to_plain(job)})


def _located(record: Record, image: Any) -> Record:
    beside = _folder(record.file, image)

    # joined as text alone: asking the disk, or a server, for it is what the artist has to allow first
    def located(path: str) -> str:
        if beside and path.startswith(_BESIDE):
            return str(Path(beside, path.removeprefix(_BESIDE)))
        return str(Path(bpy.path.abspath(path, library=image.library))) if path else ""

    return replace(record, job=relocated(record.job, located))


def _folder(file: str, image: Any) -> Path | None:
    """Of the .blend that a record was written in, as far as the image's own path tells.

    Blender sees to that one where a .blend is saved elsewhere, or its data are appended to another, and not to ours.
    """
    now = Path(os.path.normpath(bpy.path.abspath(image.filepath, library=image.library)))
    then = Path(file.removeprefix(_BESIDE))
    tells = file.startswith(_BESIDE) and now.parts[-len(then.parts) :] == then.parts
    return Path(*now.parts[: -len(then.parts)]) if tells else None
