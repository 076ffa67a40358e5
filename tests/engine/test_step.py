"""Memory that runs short in the middle of a step: it goes on as if nothing had been."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from toys import around, network, noise

from neural_texture_addon.engine import memory, objective, plan, schedule, step, tiles
from neural_texture_addon.job.description import (
    Adam,
    Layer,
    Lbfgs,
    Moments,
    Optimise,
    Patches,
    SlicedWasserstein,
    Solver,
    Texels,
    Vgg19,
)

SIDE, SMALLEST = 24, 8
TERMS = (
    SlicedWasserstein(features=Patches(size=4, filters=5, stride_from=0), levels=2),
    SlicedWasserstein(features=Texels(), projections=4),
    Moments(features=Vgg19(layers={Layer.RELU2_1: 1.0}), levels=2),
)
ADAM = Adam(iterations=4, coarse_iterations=4, average_from=1.0)


class Shortage:
    """Memory that runs short in some of the calls."""

    def __init__(self, original: Any, calls: set[int], error: BaseException, after: bool) -> None:
        self.original, self.calls, self.error, self.after = original, calls, error, after
        self.count = 0

    def __call__(self, *given: Any) -> Any:
        number, self.count = self.count, self.count + 1
        if number in self.calls and not self.after:
            raise self.error
        found = self.original(*given)
        if number in self.calls:
            raise self.error
        return found


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "SMALLEST", SMALLEST)
    monkeypatch.setattr(schedule, "SMALLEST_LEVEL", SIDE // 2)


def made(how: Solver = ADAM) -> tuple[torch.Tensor, list[float], step.Descent]:
    canvas = noise(1, 3, SIDE, SIDE)
    asked = Optimise(terms=TERMS, solver=how)
    descent = step.Descent(asked, canvas, around([noise(1, 3, 60, 50, seed=7)], SIDE, net=network(Layer.RELU2_1)))
    losses: Iterator[torch.Tensor] = step.optimise(asked, canvas, descent, how.iterations)
    return canvas, [float(loss) for loss in losses], descent


@pytest.mark.parametrize("how", [ADAM, Lbfgs(iterations=3, coarse_iterations=3)], ids=lambda how: type(how).__name__)
@pytest.mark.parametrize("error", [torch.OutOfMemoryError("short"), MemoryError(), RuntimeError("short")], ids=repr)
@pytest.mark.parametrize("after", [False, True], ids=["before random numbers are drawn", "after"])
def test_the_step_comes_to_the_same_end(
    monkeypatch: pytest.MonkeyPatch, how: Solver, error: BaseException, after: bool
) -> None:
    whole, losses, _ = made(how)
    monkeypatch.setattr(memory, "ran_short", lambda need, device: True)
    monkeypatch.setattr(tiles, "is_in_place", lambda lens, parts: False)  # else the whole is `descended`, too
    for owner, name in ((objective, "_of_whole"), (tiles, "descended")):
        shortage = Shortage(getattr(owner, name), {1}, error, after)
        monkeypatch.setattr(owner, name, lambda *given, shortage=shortage: shortage(*given))
    canvas, again, descent = made(how)
    assert descent.plan.canvas is not None
    assert descent.plan.canvas.side == SMALLEST
    assert again == pytest.approx(losses, rel=1e-9)
    torch.testing.assert_close(canvas, whole, rtol=0, atol=1e-6)


def test_while_the_exemplars_are_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    shortage = Shortage(objective.Objective._open_view, {1}, MemoryError(), False)
    monkeypatch.setattr(objective.Objective, "_open_view", lambda *given: shortage(*given))
    canvas, _, descent = made()
    assert descent.plan.exemplars is not None
    assert torch.isfinite(canvas).all()


def test_in_the_smallest_pieces_it_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "descended", Shortage(None, set(range(99)), MemoryError("short"), False))
    monkeypatch.setattr(objective, "_of_whole", Shortage(None, set(range(99)), torch.OutOfMemoryError("short"), False))
    with pytest.raises(MemoryError):
        made()


def test_another_error_is_none_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objective, "_of_whole", Shortage(None, {0}, RuntimeError("a mistake of ours"), False))
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        made()
