"""Textures from Python: for scripts in Blender's main thread, with and without a window.

    from bl_ext.user_default.neural_texture import api

    texture = api.synthesise("bricks.jpg", width=1024, height=1024, random_seed=3, preset="regular")
    texture.wait()
    texture.apply_to(bpy.context.object, texture_width=2.0, projection="box")

Names are the job's own: job/description.py. docs/scripting.md shows more.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Image, Material, Object

from .blender import (
    console,
    estimation,
    event_pump,
    generation,
    image_swap,
    job_from_keywords,
    job_from_scene,
    maps_from_colour,
    material,
    preview,
    session,
)
from .blender.errors import UserError
from .blender.job_from_keywords import Start
from .blender.job_from_scene import AUTO
from .blender.placement import Destination, Placement
from .blender.preset_in_scene import weights_are_there
from .blender.session import Session
from .job import description, wire
from .job.description import Device, Estimates, Exemplar, Job, MapKind, Request, Tiling
from .job.events import Cancelled, Failed, Finished
from .job.wire import WireError
from .supervisor.environment import EngineError
from .supervisor.line_task import Outcome

__all__ = [
    "CancelledError",
    "Error",
    "Exemplar",
    "Job",
    "State",
    "Texture",
    "description",
    "estimate_maps",
    "synthesise",
]


class Error(Exception):
    """One line that says what is wrong and what would be right."""


class CancelledError(Error):
    """The texture was cancelled, or another file was opened meanwhile."""


class State(StrEnum):
    """Where a texture is on its way."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


def synthesise(
    exemplars: Any = None,
    *,
    job: Job | Mapping[str, Any] | str | Path | None = None,
    preset: str = Start.preset,
    features: str = AUTO,
    device: str = Request.device.value,
    memory: float = Request.memory,
    name: str = "",
    folder: str | Path = "",
    out: str | Path = "",
    then: "Callable[[Texture], object] | None" = None,
    **fields: Any,
) -> "Texture":
    """Begin a texture, or let it wait for its turn. Returns at once. Raises Error.

    `exemplars`: one style image or several; each a path, an image in Blender, a mapping of maps to these, an Exemplar.
    `fields`: those of the job, and of its canvas, octaves and output, by their own names; they win over the `job` (or
    its JSON, or the path of its file), else over the `preset` for its `features`.
    `memory`: gigabytes that the engine may hold on the device; 0 takes what is free.
    `folder`: gets a new folder with the texture's files; `out`: the folder itself. `name`: of the texture in Blender.
    `then`: called with the texture after its end, whichever that is.
    """
    if exemplars is not None:
        fields["exemplars"] = exemplars
    with _in_one_line():
        _see_the_thread()
        start = Start(job=job, preset=preset, features=features)
        made, known_as = job_from_keywords.job(start, fields, _OTHERS)
        job_from_scene.check(made, weights_are_there)
        asked = generation.asked_for(
            made,
            Destination(images_only=True, preset=known_as),
            name=name,
            folder=str(folder),
            out=str(out),
            device=wire.from_plain(Device, wire.to_plain(device), at="device"),
            memory=wire.from_plain(float, wire.to_plain(memory), at="memory"),
        )
        texture = Texture(asked)
        if then is not None:
            asked.then = _later(then, texture)
        generation.submit(asked)
    if not bpy.app.background:
        event_pump.start()
    return texture


