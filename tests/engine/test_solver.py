from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine.solver import minimise
from neural_texture_addon.job.description import Adam, Lbfgs, Solver

CURVATURES = torch.logspace(0, 3, 64).view(1, 1, 8, 8)


def wanted(canvas: torch.Tensor) -> torch.Tensor:
    return (canvas - 0.7).square().sum()


@given(st.integers(1, 30), st.floats(0, 1), st.floats(1e-6, 1), st.floats(0, 1))
def test_there_is_a_loss_for_every_iteration(iterations: int, average_from: float, rate: float, final: float) -> None:
    rates = {"learning_rate": rate, "final_learning_rate": final}
    adam = Adam(iterations=iterations, average_from=average_from, tolerance=0.0, **rates)
    canvas = torch.full((1, 2, 3, 3), 0.2)
    losses = list(minimise(canvas, wanted, adam))
    assert len(losses) == iterations
    assert not any(loss.requires_grad for loss in losses)
    assert 0 <= float(canvas.min()) <= float(canvas.max()) <= 1
    assert not canvas.requires_grad


def test_it_finds_the_minimum() -> None:
    canvas = torch.zeros(1, 1, 4, 4)
    losses = list(minimise(canvas, wanted, Adam(iterations=200)))
    assert float((canvas - 0.7).abs().max()) < 0.01
    assert float(losses[-1]) < 1e-4 * float(losses[0])


def test_it_stays_in_range_when_the_minimum_lies_beyond() -> None:
    canvas = torch.full((1, 1, 4, 4), 0.5)
    list(minimise(canvas, lambda c: (c - 5).square().sum(), Adam(iterations=100)))
    assert float(canvas.min()) > 0.99
    assert float(canvas.max()) <= 1


def test_the_step_falls_linearly() -> None:
    """On a slope that never changes, Adam moves by its step exactly."""
    canvas = torch.full((1, 1, 1, 1), 0.9, dtype=torch.float64)
    seen: list[float] = []

    def slope(iterate: torch.Tensor) -> torch.Tensor:
        seen.append(float(iterate.detach()))
        return iterate.sum()

    list(minimise(canvas, slope, Adam(iterations=5, learning_rate=0.05, final_learning_rate=0.01, average_from=1)))
    steps = [a - b for a, b in zip(seen, [*seen[1:], float(canvas)], strict=True)]
    assert steps == pytest.approx([0.05, 0.04, 0.03, 0.02, 0.01], rel=1e-5)


@pytest.mark.parametrize(("average_from", "averaged"), [(0.0, 5), (0.6, 2), (0.8, 1), (1.0, 1)])
def test_the_canvas_is_the_average_of_the_last_iterates(average_from: float, averaged: int) -> None:
    adam = Adam(iterations=5, learning_rate=0.01, final_learning_rate=0.01, average_from=average_from)
    canvas = torch.full((1, 1, 1, 1), 0.5, dtype=torch.float64)
    list(minimise(canvas, torch.sum, adam))
    iterates = [0.49, 0.48, 0.47, 0.46, 0.45][-averaged:]
    assert float(canvas) == pytest.approx(sum(iterates) / averaged, rel=1e-5)


def test_no_gradient_means_no_change() -> None:
    canvas = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    before = canvas.clone()
    list(minimise(canvas, lambda c: 0 * c.sum(), Adam(iterations=7)))
    torch.testing.assert_close(canvas, before)


