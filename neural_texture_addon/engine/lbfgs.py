"""L-BFGS (Liu & Nocedal 1989) whose vectors are taken once, at the start, and then changed in place.

It makes the steps of torch.optim.LBFGS, with its line search (Schmidt 2005, minFunc), to rounding: that is held in
tests/engine/test_lbfgs.py. That one takes its vectors anew at each iteration, and more of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from torch import Tensor

Evaluate = Callable[[], "Tensor"]
"""Puts the gradient at the iterate into the iterate's `grad`, which the next call may write over; gives the loss."""
_DECREASE, _CURVATURE = 1e-4, 0.9
"""c1 and c2 of the strong Wolfe conditions: sufficient decrease of the loss, and of its slope."""
_MOST = 25
"""Evaluations along one direction."""
_LEAST_CURVATURE = 1e-10
"""Of a step that is remembered."""
_SHORTEST = 1e-9
"""Of the way between two points, in the coordinate that changes most: nothing is looked for between nearer ones."""


class Lbfgs:
    """An iterate under way."""

    def __init__(self, iterate: Tensor, evaluate: Evaluate, history: int, rate: float) -> None:
        """Looks at the iterate: of any shape, contiguous, with `requires_grad`.

        `history`: steps that are remembered. `rate`: the first step tried along each direction, 0 to 1.
        """
        self._iterate, self._evaluate, self._rate = iterate, evaluate, rate
        flat = iterate.detach().view(-1)
        self._start, self._direction, self._gradient, self._kept = (torch.empty_like(flat) for _ in range(4))
        self._past = _Past(history, flat)
        self._fresh, self._stuck, self._lost = True, False, False
        self.loss = evaluate()
        """At the iterate. No number if its gradient is none."""
        self._gradient.copy_(self._seen())
        if not math.isfinite(torch.linalg.vector_norm(self._gradient)):
            self._lose()

    @torch.no_grad()
    def step(self) -> None:
        """Move on, or stay if there is no way down, not even along the gradient. Without numbers the loss is none."""
        if self._stuck or not math.isfinite(self.loss):
            return
        slope = self._choose_direction()
        self._lost = not math.isfinite(slope)
        if slope < 0 and self._descend(slope):
            self._fresh = False
            return
        if self._lost:
            self._lose()
        self._stuck = self._fresh
        self._fresh = True
        self._past.forget()

    def _descend(self, slope: float) -> bool:
        """Whether it has moved along the direction."""
        rate = self._rate
        if self._fresh:
            rate *= min(1.0, 1.0 / float(torch.linalg.vector_norm(self._gradient, 1)))
        self._start.copy_(self._iterate.view(-1))
        start, reach = _Point(0.0, float(self.loss), slope), float(torch.linalg.vector_norm(self._direction, math.inf))
        found = _search(self._look, self._keep, start, rate, reach)
        self._go(found.at)
        if found.at == 0.0:
            return False
        self._past.add(self._direction, found.at, self._kept, self._gradient)
        self._gradient, self._kept = self._kept, self._gradient
        self.loss = self.loss.new_tensor(found.loss)
        return True

    def _lose(self) -> None:
        """Let the loss be no number."""
        self.loss = torch.full_like(self.loss, math.nan)

    def _choose_direction(self) -> float:
        """Downhill, as the past has it; the slope along it."""
        torch.neg(self._gradient, out=self._direction)
        self._past.bend(self._direction)
        return float(self._gradient.dot(self._direction))

    def _look(self, at: float) -> _Point:
        self._go(at)
        with torch.enable_grad():
            loss = float(self._evaluate())
        slope = float(self._seen().dot(self._direction))
        if math.isfinite(loss) and math.isfinite(slope):
            return _Point(at, loss, slope)
        self._lost = True
        return _Point(at, math.inf, math.nan)

    def _go(self, at: float) -> None:
        self._iterate.view(-1).copy_(self._start).add_(self._direction, alpha=at)

    def _keep(self) -> None:
        self._kept.copy_(self._seen())

    def _seen(self) -> Tensor:
        gradient = self._iterate.grad
        assert gradient is not None
        return gradient.reshape(-1)


