"""The way of one texture through Blender: ask for it, start the worker, answer its events, hang up the result."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Image, Material, Object

from ..job.description import Device, Job, MapKind, Request, images
from ..job.events import Cancelled, Ending, Event, Failed, FailureReason, Finished
from . import console, job_from_scene, live_preview, output_folder, preview, result, session, style_image_files
from .errors import UserError
from .job_from_scene import Choice
from .placement import Destination, Placement
from .preferences import find_engine, keeps_engine_loaded, weights_path
from .preset_in_scene import weights_are_there
from .session import Level, Session
from .translations import rpt_


def ask(
    choice: Choice,
    *,
    target: Object | None,
    placement: Placement | None = None,
    folder: str = "",
    out: str = "",
    live: bool = not bpy.app.background,
) -> Session:
    """Ask for the texture that the artist chose, for `target` to wear: now, or after those that were asked for before.

    The files go into a new folder in `folder`, or into `out` itself. `live`: show it while it is being made.
    Raises UserError or EngineError.
    """
    job = job_from_scene.job(choice, weights_are_there)
    job_from_scene.check(job, weights_are_there)
    asked = asked_for(
        job,
        Destination.on(target, placement or Placement(), preset_of(choice)),
        folder=folder,
        out=out,
        live=live,
        device=Device(choice.device),
        memory=choice.memory,
    )
    asked.would_gain = job_from_scene.would_gain(choice, weights_are_there)
    submit(asked)
    return asked


def asked_for(
    job: Job,
    destination: Destination,
    *,
    name: str = "",
    folder: str = "",
    out: str = "",
    live: bool = False,
    device: Device = Device.AUTO,
    memory: float = Request.memory,
) -> Session:
    """The texture of a job, not begun; `name`: if empty, its first image's. Raises UserError or EngineError."""
    engine = find_engine()
    name = name or Path(next(iter(images(job)), "texture")).stem
    path = output_folder.exactly(out) if out else output_folder.new(name, folder)
    job = style_image_files.written(job, path / output_folder.INPUTS)
    size = live_preview.LARGEST if live else 0
    return Session(
        python=engine.python,
        request=Request(
            job=job, out=str(path), device=device, memory=memory, weights=weights_path(), preview_size=size
        ),
        name=name if out else path.name,
        own_folder=not out,
        destination=destination,
    )


def preset_of(choice: Choice) -> str:
    """The preset's name; empty if the steps are the artist's own."""
    return "" if choice.steps else choice.preset


def resumed(last: Session) -> Session:
    """The texture once more, from its last stage on. Raises UserError."""
    if last.stage is None:
        raise UserError(rpt_("There is nothing yet to go on from"))
    request = replace(last.request, resume_from=last.stage.octave)
    return Session(
        python=last.python,
        request=request,
        name=last.name,
        own_folder=False,
        destination=last.destination,
        would_gain=last.would_gain,
        stage=last.stage,
    )


def submit(asked: Session) -> None:
    """Begin, or let it wait for its turn. Raises UserError."""
    if session.texture.running:
        session.waiting.append(asked)
        _load_for_next()
        return
    session.texture.take(asked)
    try:
        asked.begin()
    except OSError as error:
        session.texture.drop()
        raise UserError(rpt_("The engine can't be started: {strerror}").format(strerror=error.strerror)) from None


def begin_next() -> None:
    """Begin the next of those that wait, if none is being made."""
    while session.waiting and not session.texture.running:
        before, asked = session.texture.message, session.waiting.pop(0)
        try:
            submit(asked)
        except UserError as fault:
            session.texture.say(Level.ERROR, str(fault))
            _end(asked, Failed(message=str(fault), reason=FailureReason.FAILURE))
        else:
            session.texture.message = before
            _load_for_next()


def react(current: Session, event: Event) -> None:
    """Show in Blender what `event` tells."""
    match event:
        case Finished():
            _conclude(current, event)
        case Failed():
            live_preview.remove(current)
            if current.own_folder:
                output_folder.remove_if_empty(Path(current.request.out))
            session.texture.say(Level.ERROR, event.message)
        case Cancelled():
            live_preview.remove(current)
            session.texture.say(Level.WARNING, rpt_("Cancelled. What was made so far is kept in its folder"))
    if isinstance(event, Ending):
        _end(current, event)


