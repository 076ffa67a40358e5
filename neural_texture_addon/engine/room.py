"""The memory of a job under way: plans its steps by what is free at that moment, and says what changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch

from ..job.description import Step
from ..job.events import Noted
from . import device, memory, needs
from .plan import Plan, Planner, fitting, in_words
from .schedule import Octave
from .tiles import Plan as Pieces


class Room:
    """On one device."""

    def __init__(self, where: torch.device, limit: float, foreseen: Mapping[tuple[int, Octave], Plan]) -> None:
        """`limit` in gigabytes, 0 for none. `foreseen`: the plan of each step (by its id) in each octave."""
        self._device, self._limit, self._foreseen = where, limit, foreseen
        self._plan, self._said = Plan(), False
        self._short: Pieces | None = None
        """What was left when memory ran short: from then on no pieces are larger."""

    def plan(self, planner: Planner, step: Step, octave: Octave) -> Plan:
        """For a step that begins: as foreseen when the job began, unless less memory is there than it needs by now."""
        memory.give_back_what_is_free()
        there = memory.available(self._device, self._limit) + needs.of_canvas(planner.job, octave)  # which is there
        plan = self._foreseen.get((id(step), octave))
        if plan is None or plan.need > there or self._short:
            plan = fitting(planner, step, octave, there, self._short)
        self._plan = plan or planner.smallest(step, octave)
        if self._plan.canvas or self._plan.exemplars:
            device.give_freed_memory_back()
        return self._plan

    def note(self) -> Iterator[Noted]:
        """What is to be said before the job begins: of the finest octave that has to be done in pieces."""
        if words := next(filter(None, map(in_words, reversed([*self._foreseen.values()]))), ""):
            self._said = True
            yield Noted(message=words)

    def notes(self, plan: Plan) -> Iterator[Noted]:
        """What is to be said of a plan that is followed from now on."""
        if plan is not self._plan:
            assert plan.canvas is not None
            self._plan, self._short = plan, plan.canvas
            device.give_freed_memory_back()
            yield Noted(message=f"memory ran short: goes on in pieces of {plan.canvas.side} px, nothing is lost")
        elif not self._said and (words := in_words(plan)):
            self._said = True
            yield Noted(message=words)
