"""The way of one texture through Blender: start the worker, answer its events, hang up the result."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Object

from ..job.description import Device, MapKind, Request, images
from ..job.events import Cancelled, Event, Failed, Finished, StageSaved
from . import job_from_scene, output_folder, preview, result, session, style_image_files
from .errors import UserError
from .job_from_scene import Choice
from .placement import Destination, Placement
from .preferences import find_engine, weights_path
from .preset_in_scene import weights_are_there
from .session import Level, Session


def start(
    choice: Choice, *, target: Object | None, folder: str = "", out: str = "", placement: Placement | None = None
) -> Session:
    """Start the worker on what the artist chose, for `target` to wear.

    The files go into a new folder in `folder`, or into `out` itself. Raises UserError or EngineError.
    """
    if session.running():
        raise UserError("A texture is being made already: wait for it or cancel it")
    job = job_from_scene.job(choice, weights_are_there)
    job_from_scene.check(job, weights_are_there)
    engine = find_engine()
    name = Path(next(iter(images(job)), "texture")).stem
    path = output_folder.exactly(out) if out else output_folder.new(name, folder)
    job = style_image_files.written(job, path / output_folder.INPUTS)
    request = Request(job=job, out=str(path), device=Device(choice.device), weights=weights_path())
    what: dict[str, Any] = {"name": name if out else path.name, "own_folder": not out}
    what["destination"] = Destination.on(target, placement or Placement(), "" if choice.steps else choice.preset)
    what["would_gain"] = job_from_scene.would_gain(choice, weights_are_there)
    try:
        return session.start(engine.python, request, **what)
    except OSError as error:
        raise UserError(f"The engine can't be started: {error.strerror}") from None


def react(current: Session, event: Event) -> None:
    """Show in Blender what `event` tells."""
    match event:
        case StageSaved(maps={MapKind.COLOUR: path}) if max(event.width, event.height) <= preview.LARGEST_PREVIEW:
            _show(current, path)
        case Finished():
            _conclude(current, event)
        case Failed():
            if current.own_folder:
                output_folder.remove_if_empty(Path(current.request.out))
            session.say(Level.ERROR, event.message)
        case Cancelled():
            session.say(Level.WARNING, "Cancelled. The stages so far are kept")


def wait(current: Session, show: Callable[[Session], None]) -> None:
    """Answer events until the job has ended, showing it after each. For Blender without a window."""
    while current.ending is None:
        event = current.next_event(timeout=0.2)
        if event is not None:
            react(current, event)
            show(current)


def _show(current: Session, path: str) -> bpy.types.Image | None:
    """Show the file at `path` in the job's image."""
    try:
        image = preview.load(path, current.name, MapKind.COLOUR, preview.by_uid(current.image_uid))
    except RuntimeError:
        return None
    current.image_uid = image.session_uid
    return image


def _conclude(current: Session, event: Finished) -> None:
    """Make the material and hang it up, in one undo step."""
    made_images = {}
    for kind, path in event.maps.items():
        old = preview.by_uid(current.image_uid) if kind is MapKind.COLOUR else None
        try:
            made_images[kind] = preview.load(path, current.name, kind, old)
        except RuntimeError:
            session.say(Level.ERROR, f"The texture was made, but Blender can't read it: {path}")
            return
    remark = result.deliver(current.name, made_images, current.destination, current.request.job, event)
    with _some_window():
        bpy.ops.ed.undo_push(message="Neural Texture")
    done = f"Made in {event.seconds:.0f} s"
    session.say(Level.WARNING if remark else Level.INFO, f"{done}. {remark}" if remark else done)


def _some_window() -> AbstractContextManager[Any]:
    """A timer has no window; pushing an undo step needs one."""
    manager = bpy.context.window_manager
    windows = manager.windows if manager else ()
    return bpy.context.temp_override(window=windows[0]) if windows else nullcontext()
