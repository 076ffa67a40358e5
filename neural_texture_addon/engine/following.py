"""Optimising all maps of a canvas but one that is made already. Knows no loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch

from ..job.description import MapKind, Solver
from . import solver, stacked

if TYPE_CHECKING:
    from torch import Tensor


def minimise(
    canvas: Tensor,
    held: MapKind,
    maps: tuple[MapKind, ...],
    solving: Solver,
    descend: solver.Descend,
    *,
    share: float = 1.0,
    seen: solver.Seen = lambda _: None,
) -> Iterator[Tensor]:
    """As `solver.minimise`, of the other `maps` of the canvas.

    The objective sees all of the canvas, so that what it says of the others depends on the one that is held.
    """
    place = stacked.channels_of(held, maps)
    others = [channel for channel in range(canvas.shape[1]) if not place.start <= channel < place.stop]
    changing, whole = canvas[:, others], canvas.clone().requires_grad_()

    def descend_others(objective: Callable[[Tensor], Tensor], iterate: Tensor, scale: float) -> Tensor:
        with torch.no_grad():
            whole[:, others] = iterate
        loss = descend(objective, whole, scale)
        assert whole.grad is not None
        iterate.grad = whole.grad[:, others]
        return loss

    def of_all(_iterate: Tensor) -> Tensor:
        raise AssertionError("it is descended only")

    for loss in solver.minimise(changing, of_all, solving, descend_others, share=share, seen=seen):
        canvas[:, others] = changing
        yield loss
