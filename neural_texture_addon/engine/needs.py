"""What a step takes in memory: arithmetic with the sizes of things, no tensor. `scripts/measure_memory.py` holds it
against what jobs take; `tests/engine/test_needs.py` against the bytes that live at once, term by term.

Three moments count: when the exemplars are looked at, when the canvas is (as a whole, or piece by piece), and when it
is enlarged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from ..job.description import Adam, Content, Job, MatchColours, Optimise, Solver, Step, Term
from .adjustments import BINS, SAMPLED
from .features.sharing import key_of, layers_of
from .look_needs import Look, Size
from .losses.kinds import Sorted, Transformed
from .machine import FLOAT, SIMPLE, Machine
from .schedule import Octave, applies, levels
from .tiles import Plan

_CANVASES_OF_ADAM = 6
"""What it changes, the iterate, the gradient and its two moments; and the last good one, to go back to."""
_CANVASES_OF_LBFGS = 10
"""What it changes, the iterate, its own four vectors, a gradient, and what is about to be remembered; and the last good
one. Besides, two for each iteration that it remembers."""
_CANVASES_TO_ENLARGE = 5
_OF_A_MATCHED_TEXEL = 70
"""Bytes of an exemplar's texel while its colours are brought in order."""
_OF_A_BIN = 60
"""Bytes of a bin into which the canvas's are sorted meanwhile."""
_STREAMS, _STREAMS_OF_ONE = 4, 2
"""Of tasks that a graphics card does side by side, besides one a look: one that asks, one that is recorded, some for
levels of the canvas; of a single look."""


def of_step(
    job: Job,
    step: Step,
    octave: Octave,
    exemplars: Sequence[Size] = (),
    plan: Plan | None = None,
    exemplar_plan: Plan | None = None,
    machine: Machine = SIMPLE,
) -> int:
    """Bytes at the peak, besides the images as they were read. `exemplars` have these heights and widths in the result.

    Without a plan the canvas is looked at as a whole; so are the exemplars without theirs.
    """
    canvas = of_canvas(job, octave)
    if not isinstance(step, Optimise) or not applies(step, octave):
        return round(canvas * _CANVASES_TO_ENLARGE + _of_colours(job, step, octave, exemplars))
    looks = [
        look
        for level, terms in levels(step.terms, octave)
        for look in _looks(job, terms, level, exemplars, exemplar_plan, machine)
    ]
    held = sum(look.held for look in looks) + _of_content(step, canvas) + _of_levels(job, step, octave)
    before = accumulate((look.held for look in looks), initial=0.0)  # one look is made after the other
    first = canvas + max(known + look.at_exemplars for known, look in zip(before, looks, strict=False))
    if plan is None:
        kept = accumulate(look.kept for look in looks)  # a look's gradient is found when those after it are done with
        while_looking = max(before + look.at_peak for before, look in zip(kept, looks, strict=True))
        while_looking += machine.workspace * (_STREAMS + len(looks) if len(looks) > 1 else _STREAMS_OF_ONE)
    else:
        while_looking = max(look.in_pieces(plan) for look in looks)
    while_looking = max(while_looking, *(look.at_draws for look in looks))
    return round(max(canvas * _CANVASES_TO_ENLARGE, first, held + _of_solver(step.solver, canvas) + while_looking))


def of_canvas(job: Job, octave: Octave) -> int:
    """Bytes."""
    return sum(kind.channels for kind in job.canvas.maps) * FLOAT * octave.width * octave.height


def of_planes(job: Job, step: Optimise, octave: Octave) -> list[tuple[int, int]]:
    """Bytes of a feature that has to be gathered, and how many such there are: for each layer of each term."""
    found = []
    for level, terms in levels(step.terms, octave):
        for term in terms:
            if isinstance(term, Sorted | Transformed):
                look = Look(key_of(term), [term], job.canvas.maps, level, [], None, SIMPLE)
                found += [(round(FLOAT * look.places(layer)), look.compared(term, layer)) for layer in layers_of(term)]
    return found


def is_in_place(job: Job, step: Optimise, octave: Octave) -> bool:
    """Whether pieces are looked at but once."""
    return all(look.is_in_place for look in _looks(job, step.terms, octave, [], None, SIMPLE))


def margin(job: Job, step: Optimise, octave: Octave) -> int:
    """Texels that a piece sees besides its own, on each side, through the lens that sees farthest."""
    return max(look.margin for look in _looks(job, step.terms, octave, [], None, SIMPLE))


def _looks(
    job: Job,
    terms: Sequence[Term],
    octave: Octave,
    exemplars: Sequence[Size],
    exemplar_plan: Plan | None,
    machine: Machine,
) -> list[Look]:
    """Through each lens of these terms."""
    scaled = [_scaled(size, octave.scale) for size in exemplars]
    return [
        Look(
            key,
            [term for term in terms if key_of(term) == key],
            job.canvas.maps,
            octave,
            scaled,
            exemplar_plan,
            machine,
        )
        for key in dict.fromkeys(map(key_of, terms))
    ]


def _of_colours(job: Job, step: Step, octave: Octave, exemplars: Sequence[Size]) -> float:
    """Exemplars at this scale, and what is matched of them."""
    if not isinstance(step, MatchColours) or not applies(step, octave):
        return 0
    texels = [math.prod(_scaled(size, octave.scale)) for size in exemplars]
    largest, each = max(texels, default=0), FLOAT * sum(kind.channels for kind in job.canvas.maps)
    scaling = largest * max(2 / octave.scale, 1 / octave.scale + 2)  # along one side after the other, in two copies
    matching = _OF_A_MATCHED_TEXEL * sum(min(count, SAMPLED) for count in texels) + _OF_A_BIN * BINS
    if octave.scale == 1:
        return matching
    return max(each * (sum(texels) - largest + scaling), each * sum(texels) + matching)


def _of_solver(solver: Solver, canvas: int) -> int:
    if isinstance(solver, Adam):
        return canvas * _CANVASES_OF_ADAM
    return canvas * (_CANVASES_OF_LBFGS + 2 * solver.history)


def _of_content(step: Optimise, canvas: int) -> int:
    """The content image at this size, and as it is fitted to a lens."""
    return canvas * 2 * any(isinstance(term, Content) for term in step.terms)


def _of_levels(job: Job, step: Optimise, octave: Octave) -> int:
    """The canvas at its smaller sizes, with the gradient of each."""
    return 2 * sum(of_canvas(job, level) for level, _ in levels(step.terms, octave)[1:])


def _scaled(size: Size, scale: float) -> Size:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
