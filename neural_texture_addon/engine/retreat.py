"""A step whose numbers run away goes back to its last good iterate, and on from there by smaller steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..job.events import Noted
from .errors import EngineError
from .solver import Seen

if TYPE_CHECKING:
    from torch import Tensor

Begin = Callable[[int, float, Seen], Iterator["Tensor"]]
"""Changes the canvas in so many iterations, by such a share of the solver's usual step; yields the loss of each."""
_SHORTER = 0.25
"""Each retreat makes the steps so much shorter."""
_MOST = 5
"""Retreats of a step: after the last its steps are a thousandth of what they were."""
_FAR, _SMALL = 100.0, 0.001
"""Times its first value by which a loss may have risen in the end; or times that share of the terms' weights, if the
first is less. On the way more may be, as it may come down again."""


class Retreat:
    """The iterations of one step. It looks at losses now and then; a graphics card is waited for at no other time."""

    def __init__(self, canvas: Tensor, iterations: int, weights: float, begin: Begin, octave: int) -> None:
        """`weights`: what the terms' come to, without their signs."""
        self._canvas, self._iterations, self._begin = canvas, iterations, begin
        self._least, self._octave = weights * _SMALL, octave
        self._good, self._done_when_good = canvas.clone(), 0
        self._first: float | None = None
        self._asked = True
        self._retreats = 0
        self._said: list[Noted] = []
        self.done = 0
        """Iterations that led to the canvas as it is."""
        self.loss = math.nan
        """As it was last seen."""

    def __iter__(self) -> Iterator[Tensor]:
        """The loss of each iteration. Raises EngineError if going back is of no use."""
        while self.done < self._iterations:
            try:
                for loss in self._begin(self._iterations - self.done, _SHORTER**self._retreats, self._see):
                    self.done += 1
                    if self.done == self._iterations:
                        self._check_canvas()
                    yield loss
                if self.done < self._iterations:  # it has converged
                    self._check(float(loss), last=True)
                    self._check_canvas()
                return
            except _LostError as lost:
                self._go_back(str(lost))

    def ask(self) -> None:
        """Lets it look at the next loss, whatever computes it. On a CPU, where it costs nothing, it looks at all."""
        self._asked = True

    def notes(self) -> Iterator[Noted]:
        """What is to be said since it was last asked."""
        while self._said:
            yield self._said.pop(0)

    def leave(self) -> None:
        """Before the last iteration: with a canvas that holds numbers."""
        try:
            self._check_canvas()
        except _LostError:
            self._canvas.copy_(self._good)

    def _see(self, loss: Tensor) -> None:
        last = self.done == self._iterations - 1
        if not (self._asked or last or loss.device.type == "cpu"):
            return
        self._asked = False
        if self._check(float(loss), last=last):
            self._good.copy_(self._canvas)
            self._done_when_good = self.done

    def _check(self, loss: float, *, last: bool) -> bool:
        """Whether it is good; the last has to be."""
        if not math.isfinite(loss):
            raise _LostError(f"the loss became {loss}")
        self.loss = loss
        self._first = loss if self._first is None else self._first
        good = loss - self._first <= _FAR * max(abs(self._first), self._least)
        if last and not good:
            raise _LostError(f"the loss rose from {self._first:.3g} to {loss:.3g}")
        return good

    def _check_canvas(self) -> None:
        """No loss tells of the last change."""
        if not math.isfinite(value := float(self._canvas.mean())):
            raise _LostError(f"the canvas became {value}")

    def _go_back(self, reason: str) -> None:
        self._retreats += 1
        if self._retreats > _MOST:
            raise EngineError(
                f"{reason} in octave {self._octave}, again and again, however small the steps; "
                "lower the terms' weights or the learning rate"
            )
        self._canvas.copy_(self._good)
        self.done, self._asked = self._done_when_good, True
        where = f"from iteration {self.done}" if self.done else "from the octave's beginning"
        smaller = f"by steps {1 / _SHORTER**self._retreats:.0f} times smaller"
        self._said.append(Noted(message=f"octave {self._octave}: {reason}; goes on {where} {smaller}"))


class _LostError(Exception):
    """The numbers are none any more, or far off."""