def test_adam_goes_as_far_on_a_larger_canvas() -> None:
    """A mean over a canvas that is the small one again and again has as many times smaller gradients."""
    small = torch.rand(1, 1, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ends = []
    for copies in (1, 64):
        canvas = small.repeat(1, 1, copies, copies)
        list(minimise(canvas, lambda c: 1e-4 * (c - 0.7).square().mean(), Adam(iterations=20)))
        ends.append(canvas[:, :, :4, :4])
    torch.testing.assert_close(ends[1], ends[0], rtol=0, atol=1e-9)


def test_stopping_early_leaves_a_canvas_that_can_be_used() -> None:
    canvas = torch.full((1, 1, 2, 2), 0.5)
    steps = minimise(canvas, wanted, Adam(iterations=50))
    next(steps)
    steps.close()
    assert float(canvas.min()) >= 0
    assert float(canvas.max()) <= 1


@pytest.mark.parametrize("done", [1, 2, 3, 4, 5])
def test_at_each_iteration_the_canvas_is_as_good_as_it_will_be(done: int) -> None:
    """The iterate, and the average once that has begun."""
    canvas = torch.full((1, 1, 1, 1), 0.5, dtype=torch.float64)
    steps = minimise(canvas, torch.sum, Adam(iterations=5, learning_rate=0.01, final_learning_rate=0.01))
    for _ in range(done):
        next(steps)
    assert float(canvas) == pytest.approx([0.49, 0.48, 0.47, 0.465, 0.46][done - 1], rel=1e-5)


def valley(canvas: torch.Tensor) -> torch.Tensor:
    """A quadratic that is a thousand times steeper along some directions than along others."""
    return (CURVATURES.to(canvas) * (canvas - 0.5).square()).mean()


def depth_reached(solver: Solver, unit: float = 1.0) -> float:
    canvas = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    list(minimise(canvas, lambda c: unit * valley(c), solver))
    return float(valley(canvas))


def test_with_its_history_lbfgs_is_ahead_of_adam_and_of_a_short_memory() -> None:
    far, near = depth_reached(Lbfgs(iterations=60, history=1)), depth_reached(Lbfgs(iterations=60, history=40))
    assert near < 0.1 * far < 0.1 * depth_reached(Adam(iterations=60))


@pytest.mark.parametrize("unit", [1e3, 1e-4, 1e-8])
def test_lbfgs_goes_on_where_gradients_are_tiny(unit: float) -> None:
    """Those of a mean over a large canvas are."""
    assert depth_reached(Lbfgs(iterations=60), unit) < 3 * depth_reached(Lbfgs(iterations=60))


def test_lbfgs_looks_once_at_each_place() -> None:
    looked: list[torch.Tensor] = []

    def watched(canvas: torch.Tensor) -> torch.Tensor:
        looked.append(canvas.detach().clone())
        return valley(canvas)

    list(minimise(torch.full((1, 1, 8, 8), 0.2), watched, Lbfgs(iterations=30)))
    assert not any(torch.equal(a, b) for i, a in enumerate(looked) for b in looked[:i])
    assert len(looked) < 45


@given(st.integers(1, 12), st.integers(1, 200))
def test_lbfgs_gives_a_loss_for_every_iteration_and_stays_in_range(iterations: int, history: int) -> None:
    canvas = torch.full((1, 2, 3, 3), 0.2)
    losses = list(minimise(canvas, lambda c: (c - 5).square().sum(), Lbfgs(iterations=iterations, history=history)))
    assert len(losses) == iterations
    assert not any(loss.requires_grad for loss in losses)
    assert 0 <= float(canvas.min()) <= float(canvas.max()) <= 1
    assert not canvas.requires_grad


def test_values_may_leave_the_range_on_the_way_but_the_canvas_is_clipped() -> None:
    canvas = torch.full((1, 1, 4, 4), 0.5)
    losses = list(minimise(canvas, lambda c: (c - 5).square().sum(), Lbfgs(iterations=20)))
    assert float(losses[-1]) < 1e-6
    assert torch.equal(canvas, torch.ones_like(canvas))


@pytest.mark.parametrize("solver", [Adam(iterations=7), Lbfgs(iterations=7)])
def test_a_loss_that_is_no_number_is_reported_as_none(solver: Solver) -> None:
    """Whoever asked for the loss can tell; nothing hangs and nothing is raised here."""
    canvas = torch.full((1, 1, 2, 2), 0.5)
    losses = list(minimise(canvas, lambda c: (c - 2).sqrt().sum(), solver))
    assert len(losses) == 7
    assert losses[-1].isnan()


def test_lbfgs_stays_where_it_is_without_a_gradient() -> None:
    canvas = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    before = canvas.clone()
    list(minimise(canvas, lambda c: 0 * c.sum(), Lbfgs(iterations=5)))
    assert torch.equal(canvas, before)


def test_stopping_lbfgs_early_leaves_a_canvas_that_can_be_used() -> None:
    canvas = torch.full((1, 1, 4, 4), 0.5)
    steps = minimise(canvas, lambda c: (c - 5).square().sum(), Lbfgs(iterations=50))
    for _ in range(3):
        next(steps)
    steps.close()
    assert 0.5 < float(canvas.min()) <= float(canvas.max()) <= 1


def even(canvas: torch.Tensor) -> torch.Tensor:
    """Its loss never changes, and neither does its slope of 1."""
    return 1 + canvas.sum() - canvas.detach().sum()


def test_once_the_loss_falls_no_more_adams_step_falls_to_its_last_and_it_ends() -> None:
    """Two windows of 10 iterations, and half of that. The average is over the second half of the latter."""
    canvas, seen = torch.full((1, 1, 1, 1), 0.9, dtype=torch.float64), []

    def watched(iterate: torch.Tensor) -> torch.Tensor:
        seen.append(float(iterate.detach()))
        return even(iterate)

    adam = Adam(iterations=101, learning_rate=0.02, final_learning_rate=0.01)
    losses = list(minimise(canvas, watched, adam))
    assert len(losses) == len(seen) == 30
    steps = [a - b for a, b in pairwise(seen)]
    assert steps[:20] == pytest.approx([0.02 - i * 1e-4 for i in range(20)], rel=1e-5)
    assert steps[20:] == pytest.approx([0.018 - i * 0.008 / 9 for i in range(9)], rel=1e-5)
    last = seen[-1] - 0.01
    assert float(canvas) == pytest.approx((sum(seen[26:]) + last) / 5, rel=1e-5)


@pytest.mark.parametrize("solver", [Adam(iterations=400), Lbfgs(iterations=400)])
def test_what_has_converged_is_as_good_as_after_all_iterations(solver: Solver) -> None:
    canvas = torch.full((1, 1, 8, 8), 0.1, dtype=torch.float64)
    losses = list(minimise(canvas, lambda c: 1 + valley(c), solver))
    assert len(losses) <= 240
    assert float(valley(canvas)) < 1e-4


@pytest.mark.parametrize("solver", [Adam(iterations=100, tolerance=0.0), Lbfgs(iterations=100, tolerance=0.0)])
def test_without_a_tolerance_no_iteration_is_left_out(solver: Solver) -> None:
    assert len(list(minimise(torch.full((1, 1, 2, 2), 0.5), even, solver))) == 100
