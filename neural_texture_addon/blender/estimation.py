"""The way of estimated maps: ask the engine for them, in a process of its own; put them into the material."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import bpy
from bpy.app.handlers import persistent
from bpy.types import Image, Material

from ..job import file_names, map_names
from ..job.description import Estimates, Exemplar, Job, MapKind, Tiling
from ..supervisor import launch
from ..supervisor.environment import EngineError
from ..supervisor.installation import Run
from ..supervisor.line_task import LineTask, Outcome, Work
from . import (
    console,
    estimated_maps,
    generation,
    image_record,
    material,
    output_folder,
    preview,
    redraw,
    session,
    style_image_files,
)
from .errors import UserError
from .preferences import find_engine
from .session import Estimating, Level
from .translations import rpt_

_INTERVAL = 0.1
_SPEAKS = "neural-texture: "
"""Before what the engine complains of."""


def colour_of(image: Image) -> Image:
    """The colour map of the texture that `image` is a map of: itself, if that is not known."""
    record = image_record.glance(image)
    return image_record.maps_of(image, record).get(MapKind.COLOUR, image) if record else image


def ask(
    image: Image, worn: Material, kinds: Iterable[MapKind], wanted: Estimates, tiling: Tiling | None, folder: str
) -> Estimating:
    """Ask for these maps of a colour image, for a material that shows it. Raises UserError or EngineError.

    `tiling`: how it repeats; None: as it was made. The files go into a new folder in `folder`.
    """
    if fault := style_image_files.refused(image) or ("" if worn.is_editable else _linked(worn)):
        raise UserError(fault)
    kinds = tuple(kinds)
    if not kinds:
        raise UserError(rpt_("No map is chosen: choose one"))
    python, record = find_engine().python, image_record.glance(image)
    tiling = tiling or (record.job.canvas.tiling if record else Tiling.NONE)
    name = file_names.portable(bpy.path.clean_name(map_names.material(Path(image.name).stem)))
    path = _readable(image)
    out = output_folder.new(f"{name}_maps", folder)
    job = style_image_files.written(Job(exemplars=(Exemplar(maps={MapKind.COLOUR: path}),)), out / output_folder.INPUTS)
    path = job.exemplars[0].maps[MapKind.COLOUR]
    numbers = {spec.name: getattr(wanted, spec.name) for spec in fields(Estimates)}
    arguments = ["maps", path, f"--out={out}", f"--name={name}", f"--axes={tiling.value}", "--maps", *kinds]
    arguments += [f"--{key.replace('_', '-')}={number!r}" for key, number in numbers.items() if number is not None]
    return session.estimates.take(
        Estimating(
            task=LineTask(_work(launch.command(python, arguments))),
            image_uid=image.session_uid,
            material_uid=worn.session_uid,
            name=name,
            relief=wanted.relief,
            out=out,
        )
    )


def follow() -> None:
    """Answer its end while the artist works."""
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=_INTERVAL, persistent=True)


def wait(asked: Estimating) -> None:
    """Answer its end, at once when there is one."""
    with console.interrupt_cancels(session.estimates.cancel):
        while not asked.task.ended:
            asked.task.join(0.2)
    react(asked)


def tick() -> float | None:
    """Answer what has come in; the seconds until the next time, None after the last."""
    asked = session.estimates.running
    if asked is None:
        return None
    if asked.task.ended and not bpy.app.is_job_running("RENDER"):  # type: ignore[func-returns-value]
        react(asked)
        redraw.panels()
        redraw.textures()
    return None if asked.ended else _INTERVAL


def register() -> None:
    """Listen for file loads: for those that succeed."""
    bpy.app.handlers.load_post.append(_forget)


def unregister() -> None:
    """End what goes on, the timer and the listening."""
    _forget()
    bpy.app.handlers.load_post.remove(_forget)


def react(asked: Estimating) -> None:
    """Put the maps into the material, or say why there are none."""
    asked.task.join()
    asked.ended = True
    match asked.task.outcome:
        case Outcome.DONE:
            try:
                _deliver(asked)
            except UserError as fault:
                session.estimates.say(Level.ERROR, str(fault))
        case Outcome.CANCELLED:
            session.estimates.say(Level.WARNING, rpt_("Cancelled: no map was made"))
        case _:
            message = rpt_("The maps could not be made: {error}").format(error=asked.task.error)
            session.estimates.say(Level.ERROR, message)
    if not asked.image_uids:
        output_folder.remove_if_empty(asked.out)


def _deliver(asked: Estimating) -> None:
    """In one undo step. Raises UserError."""
    colour, worn = preview.by_uid(asked.image_uid), material.by_uid(asked.material_uid)
    if colour is None or worn is None:
        raise UserError(rpt_("The maps were made, but their material is gone: {out}").format(out=asked.out))
    images = {kind: _loaded(path, asked.name, kind) for kind, path in _files(asked).items()}
    kept = estimated_maps.put(worn, colour, images, asked.relief)
    asked.image_uids = {kind: image.session_uid for kind, image in images.items() if kind not in kept}
    for kind in kept:
        bpy.data.images.remove(images[kind])
    with generation.some_window():
        bpy.ops.ed.undo_push(message="Maps From Colour")
    made = rpt_("{maps}: estimates, guessed from the colour alone").format(maps=_listed(asked.image_uids))
    remark = rpt_("{name} has maps of its own, which stay: {maps}").format(name=worn.name, maps=_listed(kept))
    said = [*([made] if asked.image_uids else []), *([remark] if kept else [])]
    session.estimates.say(Level.WARNING if kept else Level.INFO, ". ".join(said))


def _loaded(path: Path, name: str, kind: MapKind) -> Image:
    """Raises UserError."""
    try:
        return preview.load(str(path), estimated_maps.name(name, kind), kind)
    except RuntimeError:
        raise UserError(rpt_("Blender can't read the map that was made: {path}").format(path=path)) from None


def _files(asked: Estimating) -> dict[MapKind, Path]:
    """As the engine's report says. Raises UserError."""
    report = asked.out / f"{asked.name}_maps.json"
    try:
        files: list[Mapping[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["files"]
        return {MapKind(kind): asked.out / entry["file"] for entry in files for kind in entry["channels"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(rpt_("The report of the maps can't be read: {report}").format(report=report)) from None


def _readable(image: Image) -> str:
    """Its file, or a reference to it. Raises UserError."""
    path = style_image_files.path_of(image)
    if fault := style_image_files.fault(path) if style_image_files.is_reference(path) else "":
        raise UserError(fault)
    if not style_image_files.is_reference(path) and not Path(path).is_file():
        raise UserError(rpt_("The image is not there: {path}").format(path=path))
    return path


def _work(command: list[str]) -> Work:
    def work(run: Run) -> Iterator[str]:
        try:
            yield from run(command, {})
        except subprocess.CalledProcessError as error:
            raise EngineError((error.output or "").removeprefix(_SPEAKS) or str(error)) from None

    return work


def _listed(kinds: Iterable[MapKind]) -> str:
    return ", ".join(kind.value for kind in kinds)


def _linked(worn: Material) -> str:
    return rpt_("{name} comes from another file: make it local first").format(name=worn.name)


@persistent
def _forget(*_: object) -> None:
    """What was asked for belongs to the file that it was asked in."""
    session.estimates.drop()
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
