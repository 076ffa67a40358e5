"""The memory of a job under way: plans its steps by what is free at that moment, and says what changes."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from ..job.description import Step
from ..job.events import Noted
from . import memory
from .plan import Plan, Planner, fitting, in_words
from .schedule import Octave
from .tiles import Plan as Pieces


class Room:
    """On one device."""

    def __init__(self, device: torch.device, limit: float, *, said: bool) -> None:
        """`limit` in gigabytes, 0 for none. `said`: that the job works in pieces is known."""
        self._device, self._limit, self._said = device, limit, said
        self._plan = Plan()
        self._short: Pieces | None = None
        """What was left when memory ran short: from then on no pieces are larger."""

    def plan(self, planner: Planner, step: Step, octave: Octave) -> Plan:
        """For a step that begins. What is there of memory may have changed since the last."""
        there = memory.available(self._device, self._limit)
        plan = fitting(planner, step, octave, there, self._short)
        self._plan = plan or planner.smallest(step, octave)
        return self._plan

    def notes(self, plan: Plan) -> Iterator[Noted]:
        """What is to be said of a plan that is followed from now on."""
        if plan is not self._plan:
            assert plan.canvas is not None
            self._plan, self._short = plan, plan.canvas
            yield Noted(message=f"memory ran short: goes on in pieces of {plan.canvas.side} px, nothing is lost")
        elif not self._said and (words := in_words(plan)):
            self._said = True
            yield Noted(message=words)
