"""The objective at several sizes at once: fine octaves keep the large shapes that coarse ones found.

A Gaussian pyramid of the canvas, each level with the loss terms that look at so many (Snelgrove 2017, "High-resolution
multi-scale neural texture synthesis").
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import torch

from ..job.description import Term
from . import schedule, torus
from .device import at_once
from .objective import Objective, Surroundings
from .schedule import Octave
from .tiles import Plan

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


class Pyramid:
    """The objective of one step in one octave: called with the canvas, it returns the loss."""

    def __init__(
        self,
        terms: tuple[Term, ...],
        start: Float[Tensor, "1 c h w"],
        around: Surroundings,
        plan: Plan | None = None,
        exemplar_plan: Plan | None = None,
    ) -> None:
        """As an `Objective`."""
        self._wrap = around.wrap
        self._levels: list[tuple[Octave, Objective]] = []
        for level, of_level in schedule.levels(terms, around.octave):
            there = dataclasses.replace(around, octave=level)
            objective = Objective(of_level, self._at(level, start), there, plan, exemplar_plan)
            self._levels.append((level, objective))
        self._drawn: list[Tensor] | None = None
        self._again: list[Tensor] | None = None

    def draw(self, shape: Sequence[int]) -> list[Tensor]:
        """All random numbers of one iteration on a canvas of this shape, on the CPU; as many each time."""
        found, self._again, self._drawn = self._again, None, None
        if found is None:
            sizes = [(objective, (level.height, level.width)) for level, objective in self._levels]
            found = [numbers for objective, size in sizes for numbers in objective.draw((*shape[:2], *size))]
        self._drawn = found
        return found

    def __call__(self, canvas: Float[Tensor, "1 c h w"], drawn: Sequence[Tensor] | None = None) -> Float[Tensor, ""]:
        """The sum over all levels. Random features are drawn anew at each call, if they are not given."""
        numbers = iter(self.draw(canvas.shape) if drawn is None else drawn)
        works = [partial(self._of, *each, canvas, numbers) for each in self._levels]
        return torch.stack(at_once(works, canvas)).sum()

    def _of(self, level: Octave, objective: Objective, canvas: Tensor, numbers: Iterator[Tensor]) -> Tensor:
        return objective(self._at(level, canvas), numbers)

    def replan(self, plan: Plan) -> None:
        """Looks in pieces from now on; draws first once more what was drawn last."""
        self._again = self._drawn
        for _, objective in self._levels:
            objective.replan(plan)

    def _at(self, level: Octave, canvas: Tensor) -> Tensor:
        return torus.resize(canvas, level.height, level.width, self._wrap, roughly=True)