def estimate_maps(
    worn: Material,
    maps: Iterable[str] = maps_from_colour.USUAL,
    *,
    tiling: str | None = None,
    folder: str | Path = "",
    **fields: Any,
) -> dict[str, Image]:
    """Guess other maps of a material from its colour, put them into it, and wait for that; their images. Raises Error.

    What the material has already stays, unless it is an estimate, too: it is then not among the images.
    `fields`: those of description.Estimates, such as relief. `tiling`: how the colour repeats; None: as it was made.
    `folder`: gets a new folder with the files.
    """
    with _in_one_line():
        _see_the_thread()
        if not isinstance(worn, Material):
            raise Error(f"{getattr(worn, 'name', worn)} is no material")
        wanted = wire.from_plain(Estimates, wire.to_plain(fields))
        kinds = wire.from_plain(tuple[MapKind, ...], wire.to_plain(tuple(maps)), at="maps")
        repeats = None if tiling is None else wire.from_plain(Tiling, wire.to_plain(tiling), at="tiling")
        colour = image_swap.texture_of(worn.node_tree, MapKind.COLOUR)
        if colour is None or colour.image is None:
            raise Error(f"{worn.name} shows no image as its colour")
        if session.estimates.running:
            raise Error("Maps are being made already: wait for them")
        asked = estimation.ask(colour.image, worn, kinds, wanted, repeats, str(folder))
        estimation.wait(asked)
    said = session.estimates.message
    if not asked.image_uids and said is not None:
        raise (CancelledError if asked.task.outcome is Outcome.CANCELLED else Error)(said.text)
    found = {kind: preview.by_uid(uid) for kind, uid in asked.image_uids.items()}
    return {kind.value: image for kind, image in found.items() if image is not None}


_OTHERS = ("job", "preset", "features", "device", "memory", "name", "folder", "out", "then")


