"""One step of a job in one octave: the canvas is optimised, or adjusted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import torch

from ..job.description import MatchColours, Optimise
from . import adjustments, following, memory, solver
from . import device as devices
from . import plan as plans
from .adjustments import Adjustment
from .objective import Surroundings
from .plan import WHOLE, Plan
from .pyramid import Pyramid
from .recording import Player

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


class Descent:
    """A step's objective, whose gradient is looked for in ever smaller pieces while memory runs short.

    Nothing is lost by it: the iterate is as it was, and random features are drawn the same once more.
    """

    def __init__(self, step: Optimise, canvas: Tensor, around: Surroundings, plan: Plan = WHOLE) -> None:
        self.plan = plan
        """As it is by now."""
        self.around = around
        self._device = canvas.device
        self._draws = around.generator.get_state()
        self._objective = self._persevere(lambda: self._opened(step, canvas))
        self._player = Player(self._objective) if canvas.device.type == "cuda" else None

    def __call__(self, canvas: Tensor) -> Tensor:
        """The loss."""
        return self._objective(canvas)

    def descend(self, _objective: solver.Objective, iterate: Tensor, scale: float) -> Tensor:
        """As `solver.Descend`."""
        return self._persevere(lambda: self._descended(iterate, scale), self._replan)

    def begin_again(self) -> None:
        """With another iterate: what was recorded is of the one before."""
        if self._player:
            self._player = Player(self._objective)

    def _descended(self, iterate: Tensor, scale: float) -> Tensor:
        if self._player and self.plan.canvas is None:
            return self._player.descend(iterate, scale)
        return solver.descend(self._objective, iterate, scale)

    def _opened(self, step: Optimise, canvas: Tensor) -> Pyramid:
        self.around.generator.set_state(self._draws)
        return Pyramid(step.terms, canvas, self.around, self.plan.canvas, self.plan.exemplars)

    def _replan(self) -> None:
        assert self.plan.canvas is not None
        self._player = None
        self._objective.replan(self.plan.canvas)

    def _persevere(self, work: Callable[[], T], again: Callable[[], None] = lambda: None) -> T:
        """The work's result; as often as memory runs short in it, with a smaller plan."""
        while True:
            try:
                return work()
            except (torch.OutOfMemoryError, MemoryError):
                if (smaller := plans.smaller(self.plan, self.around.octave)) is None:
                    raise
            except RuntimeError:
                smaller = plans.smaller(self.plan, self.around.octave)
                if smaller is None or not memory.ran_short(self.plan.need, self._device):
                    raise
            # out here the error, and with it what its traceback holds, is gone
            self.plan = smaller
            devices.give_freed_memory_back()
            memory.give_back_what_is_free()
            if self._device.type == "cuda":
                torch.cuda.empty_cache()
            again()


def optimise(
    step: Optimise,
    canvas: Tensor,
    descent: Descent,
    iterations: int,
    share: float = 1.0,
    seen: solver.Seen = lambda _: None,
) -> Iterator[Tensor]:
    """Changes the canvas in place, but no map that is held; yields the loss of each iteration, still on its device.

    The rest is `solver.minimise`'s.
    """
    solving, around = dataclasses.replace(step.solver, iterations=iterations), descent.around
    if around.held:
        return following.minimise(canvas, around.held, around.maps, solving, descent.descend, share=share, seen=seen)
    return solver.minimise(canvas, descent, solving, descent.descend, share=share, seen=seen)


def adjust(step: Adjustment, canvas: Tensor, around: Surroundings) -> Tensor:
    """The canvas after it. The exemplars' colours, too, are those at the octave's scale: less contrast where detail
    is lost."""
    scale, matches = around.octave.scale, isinstance(step, MatchColours)
    exemplars = [dataclasses.replace(e, texels=e.at(scale)) for e in around.exemplars if matches]
    return adjustments.apply(step, canvas, exemplars, around.maps, around.wrap, around.generator)
