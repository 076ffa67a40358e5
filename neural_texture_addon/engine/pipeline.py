"""A job from start to end: seed, then [steps, save the stage, enlarge] octave by octave. Knows no terminal, no pipe."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..job.description import Job, Offset, Optimise, Picture, Request, StyleTerm
from ..job.events import (
    Continued,
    Event,
    Failed,
    FailureReason,
    Finished,
    Noted,
    Paused,
    Previewed,
    Progress,
    StageSaved,
    Started,
)
from . import canvas as canvases
from . import dependence, ingredients, memory, plan, relief, schedule, seam, stage, torus
from . import device as devices
from .clock import Clock
from .control import Control
from .errors import EngineError, InputError
from .exemplar import Exemplar
from .ingredients import Ingredients
from .live_preview import LivePreview
from .plan import Plan, Planner
from .retreat import Retreat
from .room import Room
from .solver import Seen
from .stage import JobFolder, Stage
from .step import Descent, adjust, optimise

if TYPE_CHECKING:
    from torch import Tensor


_ON_FROM_STAGES = "the stages saved before stay: resume goes on from the last, on the CPU if this one fails again"


def run(request: Request, control: Control | None = None) -> Iterator[Event]:
    """Does the job; ends with Finished or Failed. To cancel it, stop asking or raise KeyboardInterrupt.

    Determinism: every random number comes from one generator on the CPU, so that a seed means the same draws on
    every device; on one CPU the same job gives the same picture, bit for bit.
    """
    try:
        yield from _run(request, control or Control())
    except InputError as error:
        yield Failed(message=str(error), reason=FailureReason.INPUT)
    except EngineError as error:
        yield Failed(message=str(error), reason=FailureReason.FAILURE)
    except (torch.OutOfMemoryError, MemoryError) as error:
        yield _out_of_memory(request.job, error)
    except RuntimeError as error:
        device = devices.choose(request.device)
        if failure := devices.failure(device, error):
            yield Failed(message=f"{failure}; {_ON_FROM_STAGES}", reason=FailureReason.FAILURE)
        elif memory.ran_short(_least(request.job), device):
            yield _out_of_memory(request.job, error)
        else:
            raise


def _run(request: Request, control: Control) -> Iterator[Event]:
    job, began = request.job, time.monotonic()
    device = devices.choose(request.device)
    memory.forget_peak(device)
    memory.keep_within(device, request.memory)
    given = ingredients.gather(request)
    memory.give_back_what_is_free()  # of what reading took
    planned = plan.check(given.planner, given.octaves, given.device, request.memory)
    resumed = _resumed(request, given)
    with contextlib.closing(JobFolder(request.out, job, keep=request.resume_from)) as folder:
        yield from _made(request, control, given, folder, planned, resumed, began)


def _made(
    request: Request,
    control: Control,
    given: Ingredients,
    folder: JobFolder,
    planned: Mapping[tuple[int, schedule.Octave], Plan],
    resumed: Stage | None,
    began: float,
) -> Iterator[Event]:
    """In a folder of its own."""
    job = request.job
    octaves = tuple((octave.width, octave.height) for octave in given.octaves)
    yield Started(device=devices.name(given.device), octaves=octaves)
    yield from (Noted(message=note) for exemplar in given.exemplars for note in exemplar.notes)
    yield from _notes_on_extent(job, given.exemplars)
    room = Room(given.device, request.memory, planned)
    yield from room.note()
    with LivePreview(folder.path, request.preview_size, job.canvas.maps) as preview:
        work = _Work(given, folder, preview, control, resumed, room)
        yield from work.octaves(request.resume_from)
    result = work.canvas if _is_anchored(job) else canvases.with_calm_border(work.canvas, given.wrap)
    yield Finished(
        maps=folder.save_result(result),
        seconds=time.monotonic() - began - work.rested,
        width=result.shape[3],
        height=result.shape[2],
        seam=seam.of_worst(work.canvas, job.canvas.maps, given.wrap),
        peak_memory=memory.peak(given.device),
        relief=relief.agreement_in(result, job.canvas.maps, given.wrap),
        exemplar_relief=_relief_of(given.exemplars),
    )


class _Work:
    """The canvas on its way through the octaves."""

    def __init__(
        self,
        given: Ingredients,
        folder: JobFolder,
        preview: LivePreview,
        control: Control,
        resumed: Stage | None,
        room: Room,
    ) -> None:
        self._given = given
        self._folder = folder
        self._preview = preview
        self._control = control
        self._room = room
        self._generator = resumed.generator if resumed else torch.Generator().manual_seed(given.job.canvas.random_seed)
        self.canvas = resumed.canvas.to(given.device) if resumed else given.painted(given.octaves[0], self._generator)
        self.rested = 0.0
        """Seconds of all pauses."""

    def octaves(self, done: int) -> Iterator[Event]:
        """Those after the first `done`, or until it is asked to finish: then the last one leaves no stage.

        From such a stage a resumed job would come to another end than an uninterrupted one.
        """
        given, anchored = self._given, _is_anchored(self._given.job)
        clock = Clock(given.job.steps, given.octaves, done)
        yield from self._shown(done + 1)
        for number, octave in list(enumerate(given.octaves, 1))[done:]:
            if self._control.finishing:
                return
            turn = 0 if anchored else number
            larger = canvases.enlarge(self.canvas, octave.height, octave.width, given.wrap, turn)
            self.canvas = given.settled(larger)
            yield from self._steps(number, octave, clock)
            self.canvas = given.settled(self.canvas)
            if self._control.finishing:
                return
            saved = self._folder.save_stage(number, self.canvas, self._generator)
            size = {"width": octave.width, "height": octave.height}
            yield StageSaved(octave=number, octaves=len(given.octaves), maps=saved, **size)

    def _steps(self, number: int, octave: schedule.Octave, clock: Clock) -> Iterator[Event]:
        """All of one octave."""
        job, around = self._given.job, self._given.around(octave, self._generator)
        for step_number, step in enumerate(job.steps, 1):
            if not schedule.applies(step, octave):
                continue
            if not isinstance(step, Optimise):
                self.canvas = adjust(step, self.canvas, around)
                continue
            iterations = schedule.iterations(step.solver, octave)
            planned = self._room.plan(self._given.planner, step, octave)
            yield from self._room.notes(planned)
            descent = Descent(step, self.canvas, around, planned)
            weights = sum(abs(term.weight) for term in step.terms)
            begin = partial(self._optimised, step, descent)
            retreat = Retreat(self.canvas, iterations, weights, begin, number)
            for _ in retreat:
                yield from self._room.notes(descent.plan)
                yield from retreat.notes()
                if clock.advance(step, octave):
                    retreat.ask()
                    yield Progress(
                        octave=number,
                        octaves=len(self._given.octaves),
                        step=step_number,
                        steps=len(job.steps),
                        iteration=retreat.done,
                        iterations=iterations,
                        loss=retreat.loss,
                        fraction=clock.fraction,
                        seconds_left=clock.seconds_left,
                    )
                yield from self._shown(number)
                yield from self._pauses(clock)
                if self._control.finishing:
                    break
            clock.spare(step, octave, iterations - retreat.done)
            if self._control.finishing:
                retreat.leave()
            if around.held and any(isinstance(term, StyleTerm) for term in step.terms):
                self.canvas = dependence.restored(self.canvas, around.held, around)
            if self._control.finishing:
                return
            del descent, begin, retreat  # what they hold, the next step may want the room of

    def _optimised(
        self, step: Optimise, descent: Descent, iterations: int, share: float, seen: Seen
    ) -> Iterator[Tensor]:
        """The loss of each iteration."""
        descent.begin_again()
        return optimise(step, self.canvas, descent, iterations, share, seen)

    def _shown(self, number: int) -> Iterator[Previewed]:
        if shown := self._preview.of(self.canvas, number, len(self._given.octaves)):
            yield shown

    def _pauses(self, clock: Clock) -> Iterator[Event]:
        """Nothing, or a pause of as long as is asked for."""
        if not self._control.paused:
            return
        began = time.monotonic()
        yield Paused()
        self._control.rest()
        seconds = time.monotonic() - began
        self.rested += seconds
        clock.leave_out(seconds)
        yield Continued()


def _relief_of(exemplars: list[Exemplar]) -> float | None:
    """What there is to agree in the normals and heights of the exemplars themselves, on average."""
    found = [relief.agreement_in(exemplar.texels, exemplar.maps, torus.PLANE) for exemplar in exemplars]
    known = [each for each in found if each is not None]
    return sum(known) / len(known) if known else None


def _is_anchored(job: Job) -> bool:
    """Whether it matters where on the torus things are: then nothing may be rolled but by the job's own steps."""
    placed = job.content or job.canvas.colour or isinstance(job.canvas.seed, Picture)
    return bool(placed) or any(isinstance(step, Offset) for step in job.steps)


