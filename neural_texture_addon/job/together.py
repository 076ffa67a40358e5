"""What a job needs besides so that several maps of one surface stay together. For jobs that were made for one map.

Windows of 7 px of all maps at once are hundreds of numbers, and a few random filters a weak hold on what their texels
have in common. So windows of 2 px are compared, too: how the normals lean where the height rises; and single texels:
which colour goes with which gloss. And each window is drawn to the most similar one, of which all maps belong to each
other.
"""

from collections.abc import Iterator
from dataclasses import replace

from .description import Adam, Job, NearestPatches, Optimise, Patches, SlicedWasserstein, Step, StyleTerm, Term, limits

NEIGHBOURS_TOGETHER = SlicedWasserstein(features=Patches(size=2))
TEXELS_TOGETHER = SlicedWasserstein(weight=0.5, features=Patches(size=1, filters=16, stride=1))
"""Every texel at each iteration: with a stride less was kept. Sixteen directions see the few numbers of one."""
WINDOWS_TOGETHER = NearestPatches(weight=0.03, levels=3)
WINDOWS_FROM_SIZE = 60
"""In px: in smaller octaves an exemplar has few windows, and most would be copies of the same."""


def with_terms_for_several(job: Job) -> Job:
    """The job with these terms in each step that looks at the exemplars' style; as it is if it makes one map only.

    A step that is solved by L-BFGS stays as it is: it can't follow what is drawn anew at each iteration. So does one
    that has such terms already. Single texels are left out where the colour is given: it can't give way, and what
    follows it is moved to the exemplar's values after each step (`engine/dependence.py`).
    """
    if len(job.canvas.maps) == 1:
        return job
    small = (NEIGHBOURS_TOGETHER,) if job.canvas.colour else (NEIGHBOURS_TOGETHER, TEXELS_TOGETHER)
    return replace(job, steps=tuple(part for step in job.steps for part in _extended(step, small)))


def _extended(step: Step, small: tuple[SlicedWasserstein, ...]) -> Iterator[Step]:
    if not (isinstance(step, Optimise) and isinstance(step.solver, Adam)):
        yield step
        return
    if not any(isinstance(term, StyleTerm) for term in step.terms):
        yield step
        return
    there = set(map(_window, step.terms))
    terms = (*step.terms, *(term for term in small if _window(term) not in there))
    if any(isinstance(term, NearestPatches) for term in terms) or _ends_by(step, WINDOWS_FROM_SIZE):
        yield replace(step, terms=terms)
        return
    if step.from_size < WINDOWS_FROM_SIZE:
        yield replace(step, terms=terms, to_size=WINDOWS_FROM_SIZE)
    later = max(step.from_size, WINDOWS_FROM_SIZE)
    yield replace(step, terms=(*terms, WINDOWS_TOGETHER), from_size=later)


def _window(term: Term) -> int | None:
    """Side of the windows that it compares."""
    features = getattr(term, "features", None)
    return features.size if isinstance(features, Patches) else None


def _ends_by(step: Optimise, size: int) -> bool:
    return step.to_size <= size and step.to_size < limits(Optimise, "to_size")[1]
