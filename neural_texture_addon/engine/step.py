"""One step of a job in one octave: the canvas is optimised, or adjusted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..job.description import MatchColours, Optimise
from . import adjustments, solver
from .adjustments import Adjustment
from .objective import Objective, Surroundings

if TYPE_CHECKING:
    from torch import Tensor


def optimise(step: Optimise, canvas: Tensor, around: Surroundings, iterations: int) -> Iterator[Tensor]:
    """Changes the canvas in place; yields the loss of each iteration, still on its device."""
    solving = dataclasses.replace(step.solver, iterations=iterations)
    return solver.minimise(canvas, Objective(step.terms, canvas, around), solving)


def adjust(step: Adjustment, canvas: Tensor, around: Surroundings) -> Tensor:
    """The canvas after it. The exemplars' colours, too, are those at the octave's scale: less contrast where detail
    is lost."""
    scale, matches = around.octave.scale, isinstance(step, MatchColours)
    exemplars = [dataclasses.replace(e, texels=e.at(scale)) for e in around.exemplars if matches]
    return adjustments.apply(step, canvas, exemplars, around.maps, around.wrap, around.generator)
