"""When a solver has converged: when its loss falls no more, as far as noise lets that be told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

_WINDOW = 0.1
"""Share of the iterations over which a loss is averaged."""
_FEWEST = 10
"""Of a window: random features make each loss another one."""
_SURE = 2.0
"""Standard errors by which the fall may be larger than it looks."""


class Convergence:
    """Compares the losses of two windows, at the end of each: a graphics card is waited for at no other time."""

    def __init__(self, iterations: int, tolerance: float) -> None:
        """`tolerance`: share of itself by which the loss has to fall from one window to the next; 0 is never asked."""
        self._length, self._tolerance = max(round(iterations * _WINDOW), _FEWEST), tolerance
        self._losses: list[Tensor] = []

    def reached(self, loss: Tensor) -> bool:
        """With the loss of one more iteration. A loss that is no number is no convergence."""
        if not self._tolerance:
            return False
        self._losses.append(loss)
        if len(self._losses) < 2 * self._length:
            return False
        windows = torch.stack(self._losses).cpu().double().view(2, self._length)  # Apple's devices have no doubles
        del self._losses[: self._length]
        (before, now), variances = windows.mean(1).tolist(), windows.var(1).tolist()
        error = math.sqrt(sum(variances) / self._length)
        return max(before - now, 0.0) + _SURE * error <= self._tolerance * max(abs(before), abs(now))