class Texture:
    """A texture from its start on."""

    def __init__(self, asked: Session) -> None:
        """For `synthesise`."""
        self._asked = asked

    def __repr__(self) -> str:
        return f"<Texture {self}>"

    def __str__(self) -> str:
        state = self.state
        return f"{self.name}: {console.in_words(self._asked).strip() if state is State.RUNNING else state}"

    @property
    def name(self) -> str:
        """Of its images and materials, as far as it is free."""
        return self._asked.name

    @property
    def job(self) -> Job:
        """All that shapes it. ``synthesise(job=texture.job)`` makes it again."""
        return self._asked.request.job

    @property
    def folder(self) -> Path:
        """Of its files: the result, its stages, and the job."""
        return Path(self._asked.request.out)

    @property
    def state(self) -> State:
        """Where it is on its way."""
        _listen()
        match self._asked.ending:
            case Finished():
                return State.FINISHED
            case Cancelled():
                return State.CANCELLED
            case None if self._asked.worker is None:
                return State.WAITING
            case None:
                return State.PAUSED if self._asked.paused else State.RUNNING
        return State.FAILED

    @property
    def done(self) -> bool:
        """Whether it has ended, whichever way."""
        return self.state in {State.FINISHED, State.FAILED, State.CANCELLED}

    @property
    def progress(self) -> float:
        """Share of the work that is done, 0 to 1."""
        if self.state is State.FINISHED:
            return 1.0
        return self._asked.progress.fraction if self._asked.progress else 0.0

    @property
    def notes(self) -> list[str]:
        """What one should know of it, in lines."""
        return [*self._asked.notes]

    @property
    def error(self) -> str:
        """Why it failed, in a line; empty if it did not."""
        _listen()
        ending = self._asked.ending
        if isinstance(ending, Finished) and not self._asked.image_uids:
            return f"The texture was made, but Blender can't read it: {ending.maps[MapKind.COLOUR]}"
        return ending.message if isinstance(ending, Failed) else ""

    @property
    def files(self) -> dict[str, Path]:
        """The file of each map. As all below, it raises Error if it has not finished."""
        return {kind.value: Path(path) for kind, path in self._finished().maps.items()}

    @property
    def images(self) -> dict[str, Image]:
        """The image of each map, as far as it is still in Blender."""
        self._finished()
        found = {kind: preview.by_uid(uid) for kind, uid in self._asked.image_uids.items()}
        return {kind.value: image for kind, image in found.items() if image is not None}

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px: less than the job's, if it was finished early."""
        end = self._finished()
        return end.width, end.height

    @property
    def seam(self) -> float | None:
        """How much of a seam it has: up to 1, the border is like any other line. None if it doesn't repeat."""
        return self._finished().seam

    @property
    def seconds(self) -> float:
        """Of work."""
        return self._finished().seconds

    def wait(self, progress: "Callable[[Texture], object] | None" = None) -> "Texture":
        """Wait for its end, and for all before it; gives itself. `progress` is called whenever more is known.

        Ctrl+C cancels all of them. Raises Error; CancelledError.
        """
        with _in_one_line(), console.interrupt_cancels(generation.cancel_all):
            _see_the_thread()
            generation.wait(self._asked, lambda _: progress(self) if progress else None)
        self._finished()
        return self

    def apply_to(
        self,
        target: Object,
        *,
        texture_width: float = Placement.texture_width,
        projection: str = Placement.projection,
        storage: str = Placement.storage,
        into: str = Placement.into,
    ) -> Material:
        """Let an object wear it, in its active slot; waits for its end. Raises Error.

        `texture_width`: of one repeat on the surface, in Blender units. `projection`: uv, object, box. `storage`: pack
        into the .blend, or beside it. `into`: new, or active: exchange the images in the material that it wears.
        """
        if not (isinstance(target, Object) and material.can_wear(target)):
            raise Error(f"{getattr(target, 'name', target)} can't wear a material")
        said = {"texture_width": texture_width, "projection": projection, "storage": storage, "into": into}
        return self._laid_on(target, said)

    def make_material(
        self,
        *,
        texture_width: float = Placement.texture_width,
        projection: str = Placement.projection,
        storage: str = Placement.storage,
    ) -> Material:
        """As `apply_to`, worn by nothing yet; the .blend keeps it all the same. Raises Error."""
        return self._laid_on(None, {"texture_width": texture_width, "projection": projection, "storage": storage})

    def cancel(self) -> None:
        """End it, or take it out of the queue. Its stages so far stay in its folder."""
        if self.state is not State.WAITING:
            self._asked.cancel()
            return
        session.waiting[:] = [one for one in session.waiting if one is not self._asked]
        generation.forget(self._asked)

    def pause(self) -> None:
        """Let it rest, if it is being made."""
        if self._asked.worker:
            self._asked.worker.pause()

    def resume(self) -> None:
        """Let it go on after a pause."""
        if self._asked.worker:
            self._asked.worker.resume()

    def finish(self) -> None:
        """Take it as it is at this moment, at the size that it has reached."""
        if self._asked.worker:
            self._asked.worker.finish()

    def _finished(self) -> Finished:
        state = self.state
        if state is State.CANCELLED:
            raise CancelledError(f"{self.name} was cancelled")
        if self.error:
            raise Error(self.error)
        if not isinstance(self._asked.ending, Finished):
            raise Error(f"{self.name} is {state}: wait for its end first")
        return self._asked.ending

    def _laid_on(self, target: Object | None, said: Mapping[str, Any]) -> Material:
        self.wait()
        with _in_one_line():
            to = Destination.on(target, Placement.said(**said))
            made, remark = generation.apply(self._asked, to)
        if remark and target is not None:
            self._asked.notes.append(remark)
        return made


@contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except (UserError, EngineError, WireError) as fault:
        raise Error(" ".join(str(fault).splitlines())) from None


def _see_the_thread() -> None:
    if threading.current_thread() is not threading.main_thread():
        raise Error("Textures are made from Blender's main thread: hand the call to bpy.app.timers")


def _listen() -> None:
    """Without a window no timer does; and where there is one, this may be asked while Blender draws."""
    if bpy.app.background and threading.current_thread() is threading.main_thread():
        event_pump.tick()


def _later(then: Callable[[Texture], object], texture: Texture) -> Callable[[], None]:
    """With a window by a timer of its own, so that what is raised there stops nothing of ours."""

    def call() -> None:
        then(texture)

    return call if bpy.app.background else lambda: bpy.app.timers.register(call)
