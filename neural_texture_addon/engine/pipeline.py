"""A job from start to end: seed, then [steps, save the stage, enlarge] octave by octave. Knows no terminal, no pipe."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from ..job.description import Job, Optimise, Patches, Request, SlicedWasserstein
from ..job.events import Event, Failed, FailureReason, Finished, Noted, Progress, StageSaved, Started
from . import canvas as canvases
from . import device as devices
from . import exemplar as exemplars_on_disk
from . import memory, objective, schedule, solver
from .errors import EngineError, InputError
from .exemplar import Exemplar
from .stage import JobFolder

if TYPE_CHECKING:
    from torch import Tensor

_SECONDS_BETWEEN_PROGRESS = 0.1


def run(request: Request) -> Iterator[Event]:
    """Does the job; ends with Finished or Failed. To cancel it, stop asking or raise KeyboardInterrupt.

    Determinism: every random number comes from one generator on the CPU, so that a seed means the same draws on
    every device; on one CPU the same job gives the same picture, bit for bit.
    """
    try:
        yield from _run(request)
    except InputError as error:
        yield Failed(message=str(error), reason=FailureReason.INPUT)
    except EngineError as error:
        yield Failed(message=str(error), reason=FailureReason.FAILURE)
    except (torch.OutOfMemoryError, MemoryError) as error:
        yield _out_of_memory(request.job, error)
    except RuntimeError as error:
        size = request.job.canvas.width, request.job.canvas.height
        if not memory.ran_short(request.job, [size], devices.choose(request.device)):
            raise
        yield _out_of_memory(request.job, error)


def _run(request: Request) -> Iterator[Event]:
    job, began = _without_weightless_exemplars(request.job), time.monotonic()
    device = devices.choose(request.device)
    exemplars = [exemplars_on_disk.load(exemplar, job.canvas.maps, device) for exemplar in job.exemplars]
    _check_windows(job, exemplars)
    octaves = schedule.octaves(job.canvas, job.octaves, min(exemplar.side for exemplar in exemplars))
    memory.check(job, [(octave.width, octave.height) for octave in octaves], device)
    folder = JobFolder(request.out, request.job)
    yield Started(device=devices.name(device), octaves=tuple((octave.width, octave.height) for octave in octaves))
    yield from (Noted(message=note) for exemplar in exemplars for note in exemplar.notes)
    yield from _notes_on_extent(job, exemplars)

    generator = torch.Generator().manual_seed(job.canvas.random_seed)
    wrap = canvases.wrap_of(job.canvas)
    canvas = canvases.paint(job.canvas, octaves[0].height, octaves[0].width, exemplars, generator).to(device)
    clock = _Clock(job, octaves, began)
    for number, octave in enumerate(octaves, 1):
        canvas = canvases.enlarge(canvas, octave.height, octave.width, wrap, number)
        for step_number, step in enumerate(job.steps, 1):
            aim = objective.build(step.terms, exemplars, octave, wrap, generator)
            adam = replace(step.solver, iterations=schedule.iterations(step.solver, octave))
            for iteration, loss in enumerate(solver.minimise(canvas, aim, adam), 1):
                if clock.advance(octave):
                    yield Progress(
                        octave=number,
                        octaves=len(octaves),
                        step=step_number,
                        steps=len(job.steps),
                        iteration=iteration,
                        iterations=adam.iterations,
                        loss=_finite(loss, number),
                        fraction=clock.fraction,
                        seconds_left=clock.seconds_left,
                    )
            _finite(loss, number)
        saved = folder.save_stage(number, canvas)
        yield StageSaved(octave=number, octaves=len(octaves), width=octave.width, height=octave.height, maps=saved)
    result = canvases.with_calm_border(canvas, wrap)
    yield Finished(maps=folder.save_result(result), seconds=time.monotonic() - began)


def _out_of_memory(job: Job, error: Exception) -> Failed:
    said = f" ({type(error).__name__}: {' '.join(str(error).split())})" if str(error) else ""
    message = (
        f"out of memory at {job.canvas.width}x{job.canvas.height} px; choose a smaller size or another device. "
        f"The stages saved before stay{said}"
    )
    return Failed(message=message, reason=FailureReason.FAILURE)


def _without_weightless_exemplars(job: Job) -> Job:
    """They would shape the pyramid still: its start depends on the smallest exemplar."""
    return dataclasses.replace(job, exemplars=tuple(exemplar for exemplar in job.exemplars if exemplar.weight))


def _check_windows(job: Job, exemplars: list[Exemplar]) -> None:
    size = max((patches.size for patches in _patches(job)), default=0)
    for described, exemplar in zip(job.exemplars, exemplars, strict=True):
        if exemplar.side < size:
            path = next(iter(described.maps.values()))
            raise InputError(
                f"{path}: its shorter side has {exemplar.side} px, cropped and scaled; "
                f"a features.size of {size} needs as many"
            )


def _patches(job: Job) -> Iterator[Patches]:
    """Its random filters."""
    for step in job.steps:
        for term in step.terms if isinstance(step, Optimise) else ():
            match term:
                case SlicedWasserstein(features=Patches() as patches):
                    yield patches


def _finite(loss: Tensor, octave: int) -> float:
    value = float(loss)
    if not math.isfinite(value):
        raise EngineError(f"the loss became {value} in octave {octave}; lower solver.learning_rate or the term weights")
    return value


def _notes_on_extent(job: Job, exemplars: list[Exemplar]) -> Iterator[Noted]:
    for described, exemplar in zip(job.exemplars, exemplars, strict=True):
        height, width = exemplar.texels.shape[2:]
        shown = job.canvas.width * job.canvas.height / (width * height)
        if shown < 0.25:
            path = next(iter(described.maps.values()))
            fitting = described.scale * math.sqrt(shown)
            yield Noted(
                message=f"{path}: the canvas has room for {shown:.0%} of it at its own texel size; "
                f"a scale of {fitting:.2g} would show all of it"
            )


class _Clock:
    """How much of the work is done and how long the rest may take."""

    def __init__(self, job: Job, octaves: list[schedule.Octave], began: float) -> None:
        self._began = began
        self._last_report = began
        self._cost = {octave: _cost_of_iteration(job, octave) for octave in octaves}
        self._total = sum(
            cost * schedule.iterations(step.solver, octave) for octave, cost in self._cost.items() for step in job.steps
        )
        self._done = 0.0

    def advance(self, octave: schedule.Octave) -> bool:
        """Counts one iteration; whether it is time to report."""
        self._done += self._cost[octave]
        now = time.monotonic()
        if now - self._last_report < _SECONDS_BETWEEN_PROGRESS:
            return False
        self._last_report = now
        return True

    @property
    def fraction(self) -> float:
        return min(self._done / self._total, 1.0)

    @property
    def seconds_left(self) -> float | None:
        if self.fraction < 0.02:
            return None
        return (time.monotonic() - self._began) * (1 / self.fraction - 1)


def _cost_of_iteration(job: Job, octave: schedule.Octave) -> float:
    """In windows seen, with what an iteration costs beside them."""
    stride = max((p.stride if octave.side >= p.stride_from else 1 for p in _patches(job)), default=1)
    return 1000 + octave.width * octave.height / stride**2
