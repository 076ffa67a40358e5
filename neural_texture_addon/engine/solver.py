"""The optimiser on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch

from ..job.description import Adam, Lbfgs, Solver

if TYPE_CHECKING:
    from torch import Tensor

Objective = Callable[["Tensor"], "Tensor"]
Descend = Callable[[Objective, "Tensor", float], "Tensor"]
"""Puts the gradient of so many times the loss into the iterate's `grad`; what it was is lost. Returns that loss."""
Seen = Callable[["Tensor"], None]
"""Is told the loss of each iteration while the canvas is still what it is the loss of; may end it by an exception."""
_LONGEST_SEARCH = 25
"""Evaluations along one direction of L-BFGS."""
_DECAYS = 0.9, 0.999
"""Of Adam's two moments; Kingma & Ba's."""
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

    At each yield the canvas is what it would be if this were the last. `share`: of the solver's usual step.
    """
    match solver:
        case Adam():
            return _adam(canvas, objective, solver, descend, share, seen)
        case Lbfgs():
            return _lbfgs(canvas, objective, solver, descend, share, seen)


def _adam(
    canvas: Tensor, objective: Objective, adam: Adam, descend: Descend, share: float, seen: Seen
) -> Iterator[Tensor]:
    """Adam (Kingma & Ba 2015) with a step that falls linearly.

    At the end the canvas is the average of the last iterates (Polyak & Juditsky 1992): the noise of random features
    cancels out in it. The step is torch's, bit for bit on the CPU, but takes no memory besides the gradient's own:
    so it can't fail half-way.
    """
    iterate = canvas.clone().requires_grad_()
    mean, square = torch.zeros_like(canvas), torch.zeros_like(canvas)
    first_averaged = min(int(adam.average_from * adam.iterations), adam.iterations - 1)
    for i in range(adam.iterations):
        done = i / max(adam.iterations - 1, 1)
        rate = share * (adam.learning_rate + done * (adam.final_learning_rate - adam.learning_rate))
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
            if i <= first_averaged:
                canvas.copy_(iterate)
            else:
                canvas += torch.sub(iterate, canvas, out=gradient).div_(i - first_averaged + 1)
        yield loss


def _lbfgs(
    canvas: Tensor, objective: Objective, lbfgs: Lbfgs, descend: Descend, share: float, seen: Seen
) -> Iterator[Tensor]:
    """L-BFGS (Liu & Nocedal 1989). It takes the objective for a smooth function, the same at each call.

    Values may leave 0..1 on the way, since clipping would belie the curvature it has learned; they are clipped at the
    end. A `ValueRange` term keeps them near.
    """
    iterate = canvas.clone().requires_grad_()
    solver = torch.optim.LBFGS(
        [iterate],
        lr=share,
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
            scaled = descend(objective, iterate, iterate.numel())
            evaluated = iterate.detach().clone()
        return scaled

    for _ in range(lbfgs.iterations):  # one iteration a call: its state, the history too, lives on between calls
        loss = solver.step(closure).detach() / iterate.numel()
        seen(loss)
        canvas.copy_(iterate.detach().clamp(0, 1))
        yield loss
