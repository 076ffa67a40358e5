"""The optimiser on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch

from ..job.description import Adam, Lbfgs, Solver

if TYPE_CHECKING:
    from torch import Tensor

Objective = Callable[["Tensor"], "Tensor"]
_LONGEST_SEARCH = 25
"""Evaluations along one direction of L-BFGS."""


def minimise(canvas: Tensor, objective: Objective, solver: Solver) -> Iterator[Tensor]:
    """Changes `canvas` (values 0 to 1) in place; yields the loss of each iteration, still on its device.

    At each yield the canvas is what it would be if this were the last.
    """
    match solver:
        case Adam():
            return _adam(canvas, objective, solver)
        case Lbfgs():
            return _lbfgs(canvas, objective, solver)


def _adam(canvas: Tensor, objective: Objective, adam: Adam) -> Iterator[Tensor]:
    """Adam (Kingma & Ba 2015) with a step that falls linearly.

    At the end the canvas is the average of the last iterates (Polyak & Juditsky 1992): the noise of random features
    cancels out in it.
    """
    iterate = canvas.clone().requires_grad_()
    solver = torch.optim.Adam([iterate], lr=adam.learning_rate)
    first_averaged = min(int(adam.average_from * adam.iterations), adam.iterations - 1)
    for i in range(adam.iterations):
        done = i / max(adam.iterations - 1, 1)
        solver.param_groups[0]["lr"] = adam.learning_rate + done * (adam.final_learning_rate - adam.learning_rate)
        solver.zero_grad()
        loss = objective(iterate)
        loss.backward()
        solver.step()
        with torch.no_grad():
            iterate.clamp_(0, 1)
            if i <= first_averaged:
                canvas.copy_(iterate)
            else:
                canvas += (iterate - canvas) / (i - first_averaged + 1)
        yield loss.detach()


def _lbfgs(canvas: Tensor, objective: Objective, lbfgs: Lbfgs) -> Iterator[Tensor]:
    """L-BFGS (Liu & Nocedal 1989). It takes the objective for a smooth function, the same at each call.

    Values may leave 0..1 on the way, since clipping would belie the curvature it has learned; they are clipped at the
    end. A `ValueRange` term keeps them near.
    """
    iterate = canvas.clone().requires_grad_()
    solver = torch.optim.LBFGS(
        [iterate],
        max_iter=1,
        max_eval=1 + _LONGEST_SEARCH,  # by default too few for a line search of more than one
        tolerance_grad=0,
        tolerance_change=0,  # by default so large that the small gradients of a large canvas end it at once
        history_size=lbfgs.history,
        line_search_fn="strong_wolfe",
    )
    evaluated = scaled = canvas.new_empty(0)

    def closure() -> Tensor:
        """Of a sum over the canvas, as torch takes curvatures under 1e-10 for none; not twice at the same place."""
        nonlocal evaluated, scaled
        if not torch.equal(iterate, evaluated):
            solver.zero_grad()
            scaled = objective(iterate) * iterate.numel()
            scaled.backward()
            evaluated = iterate.detach().clone()
        return scaled

    for _ in range(lbfgs.iterations):  # one iteration a call: its state, the history too, lives on between calls
        yield solver.step(closure).detach() / iterate.numel()
        canvas.copy_(iterate.detach().clamp(0, 1))
