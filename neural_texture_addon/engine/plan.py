"""How a step looks at its images, so that it fits into the memory that is there: whole, or in pieces.

A plan is made from arithmetic alone (`needs`), before anything is computed. If memory runs out all the same, there is
a smaller one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from ..job.description import Job, Optimise, Step
from . import memory, needs
from .errors import InputError
from .machine import SIMPLE, Machine
from .memory import GB
from .schedule import Octave, applies
from .tiles import IN_PLACE
from .tiles import Plan as Pieces

SMALLEST = 64
"""Texels: smaller pieces hardly take less, as the margins stay."""
_SIDES = tuple(2**n for n in range(13, 5, -1))
_LOOKS_AT_A_PIECE = 1.5
"""What the two of them cost, in one with its gradient, where there are two."""
_ROUND_IN_PLACE = 7
"""So many features a round costs besides its own: processors compute some 16 at once, even if there are fewer. Measured
by scripts/measure_forecast.py --rounds."""
_HARDLY_LONGER = 1.15
"""Times as long as as a whole, of which nothing is said."""
_SHARE = 0.85
"""Of the memory that is there: a forecast may be too low by as much as is left."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """For one step in one octave."""

    canvas: Pieces | None = None
    """None looks at it as a whole."""
    exemplars: Pieces | None = None
    """None looks at each as a whole."""
    need: int = 0
    """Bytes at the peak, besides the images as they were read."""
    times: float = 1.0
    """As long as as a whole, about."""


WHOLE = Plan()


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Knows a job and its images."""

    job: Job
    exemplars: Sequence[needs.Size] = ()
    """Height and width in the result."""
    machine: Machine = SIMPLE

    def plan(self, step: Step, octave: Octave, room: int, largest: Pieces | None = None) -> Plan | None:
        """The quickest one that fits into so many bytes; None if none does. `largest` is as large as it may be."""
        if not isinstance(step, Optimise) or not applies(step, octave):
            whole = self.whole(step, octave)
            return whole if whole.need <= room else None
        if largest is None and (plan := self._whole(step, octave, room)):
            return plan
        most = largest.side if largest else _SIDES[0]
        if self.machine.threads and needs.is_in_place(self.job, step, octave):
            most = min(most, IN_PLACE.side)  # a processor's; a graphics card wants large ones
        sides = [side for side in _SIDES if side <= most]
        found = [self._in_pieces(step, octave, room, side, cut=cut) for side in sides for cut in (False, True)]
        return min((plan for plan in found if plan), key=lambda plan: plan.times, default=None)

    def whole(self, step: Step, octave: Octave) -> Plan:
        """Without any pieces; it need not fit."""
        return self._plan(step, octave, None, None)

    def smallest(self, step: Step, octave: Octave) -> Plan:
        """The one that takes least; it need not fit."""
        if not isinstance(step, Optimise) or not applies(step, octave):
            return self.whole(step, octave)
        cut = None, Pieces(side=SMALLEST, room=0)
        return min((self._plan(step, octave, c, e) for c in cut for e in cut), key=lambda plan: plan.need)

    def _whole(self, step: Optimise, octave: Octave, room: int) -> Plan | None:
        """Of the canvas; the exemplars in pieces if need be."""
        cut = (None, *(Pieces(side=side, room=side**2) for side in _SIDES))
        plans = (self._plan(step, octave, None, exemplars) for exemplars in cut)
        return next((plan for plan in plans if plan.need <= room), None)

    def _in_pieces(self, step: Optimise, octave: Octave, room: int, side: int, *, cut: bool) -> Plan | None:
        """Of this side, with all the room for what is gathered that is left, and none that is not needed.

        `cut`: the exemplars, too.
        """

        def with_room(count: int) -> Plan:
            pieces = Pieces(side=side, room=count)
            return self._plan(step, octave, pieces, pieces if cut else None)

        left = room - with_room(0).need
        wanted = sum(plane * count for plane, count in needs.of_planes(self.job, step, octave))
        rooms = (min(int(share * left), wanted) for share in (1.0, 0.5, 0.25, 0.1, 0.0)) if left >= 0 else ()
        return next((plan for each in rooms if (plan := with_room(each)).need <= room), None)

    def _plan(self, step: Step, octave: Octave, canvas: Pieces | None, exemplars: Pieces | None) -> Plan:
        need = needs.of_step(self.job, step, octave, self.exemplars, canvas, exemplars, self.machine)
        times = self.times(step, octave, canvas) if canvas and isinstance(step, Optimise) else 1.0
        return Plan(canvas=canvas, exemplars=exemplars, need=need, times=times)

    def times(self, step: Optimise, octave: Octave, pieces: Pieces) -> float:
        """How many times as long as as a whole: rounds, in each of which each piece is looked at, with its margins."""
        planes, margin = needs.of_planes(self.job, step, octave), needs.margin(self.job, step, octave)
        seen = _seen(octave, pieces.side, margin)
        wanted = sum(plane * count for plane, count in planes)
        rounds = math.ceil(wanted / max(pieces.room, *(plane for plane, _ in planes))) if planes else 1
        if needs.is_in_place(self.job, step, octave):  # each round looks for what it gathers, and for nothing else
            if self.machine.threads:
                seen /= _seen(octave, IN_PLACE.side, margin)  # a processor looks at a whole in pieces, too
            return seen * (1 + (rounds - 1) * _ROUND_IN_PLACE / sum(count for _, count in planes))
        return _LOOKS_AT_A_PIECE * seen * rounds