def wait(current: Session, show: Callable[[Session], object]) -> None:
    """Answer events until the texture has ended, and those before it, showing it after each of its own."""
    while not current.ended:
        begin_next()
        running = session.texture.running
        if running is None or not (running is current or _waits(current)):
            if not current.ended:  # nobody will hear of it: another file was loaded
                current.ending = Cancelled()
            return
        event = running.next_event(timeout=0.2)
        if event is not None:
            react(running, event)
            if running is current:
                show(current)


def cancel_all() -> None:
    """Cancel the texture that is being made and those that wait."""
    while session.waiting:
        forget(session.waiting.pop())
    session.texture.cancel()
    session.spare.drop()


def forget_all() -> None:
    """Leave nothing of those that wait, and hear no more of the one that is being made."""
    running = session.texture.running
    while session.waiting:
        forget(session.waiting.pop())
    session.texture.drop()
    if running:
        _end(running, Cancelled())


def forget(asked: Session) -> None:
    """Leave nothing of a texture that was not begun."""
    if asked.own_folder:
        output_folder.remove_if_empty(Path(asked.request.out))
    _end(asked, Cancelled())


def apply(made: Session, to: Destination) -> tuple[Material, str]:
    """Lay a finished texture on; the material, and what the artist should know, in a line. Raises UserError."""
    images = {kind: image for kind, uid in made.image_uids.items() if (image := preview.by_uid(uid))}
    if not images:
        raise UserError(rpt_("The images of {name} are no longer in Blender").format(name=made.name))
    return result.lay(made.name, images, to)


def _load_for_next() -> None:
    """Let a worker load the engine for what waits first, while another texture is made."""
    if session.waiting and keeps_engine_loaded():
        with suppress(OSError):  # said when it is its turn
            session.spare.keep(session.waiting[0].python)


def _waits(asked: Session) -> bool:
    return any(one is asked for one in session.waiting)


def _end(asked: Session, ending: Ending) -> None:
    asked.ending = ending
    if asked.then:
        asked.then()


def _conclude(current: Session, event: Finished) -> None:
    """Make the material and hang it up, in one undo step."""
    if current.variation:
        live_preview.remove(current)
        session.texture.say(
            Level.INFO,
            rpt_("Seed {random_seed} is ready to be refined").format(
                random_seed=current.request.job.canvas.random_seed
            ),
        )
        return
    shown = live_preview.take_down(current)
    made_images: dict[MapKind, Image] = {}
    loaded: dict[str, Image] = {}
    for kind, path in event.maps.items():
        old = shown if kind is MapKind.COLOUR else None
        try:
            made_images[kind] = loaded[path] = loaded.get(path) or preview.load(path, current.name, kind, old)
        except RuntimeError:
            session.texture.say(
                Level.ERROR, rpt_("The texture was made, but Blender can't read it: {path}").format(path=path)
            )
            return
    current.image_uids = {kind: image.session_uid for kind, image in made_images.items()}
    remark = result.deliver(current.name, made_images, current.destination, current.request.job, event)
    with some_window():
        bpy.ops.ed.undo_push(message="Neural Texture")
    said = rpt_("{width} x {height} px, made {cost}").format(width=event.width, height=event.height, cost=_cost(event))
    session.texture.say(Level.WARNING if remark else Level.INFO, f"{said}. {remark}" if remark else said)


def _cost(event: Finished) -> str:
    """What it took."""
    memory = (
        rpt_(" with {peak_memory:.1f} GB of memory").format(peak_memory=event.peak_memory / 1e9)
        if event.peak_memory
        else ""
    )
    return rpt_("in {duration}{memory}").format(duration=console.duration(event.seconds), memory=memory)


def some_window() -> AbstractContextManager[Any]:
    """A timer has no window; pushing an undo step needs one."""
    manager = bpy.context.window_manager
    windows = manager.windows if manager else ()
    return bpy.context.temp_override(window=windows[0]) if windows else nullcontext()