class _Past:
    """The last steps, and by how much each changed the gradient."""

    def __init__(self, size: int, like: Tensor) -> None:
        self._steps, self._changes = (like.new_empty(size + 1, len(like)) for _ in range(2))  # one is being made
        self._curvatures, self._shares = (like.new_empty(size + 1) for _ in range(2))
        self._scale = like.new_ones(())
        self._places: list[int] = []
        """Of the remembered ones, the oldest first."""
        self._free = 0

    def add(self, direction: Tensor, rate: float, gradient: Tensor, before: Tensor) -> None:
        """Remember a step, if the loss is curved upwards along it, in place of the oldest."""
        place = self._free
        step = torch.mul(direction, rate, out=self._steps[place])
        change = torch.sub(gradient, before, out=self._changes[place])
        curvature = change.dot(step)
        if not float(curvature) > _LEAST_CURVATURE:
            return
        self._curvatures[place] = curvature
        torch.div(curvature, change.dot(change), out=self._scale)
        self._places.append(place)
        full = len(self._places) == len(self._steps)
        self._free = self._places.pop(0) if full else len(self._places)

    def forget(self) -> None:
        """All of it."""
        self._places.clear()
        self._free = 0
        self._scale.fill_(1)

    def bend(self, vector: Tensor) -> None:
        """Multiply it by the inverse Hessian as far as known: the two-loop recursion (Nocedal 1980)."""
        for place in reversed(self._places):
            share = torch.div(self._steps[place].dot(vector), self._curvatures[place], out=self._shares[place])
            torch.addcmul(vector, self._changes[place], share, value=-1, out=vector)
        vector.mul_(self._scale)
        for place in self._places:
            share = self._shares[place] - self._changes[place].dot(vector) / self._curvatures[place]
            torch.addcmul(vector, self._steps[place], share, out=vector)


class _Point(NamedTuple):
    """On the way along a direction."""

    at: float
    loss: float
    slope: float


def _search(
    look: Callable[[float], _Point], keep: Callable[[], None], start: _Point, rate: float, reach: float
) -> _Point:
    """A point that meets the strong Wolfe conditions (Nocedal & Wright 2006, algorithms 3.5 and 3.6), or the best seen.

    `reach`: the largest coordinate of the direction. `keep` is called when the last point may be the one.
    """

    def falls(point: _Point) -> bool:
        return point.loss <= start.loss + _DECREASE * point.at * start.slope

    def is_flat(point: _Point) -> bool:
        return abs(point.slope) <= -_CURVATURE * start.slope

    before, point, looks = start, look(rate), 1
    while falls(point) and not (looks > 2 and point.loss >= before.loss):
        if is_flat(point) or looks == _MOST:
            keep()
            return point
        if point.slope >= 0:
            break
        keep()
        farther = point.at + 0.01 * (point.at - before.at), point.at * 10
        before, point, looks = point, look(_between(before, point, *farther)), looks + 1
    low, high = before, point
    if high.loss < low.loss:
        low, high = high, low
        keep()
    stuck = False
    while looks < _MOST and abs(high.at - low.at) * reach >= _SHORTEST:
        first, last = sorted((low.at, high.at))
        at, margin = _between(low, high, first, last), 0.1 * (last - first)
        near = min(last - at, at - first) < margin
        if near and (stuck or not first < at < last):
            at, near = (last - margin if last - at < at - first else first + margin), False
        stuck = near
        point, looks = look(at), looks + 1
        if falls(point) and point.loss < low.loss:
            if is_flat(point):
                keep()
                return point
            low, high = point, low if point.slope * (high.at - low.at) >= 0 else high
            keep()
        elif point.loss < low.loss:
            low, high = point, low
            keep()
        else:
            high = point
    return low


def _between(one: _Point, other: _Point, first: float, last: float) -> float:
    """Where the cubic through both has its minimum (Nocedal & Wright 2006, equation 3.59), within these bounds."""
    one, other = sorted((one, other))
    if one.at < other.at:
        middle = one.slope + other.slope - 3 * (one.loss - other.loss) / (one.at - other.at)
        square = middle * middle - one.slope * other.slope
        root = math.sqrt(square) if square >= 0 else math.nan
        divisor = other.slope - one.slope + 2 * root
        at = other.at - (other.at - one.at) * ((other.slope + root - middle) / (divisor or math.nan))
        if math.isfinite(at):
            return min(max(at, first), last)
    return (first + last) / 2