def _seen(octave: Octave, side: int, margin: int) -> float:
    """Texels that pieces of this side see, with their margins, for each of the octave's."""
    sides = [(min(side, length), length) for length in (octave.height, octave.width)]
    return math.prod(1 + 2 * margin / own * (own < length) for own, length in sides)


def smaller(plan: Plan, octave: Octave) -> Plan | None:
    """Pieces of half the side, with room for a quarter; None if they are as small as can be."""
    side = max(octave.width, octave.height) if plan.canvas is None else plan.canvas.side
    if plan.canvas is not None and side <= SMALLEST:
        return None
    room = plan.need // 4 if plan.canvas is None else plan.canvas.room // 4
    half = max(1 << ((side - 1) // 2).bit_length(), SMALLEST)
    pieces = Pieces(side=half, room=room if half > SMALLEST else 0)
    return replace(plan, canvas=pieces, exemplars=pieces)


def fitting(planner: Planner, step: Step, octave: Octave, there: int, largest: Pieces | None = None) -> Plan | None:
    """The plan for a step where so many bytes are there; None if there are too few for any."""
    plan, smallest = planner.plan(step, octave, round(_SHARE * there), largest), planner.smallest(step, octave)
    return plan or (smallest if smallest.need <= there else None)


def check(
    planner: Planner, octaves: Sequence[Octave], device: torch.device, limit: float
) -> dict[tuple[int, Octave], Plan]:
    """The plan of each step (by its id) in each octave.

    Raises InputError if one can't fit, not even in the smallest pieces.
    """
    there, found = memory.available(device, limit), {}
    for octave in octaves:
        for step in planner.job.steps:
            plan = fitting(planner, step, octave, there)
            if plan is None:
                raise InputError(_refusal(planner, step, octave, there, limit))
            found[id(step), octave] = plan
    return found


def _refusal(planner: Planner, step: Step, octave: Octave, there: int, limit: float) -> str:
    canvas, need = planner.job.canvas, planner.smallest(step, octave).need
    how = "" if not isinstance(step, Optimise) else ", even in the smallest pieces"
    are = f"are left of the {limit:g} GB that it may take" if limit else "are free"
    return (
        f"canvas of {canvas.width}x{canvas.height} px: needs about {_size(need, math.ceil)} of memory{how}, "
        f"and {_size(there, math.floor)} {are}; choose a smaller size or another device"
    )


def _size(count: int, rounded: Callable[[float], int]) -> str:
    return f"{rounded(count / GB * 10) / 10} GB" if count >= GB else f"{rounded(count / GB * 1000)} MB"


def in_words(plan: Plan) -> str:
    """What it is like for who waits; empty if nothing is to be said."""
    if plan.canvas is None:
        return ""
    said = f"too large to look at as a whole: works in pieces of {plan.canvas.side} px, exact"
    if plan.times < _HARDLY_LONGER:
        return said
    times = f"{plan.times:.1f}" if plan.times < 3 else f"{plan.times:.0f}"
    return f"{said}, takes about {times.removesuffix('.0')} times as long"
