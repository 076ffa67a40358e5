"""The optimiser on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from ..job.description import Adam, Lbfgs, Solver
from . import lbfgs
from .convergence import Convergence

if TYPE_CHECKING:
    from torch import Tensor

Objective = Callable[["Tensor"], "Tensor"]
Descend = Callable[[Objective, "Tensor", float], "Tensor"]
"""Puts the gradient of so many times the loss into the iterate's `grad`; what it was is lost. Returns that loss."""
Seen = Callable[["Tensor"], None]
"""Is told the loss of each iteration while the canvas is still what it is the loss of; may end it by an exception."""
_DECAYS = 0.9, 0.999
"""Of Adam's two moments; Kingma & Ba's."""
_COOLING = 0.5
"""Iterations in which Adam's step falls to its last once it has converged, as a share of those so far."""
_SMALL = 1e-8
"""What Adam adds to the root of the second. Next to the gradients of a mean over a large canvas it would not be small,
so they are those of a sum."""


def descend(objective: Objective, iterate: Tensor, scale: float) -> Tensor:
    """In one go."""
    iterate.grad = None
    loss = objective(iterate) * scale
    loss.backward()
    return loss.detach()


def minimise(
    canvas: Tensor,
    objective: Objective,
    solver: Solver,
    descend: Descend = descend,
    *,
    share: float = 1.0,
    seen: Seen = lambda _: None,
) -> Iterator[Tensor]:
    """Changes `canvas` (values 0 to 1) in place; yields the loss of each iteration, still on its device.

    At each yield the canvas is what it would be if this were the last. It ends early once it has converged. `share`: of
    the solver's usual step.
    """
    match solver:
        case Adam():
            return _adam(canvas, objective, solver, descend, share, seen)
        case Lbfgs():
            return _lbfgs(canvas, objective, solver, descend, share, seen)


def _adam(
    canvas: Tensor, objective: Objective, adam: Adam, descend: Descend, share: float, seen: Seen
) -> Iterator[Tensor]:
    """Adam (Kingma & Ba 2015) with a step that falls linearly, and sooner once the loss falls no more.

    At the end the canvas is the average of the last iterates (Polyak & Juditsky 1992): the noise of random features
    cancels out in it. The step is torch's, bit for bit on the CPU, but takes no memory besides the gradient's own:
    so it can't fail half-way.
    """
    iterate = canvas.clone().requires_grad_()
    mean, square = torch.zeros_like(canvas), torch.zeros_like(canvas)
    convergence = Convergence(adam.iterations, adam.tolerance)
    fall = _Fall(
        start=0,
        end=adam.iterations,
        high=adam.learning_rate,
        low=adam.final_learning_rate,
        averaged=_first_averaged(adam, 0, adam.iterations),
    )
    i = 0
    while i < fall.end:
        rate = share * fall.rate(i)
        loss = descend(objective, iterate, iterate.numel()) / iterate.numel()  # of a sum: see _SMALL
        seen(loss)
        with torch.no_grad():
            gradient = iterate.grad
            assert gradient is not None
            mean.lerp_(gradient, 1 - _DECAYS[0])
            square.mul_(_DECAYS[1]).addcmul_(gradient, gradient, value=1 - _DECAYS[1])
            biases = [1 - decay ** (i + 1) for decay in _DECAYS]
            root = torch.sqrt(square, out=gradient).div_(biases[1] ** 0.5).add_(_SMALL)
            iterate.addcdiv_(mean, root, value=-rate / biases[0]).clamp_(0, 1)
            if i <= fall.averaged:
                canvas.copy_(iterate)
            else:
                canvas += torch.sub(iterate, canvas, out=gradient).div_(i - fall.averaged + 1)
        i += 1
        if convergence.reached(loss):
            fall = fall.sooner(i, adam)
        yield loss


@dataclass(frozen=True, kw_only=True)
class _Fall:
    """Of Adam's step, linear to its last value."""

    start: int
    """The iteration that has the `high` one."""
    end: int
    """How many iterations there are in all."""
    high: float
    low: float
    averaged: int
    """The first iteration whose iterate is part of the average."""

    def rate(self, i: int) -> float:
        done = (i - self.start) / max(self.end - 1 - self.start, 1)
        return self.high + done * (self.low - self.high)

    def sooner(self, i: int, adam: Adam) -> _Fall:
        """From here, the i-th, to an early end."""
        end = i + max(round(_COOLING * i), 1)
        if end >= self.end:
            return self
        averaged = self.averaged if self.averaged < i else _first_averaged(adam, i, end)
        return replace(self, start=i, end=end, high=self.rate(i), averaged=averaged)


def _first_averaged(adam: Adam, start: int, end: int) -> int:
    return min(start + int(adam.average_from * (end - start)), end - 1)


def _lbfgs(
    canvas: Tensor, objective: Objective, wanted: Lbfgs, descend: Descend, share: float, seen: Seen
) -> Iterator[Tensor]:
    """L-BFGS (Liu & Nocedal 1989). It takes the objective for a smooth function, the same at each call.

    Values may leave 0..1 on the way, since clipping would belie the curvature it has learned; they are clipped at the
    end. A `ValueRange` term keeps them near.
    """
    iterate = canvas.clone(memory_format=torch.contiguous_format).requires_grad_()

    def evaluate() -> Tensor:
        """Of a sum over the canvas, as curvatures under 1e-10 count as none."""
        return descend(objective, iterate, iterate.numel())

    solver = lbfgs.Lbfgs(iterate, evaluate, min(wanted.history, wanted.iterations), share)
    convergence = Convergence(wanted.iterations, wanted.tolerance)
    for _ in range(wanted.iterations):
        loss = solver.loss / iterate.numel()
        solver.step()
        seen(loss)
        canvas.copy_(iterate.detach()).clamp_(0, 1)
        yield loss
        if convergence.reached(loss):
            return
