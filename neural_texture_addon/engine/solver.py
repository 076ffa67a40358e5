"""The optimiser on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch

from ..job.description import Adam

if TYPE_CHECKING:
    from torch import Tensor

Objective = Callable[["Tensor"], "Tensor"]


def minimise(canvas: Tensor, objective: Objective, adam: Adam) -> Iterator[Tensor]:
    """Changes `canvas` (values 0 to 1) in place; yields the loss of each iteration, still on its device.

    Adam (Kingma & Ba 2015) with a step that falls linearly. At the end the canvas is the average of the last
    iterates (Polyak & Juditsky 1992): the noise of random features cancels out in it.
    """
    iterate = canvas.clone().requires_grad_()
    solver = torch.optim.Adam([iterate], lr=adam.learning_rate)
    first_averaged = min(int(adam.average_from * adam.iterations), adam.iterations - 1)
    average = torch.zeros_like(canvas)
    for i in range(adam.iterations):
        done = i / max(adam.iterations - 1, 1)
        solver.param_groups[0]["lr"] = adam.learning_rate + done * (adam.final_learning_rate - adam.learning_rate)
        solver.zero_grad()
        loss = objective(iterate)
        loss.backward()
        solver.step()
        with torch.no_grad():
            iterate.clamp_(0, 1)
            if i >= first_averaged:
                average += (iterate - average) / (i - first_averaged + 1)
        yield loss.detach()
    canvas.copy_(average)
