"""The octaves of a job: their sizes and what they cost. Plain arithmetic, no tensors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..job.description import Canvas, Octaves, Solver, Step, Term, limits

SMALLEST_LEVEL = 40
"""Px of the shorter side: about what the network's deepest layer of the defaults sees at a place."""
_SHARE_OF_A_LEVEL = 0.25
"""Of the next finer one's weight: as it has a quarter of its texels."""


@dataclass(frozen=True, kw_only=True)
class Octave:
    """One scale of the pyramid."""

    width: int
    height: int
    scale: float
    """Length of a side here over its length in the result; the exemplars are scaled by it too."""
    fineness: float
    """0 for the coarsest octave, 1 for the finest, in equal steps."""
    extent: float
    """The shorter side of the canvas or of the smallest exemplar, whichever is less, in px: what statistics rest on."""

    @property
    def side(self) -> float:
        """Side of the square with this octave's area, in px."""
        return math.sqrt(self.width * self.height)


def octaves(canvas: Canvas, pyramid: Octaves, exemplar_side: float) -> list[Octave]:
    """The octaves from coarse to fine.

    `exemplar_side` is the length in px of the shortest side of any exemplar at the result's texel size. The coarsest
    octave shows the shorter of it and the canvas's shorter side at `pyramid.start_size` px; the factor between
    octaves is the one nearest to `pyramid.growth` that ends at the canvas's size exactly.
    """
    extent = min(canvas.width, canvas.height, exemplar_side)
    coarsest = min(1.0, pyramid.start_size / extent)
    count = max(round(-math.log(coarsest) / math.log(pyramid.growth)), 1 if coarsest < 1 else 0)
    steps = [i / count for i in range(count)] + [1.0]
    return [
        Octave(
            width=max(1, round(canvas.width * coarsest ** (1 - step))),
            height=max(1, round(canvas.height * coarsest ** (1 - step))),
            scale=coarsest ** (1 - step),
            fineness=step,
            extent=extent * coarsest ** (1 - step),
        )
        for step in steps
    ]


def up_to(octaves: list[Octave], size: int) -> list[Octave]:
    """The octaves up to the first whose longer side has that many px; all of them if `size` is 0."""
    large = (count for count, octave in enumerate(octaves, 1) if size and max(octave.width, octave.height) >= size)
    return octaves[: next(large, None)]


def levels(terms: Sequence[Term], octave: Octave) -> list[tuple[Octave, tuple[Term, ...]]]:
    """The canvas at its own size and halved again and again, with the terms that look at it there, weighed for it.

    Terms look at no level that is too small to show anything.
    """
    found = [(octave, tuple(terms))]
    for level in range(1, max(map(_levels_of, terms))):
        size, share = 0.5**level, _SHARE_OF_A_LEVEL**level
        if octave.extent * size < SMALLEST_LEVEL:
            break
        there = [term for term in terms if _levels_of(term) > level]
        found.append((_scaled(octave, size), tuple(replace(term, weight=share * term.weight) for term in there)))
    return found


def _levels_of(term: Term) -> int:
    return getattr(term, "levels", 1)


def _scaled(octave: Octave, by: float) -> Octave:
    return replace(
        octave,
        width=max(1, round(octave.width * by)),
        height=max(1, round(octave.height * by)),
        scale=octave.scale * by,
        extent=octave.extent * by,
    )


def applies(step: Step, octave: Octave) -> bool:
    """Whether an octave's extent is among those that the step is for."""
    unlimited = step.to_size == limits(type(step), "to_size")[1]
    return octave.extent >= step.from_size and (unlimited or octave.extent < step.to_size)


def iterations(solver: Solver, octave: Octave) -> int:
    """How often the solver iterates in an octave: geometric between the coarsest and the finest."""
    return round(solver.coarse_iterations ** (1 - octave.fineness) * solver.iterations**octave.fineness)
