"""How much of a job is done and how long the rest may take."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..job.description import Features, NearestPatches, Optimise, Patches, Step, Term, Texels, Vgg19
from . import schedule
from .features import vgg
from .features.sharing import key_of

_SECONDS_BETWEEN_REPORTS = 0.1
_WINDOWS_OF_AN_ITERATION = 1000.0
"""What it costs beside what it sees."""
_CANDIDATES_PER_WINDOW = 8192.0
"""With so many candidates a window is compared in the time that a window of patches takes."""
_WINDOWS_PER_TEXEL = 3.0
"""What a texel costs in VGG-19 up to conv3_4, in windows of patches."""


class Clock:
    """Counts iterations, each with its cost."""

    def __init__(self, steps: Iterable[Step], octaves: list[schedule.Octave], done: int = 0) -> None:
        """Starts with the first iteration after so many octaves that are done."""
        self._began = self._last_report = time.monotonic()
        costs = [
            sum(
                cost_of_iteration(step, octave) * schedule.iterations(step.solver, octave)
                for step in steps
                if isinstance(step, Optimise) and schedule.applies(step, octave)
            )
            for octave in octaves
        ]
        self._total = sum(costs)
        self._done = self._done_before = sum(costs[:done])

    def advance(self, step: Optimise, octave: schedule.Octave) -> bool:
        """Counts one iteration; whether it is time to report."""
        self._done += cost_of_iteration(step, octave)
        now = time.monotonic()
        if now - self._last_report < _SECONDS_BETWEEN_REPORTS:
            return False
        self._last_report = now
        return True

    def spare(self, step: Optimise, octave: schedule.Octave, iterations: int) -> None:
        """Counts so many no more: there is no need for them."""
        self._total -= cost_of_iteration(step, octave) * iterations

    def leave_out(self, seconds: float) -> None:
        """Takes off a time in which nothing was done."""
        self._began += seconds

    @property
    def fraction(self) -> float:
        """Share of the work that is done, 0 to 1."""
        return min(self._done / self._total, 1.0)

    @property
    def seconds_left(self) -> float | None:
        """As the work has gone so far; None while it can't be told."""
        worked, left = self._done - self._done_before, max(self._total - self._done, 0.0)
        if worked < 0.02 * (worked + left):
            return None
        return (time.monotonic() - self._began) * left / worked


def cost_of_iteration(step: Optimise, octave: schedule.Octave) -> float:
    """In windows of patches seen, with what an iteration costs beside them."""
    return _WINDOWS_OF_AN_ITERATION + windows_seen(step, octave)


def windows_seen(step: Optimise, octave: schedule.Octave) -> float:
    """The part of the cost that grows with the canvas: in windows of patches."""
    return sum(_seen_at(level, terms) for level, terms in schedule.levels(step.terms, octave))


def _seen_at(octave: schedule.Octave, terms: tuple[Term, ...]) -> float:
    seen, texels = 0.0, octave.width * octave.height
    for features in _looked_through(terms):
        match features:
            case Patches(stride=stride, stride_from=stride_from):
                seen += texels / (stride**2 if octave.side >= stride_from else 1)
            case Vgg19(layers=layers):
                seen += texels * _WINDOWS_PER_TEXEL * vgg.PLACES[vgg.deepest(layers)].convolutions / 8
            case NearestPatches(stride=stride, candidates=candidates):
                seen += texels / stride**2 * (candidates / _CANDIDATES_PER_WINDOW)
            case _:
                seen += texels / 10
    return seen


def _looked_through(terms: tuple[Term, ...]) -> Iterable[Features | NearestPatches]:
    """Each family once, as terms share it: equal patches, and a network as deep as any of them needs it."""
    families: dict[object, Features | NearestPatches] = {}
    for term in terms:
        key = key_of(term)
        features = key if isinstance(key, NearestPatches) else getattr(term, "features", Texels())
        match features:
            case Vgg19(pooling=pooling):
                before = families.get(pooling)
                shared = dict(before.layers) if isinstance(before, Vgg19) else {}
                wanted = {layer: weight for layer, weight in features.layers.items() if weight}
                families[pooling] = Vgg19(layers=shared | wanted, pooling=pooling)
            case _:
                families[features] = features
    return families.values()