def _resumed(request: Request, given: Ingredients) -> Stage | None:
    """The stage to go on from. Raises InputError."""
    number = request.resume_from
    if not number:
        return None
    octave = given.octaves[min(number, len(given.octaves)) - 1]
    return stage.load(request.out, request.job, number, (1, given.channels, octave.height, octave.width))


def _least(job: Job) -> int:
    """Bytes that the job needs in its last octave in the smallest pieces, if it has no exemplars."""
    finest = schedule.octaves(job.canvas, job.octaves, math.inf)[-1]
    return max(Planner(job=job).smallest(step, finest).need for step in job.steps)


def _out_of_memory(job: Job, error: Exception) -> Failed:
    said = f" ({type(error).__name__}: {' '.join(str(error).split())})" if str(error) else ""
    message = (
        f"out of memory at {job.canvas.width}x{job.canvas.height} px; choose a smaller size or another device. "
        f"The stages saved before stay{said}"
    )
    return Failed(message=message, reason=FailureReason.FAILURE)


def _notes_on_extent(job: Job, exemplars: list[Exemplar]) -> Iterator[Noted]:
    for exemplar in exemplars:
        height, width = exemplar.texels.shape[2:]
        shown = job.canvas.width * job.canvas.height / (width * height)
        if shown < 0.25:
            fitting = job.exemplars[exemplar.index].scale * math.sqrt(shown)
            yield Noted(
                message=f"{Path(exemplar.name).name}: a texture of this size shows {shown:.0%} of the image; "
                f"a scale of {fitting:.2g} would show all of it"
            )
