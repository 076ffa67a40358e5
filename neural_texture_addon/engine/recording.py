"""One iteration's work for a graphics card, recorded and replayed (CUDA graphs).

An iteration is some hundreds to thousands of small tasks, the same each time but for the random numbers. Asking for
them one by one takes many times longer than doing them, unless the canvas is large.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from . import solver
from .device import beside
from .pyramid import Pyramid

if TYPE_CHECKING:
    from torch import Tensor

_MOST_TEXELS = 2**24
"""Of a canvas: on larger ones the card is busy for longer than it takes to ask."""


class Player:
    """Finds an objective's gradient on a graphics card; a recording does it from the second time on.

    If it can't be recorded, for lack of memory or else, it goes on as it began.
    """

    def __init__(self, objective: Pyramid) -> None:
        self._objective = objective
        self._recording: _Recording | None = None
        self._times = 0

    def descend(self, iterate: Tensor, scale: float) -> Tensor:
        """As `solver.descend`. Waits for nothing that the card does."""
        self._times += 1
        drawn = self._objective.draw(iterate.shape)
        if self._times == 2 and iterate[0, 0].numel() <= _MOST_TEXELS:
            self._recording = self._recorded(drawn, iterate, scale)
        if self._recording is not None:
            return self._recording.replay(drawn, iterate)
        return solver.descend(lambda canvas: self._objective(canvas, _sent(drawn, canvas.device)), iterate, scale)

    def _recorded(self, drawn: list[Tensor], iterate: Tensor, scale: float) -> _Recording | None:
        torch.cuda.empty_cache()  # a recording has memory of its own, and what the first time took would stay unused
        try:
            return _Recording(self._objective, drawn, iterate, scale)
        except RuntimeError:
            return None


class _Recording:
    """A graph, and the places in memory that it reads from and writes to."""

    def __init__(self, objective: Pyramid, drawn: list[Tensor], iterate: Tensor, scale: float) -> None:
        self._numbers = torch.empty(sum(map(torch.numel, drawn)), device=iterate.device)
        numbers = _like(drawn, self._numbers)
        here = torch.cuda.current_stream(iterate.device)
        self._graph, stream = torch.cuda.CUDAGraph(), beside(here)
        stream.wait_stream(here)
        iterate.grad = None
        with torch.cuda.stream(stream):
            self._graph.capture_begin(capture_error_mode="thread_local")  # other threads may do as they like
            try:
                # a view, in which the gradients of what is done side by side come together
                self._loss = solver.descend(lambda canvas: objective(canvas.view_as(canvas), numbers), iterate, scale)
            finally:
                self._graph.capture_end()
        here.wait_stream(stream)
        self._gradient = iterate.grad

    def replay(self, drawn: list[Tensor], iterate: Tensor) -> Tensor:
        self._numbers.copy_(_packed(drawn), non_blocking=True)
        self._graph.replay()
        iterate.grad = self._gradient
        return self._loss.clone()


def _sent(drawn: list[Tensor], device: torch.device) -> list[Tensor]:
    """The numbers on the card."""
    return _like(drawn, _packed(drawn).to(device, non_blocking=True))


def _packed(drawn: list[Tensor]) -> Tensor:
    """All of them in one row, in memory that a card reads while we go on."""
    flat = [numbers.flatten().float() for numbers in drawn]
    return torch.cat(flat or [torch.empty(0)]).pin_memory()


def _like(drawn: Sequence[Tensor], numbers: Tensor) -> list[Tensor]:
    parts = numbers.split([each.numel() for each in drawn])
    return [part.view(each.shape) for part, each in zip(parts, drawn, strict=True)]
