"""What a job would take here, from a second or two of its real work at its cheap octaves. Writes no file."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch

from ..job.description import Optimise, Patches, Request, Step, limits
from ..job.events import Event, Failed, FailureReason, Forecast
from . import canvas as canvases
from . import clock, image_file, ingredients, memory, plan, schedule
from . import device as devices
from .errors import InputError
from .ingredients import Ingredients
from .plan import Plan
from .schedule import Octave
from .step import Descent, adjust, optimise

_SECONDS = 1.5
"""For the trials of all steps, as far as each can be foreseen from the one before."""
_SIDE_OF_FIRST = 96.0
"""Of the largest square, in px, that is tried without knowing what it takes."""
_SHORTEST = 2 * limits(Patches, "size")[1]
"""Side in px from which a canvas is not made smaller for a trial: windows must fit, with room to move."""
_SECONDS_OF_TRIAL = 0.1
"""After which it ends, if it has had as many iterations as it needs at least."""
_BOLDEST = 16.0
"""Times as dear as the trial before, at most."""
_FEWEST, _MOST = 3, 20
"""Iterations of a trial that are timed."""
_SIDE_OF_SAVED = 256
"""Of the canvas, in px, that is enlarged and encoded to see what that takes."""


@dataclass(frozen=True, kw_only=True)
class _Trial:
    """What a step took in an octave."""

    octave: Octave
    setup: float
    """Seconds besides those of its iterations."""
    iteration: float
    """Seconds."""


def run(request: Request) -> Generator[Event, None, None]:
    """Ends with Forecast or Failed, and says nothing else."""
    try:
        yield _forecast(request)
    except InputError as error:
        yield Failed(message=str(error), reason=FailureReason.INPUT)
    except (torch.OutOfMemoryError, MemoryError):
        message = "out of memory in a small part of the job already; close other programs or choose another device"
        yield Failed(message=message, reason=FailureReason.FAILURE)
    except RuntimeError as error:
        if (failure := devices.failure(devices.choose(request.device), error)) is None:
            raise
        yield Failed(message=failure, reason=FailureReason.FAILURE)


def _forecast(request: Request) -> Forecast:
    began = time.monotonic()
    image_file.check_can_encode(request.job.output)
    memory.keep_within(devices.choose(request.device), request.memory)
    given = ingredients.gather(request)
    memory.give_back_what_is_free()
    seconds = time.monotonic() - began
    refusal = _refusal(given, request.memory)
    there = memory.available(given.device, request.memory)
    read = memory.peak(given.device) or 0
    memory.forget_peak(given.device)
    octaves = given.octaves[request.resume_from :]
    work = [(step, done) for step in given.job.steps if (done := [o for o in octaves if schedule.applies(step, o)])]
    if work:
        seconds += _seconds_of_warming_up(given, *work[0])
    tried = [_Tried(given, step, done, _SECONDS / len(work), there) for step, done in work]
    seconds += sum(one.seconds for one in tried)
    held = memory.peak(given.device) or 0
    more = max((one.needed for one in tried), default=0) - max((one.needed_so_far for one in tried), default=0)
    return Forecast(
        device=devices.name(given.device),
        octaves=tuple((octave.width, octave.height) for octave in given.octaves),
        seconds=seconds + _seconds_of_saving(given, octaves),
        memory=max(read, held + round(max(more, 0))),
        memory_free=memory.room(given.device, request.memory),
        refusal=refusal,
        pieces=None if refusal else _in_pieces(tried),
    )


def _refusal(given: Ingredients, limit: float) -> str | None:
    try:
        plan.check(given.planner, given.octaves, given.device, limit)
    except InputError as error:
        return str(error)
    return None


def _in_pieces(tried: list[_Tried]) -> str | None:
    """What is to be said of the last step that is done so."""
    return next((said for one in reversed(tried) if (said := plan.in_words(one.last_plan))), None)


class _Tried:
    """A step of the job and its trials, by their cost."""

    def __init__(self, given: Ingredients, step: Step, octaves: list[Octave], seconds: float, there: int) -> None:
        """The cheapest; then the dearest that the one before lets hope for in so many seconds; two in any case.

        `there` is how many bytes the job may take.
        """
        self._given, self._step, self._octaves = given, step, octaves
        planner = given.planner
        self._plans: dict[Octave, Plan] = {
            o: plan.fitting(planner, step, o, there) or planner.whole(step, o) for o in octaves
        }
        end = time.monotonic() + seconds
        sizes = sorted(_sizes(octaves), key=self._cost)
        self._trials = [self._try(sizes[0])]
        while octave := self._dearest(sizes, end - time.monotonic()):
            self._trials.append(self._try(octave))
        dearer = [octave for octave in sizes if self._cost(octave) >= 2 * self._cost(sizes[0])]
        if len(self._trials) == 1 and dearer:
            self._trials.append(self._try(dearer[0]))

    def _try(self, octave: Octave) -> _Trial:
        """The canvas as a whole, the exemplars as they will be looked at."""
        planned = self._plans.get(octave, self._plans[self._octaves[0]])
        need = self._given.planner.whole(self._step, octave).need
        return _try(self._given, self._step, octave, Plan(exemplars=planned.exemplars, need=need))

    @property
    def seconds(self) -> float:
        """In all octaves."""
        return sum(map(self._seconds_in, self._octaves))

    @property
    def needed(self) -> float:
        """Bytes in the octave that needs most."""
        return max(planned.need for planned in self._plans.values())

    @property
    def needed_so_far(self) -> float:
        """Bytes in the trial that needed most."""
        return max(self._given.planner.whole(self._step, trial.octave).need for trial in self._trials)

    @property
    def last_plan(self) -> Plan:
        """For the finest octave."""
        return self._plans[self._octaves[-1]]

    def _dearest(self, sizes: list[Octave], seconds: float) -> Octave | None:
        """Of those that are dearer than the last trial, and may be tried in this time."""
        last = self._trials[-1]
        fewest = last.setup + (1 + _FEWEST) * last.iteration
        ratios = {octave: self._cost(octave) / self._cost(last.octave) for octave in sizes}
        fitting = (o for o in sizes if 1 < ratios[o] <= _BOLDEST and fewest * ratios[o] < seconds)
        return max(fitting, key=self._cost, default=None)

    def _seconds_in(self, octave: Octave) -> float:
        """Along the line between two trials, and beyond the last along the one from the first to the last."""
        first, last = self._trials[0], self._trials[-1]
        cost, costs = self._cost(octave), [self._cost(trial.octave) for trial in self._trials]
        setup = float(np.interp(cost, costs, [trial.setup for trial in self._trials]))
        iteration = float(np.interp(cost, costs, [trial.iteration for trial in self._trials]))
        if cost < costs[0] or (cost > costs[-1] and len(costs) == 1):
            iteration = first.iteration * cost / costs[0]
        elif cost > costs[-1]:
            slope = max(last.iteration - first.iteration, 0.0) / (costs[-1] - costs[0])
            iteration = last.iteration + slope * (cost - costs[-1])
        return setup + iteration * self._times(octave) * self._plans[octave].times

    def _times(self, octave: Octave) -> int:
        return schedule.iterations(self._step.solver, octave) if isinstance(self._step, Optimise) else 1

    def _cost(self, octave: Octave) -> float:
        if isinstance(self._step, Optimise):
            return clock.cost_of_iteration(self._step, octave)
        return float(octave.width * octave.height)


def _try(given: Ingredients, step: Step, octave: Octave, planned: Plan) -> _Trial:
    """A few iterations, or what the step does once, on the seed."""
    memory.give_back_what_is_free()  # as the job does
    generator = torch.Generator().manual_seed(given.job.canvas.random_seed)
    canvas, around = given.painted(octave, generator), given.around(octave, generator)
    began = time.monotonic()
    if not isinstance(step, Optimise):
        adjust(step, canvas, around)[0, 0, 0, 0].item()  # waits for a graphics card
        return _Trial(octave=octave, setup=0.0, iteration=time.monotonic() - began)
    losses = optimise(step, canvas, Descent(step, canvas, around, planned), 1 + _MOST)
    next(losses).item()
    marks = [time.monotonic()]
    while len(marks) <= _MOST and (len(marks) <= _FEWEST or marks[-1] - marks[0] < _SECONDS_OF_TRIAL):
        next(losses).item()
        marks.append(time.monotonic())
    iteration = float(np.median(np.diff(marks)))  # what else the machine did for a moment is no matter
    setup = max(marks[0] - began - iteration, 0.0)
    return _Trial(octave=octave, setup=setup, iteration=iteration)


def _seconds_of_warming_up(given: Ingredients, step: Step, octaves: list[Octave]) -> float:
    """What only the first iterations of a process take."""
    first = min(_sizes(octaves), key=lambda octave: octave.side)
    cold, warm = (_try(given, step, first, given.planner.whole(step, first)) for _ in range(2))
    return max(cold.setup - warm.setup, 0.0)


def _sizes(octaves: list[Octave]) -> Iterable[Octave]:
    """The octaves, and before the first, if that is large, smaller ones that the job itself does not have."""
    first = octaves[0]
    while first.side > _SIDE_OF_FIRST and min(first.width, first.height) > _SHORTEST:
        first = replace(first, width=round(first.width / 2), height=round(first.height / 2))
        if first.extent > 2 * _SIDE_OF_FIRST:  # large exemplars get smaller with the canvas
            first = replace(first, scale=first.scale / 2, extent=first.extent / 2)
        yield first
    yield from octaves


def _seconds_of_saving(given: Ingredients, octaves: list[Octave]) -> float:
    """What there is besides the steps: the canvas is enlarged; each stage is written, and the result, also of a job
    that has no octave left."""
    last = given.octaves[-1]
    texels = sum(octave.width * octave.height for octave in [*octaves, last])
    sample = given.exemplars[0].texels if given.exemplars else given.painted(last, torch.Generator())
    sample = sample[:, :, :_SIDE_OF_SAVED, :_SIDE_OF_SAVED]
    height, width = sample.shape[2:]
    began = time.monotonic()
    canvases.enlarge(sample, height + 1, width + 1, given.wrap, 1)
    kinds = given.job.canvas.maps
    for kind, layer in zip(kinds, sample.split([kind.channels for kind in kinds], dim=1), strict=True):
        image_file.encode(layer, kind, given.job.output)
    return (time.monotonic() - began) / (height * width) * texels
