from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import Tensor

from neural_texture_addon.engine import lbfgs
from neural_texture_addon.engine.lbfgs import Lbfgs

Function = Callable[[Tensor], Tensor]
CURVATURES = torch.logspace(-2, 3, 12, dtype=torch.float64)


def valley(x: Tensor) -> Tensor:
    return (CURVATURES[: len(x)] * (x - 0.5).square()).sum()


def bananas(x: Tensor) -> Tensor:
    """Rosenbrock's, one after the other."""
    return (100 * (x[1::2] - x[::2].square()).square() + (1 - x[::2]).square()).sum()


def waves(x: Tensor) -> Tensor:
    """With many minima, and slopes that turn upwards along the way."""
    return (x.square() / 4 + (3 * x).sin()).sum() + (2 * x.sum()).cos()


def steep(x: Tensor) -> Tensor:
    return (4 * x).cosh().log1p().sum() + (x.sum() - 1).square() ** 2


FUNCTIONS = pytest.mark.parametrize("function", [valley, bananas, waves, steep])


def start(seed: int, count: int = 12) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (3 * torch.randn(count, generator=generator, dtype=torch.float64)).requires_grad_()


def watched(x: Tensor, function: Function, looked: list[Tensor]) -> Callable[[], Tensor]:
    """Notes where it looks."""

    def evaluate() -> Tensor:
        looked.append(x.detach().clone())
        x.grad = None
        loss = function(x)
        loss.backward()
        return loss.detach()

    return evaluate


def looks_of_ours(function: Function, seed: int, history: int, rate: float, steps: int) -> list[Tensor]:
    x, looked = start(seed), []
    solver = Lbfgs(x, watched(x, function, looked), history, rate)
    for _ in range(steps):
        solver.step()
    return looked


def looks_of_torch(
    function: Function, seed: int, history: int, rate: float, steps: int, aside: float = 0.0
) -> list[Tensor]:
    """The places that it looks at, but for those that it looks at again: it forgets the gradient where it arrives.

    It starts a share `aside` of each coordinate farther out.
    """
    x, looked = start(seed), []
    x.data.mul_(1 + aside)
    solver = torch.optim.LBFGS(
        [x],
        lr=rate,
        max_iter=1,
        max_eval=26,
        tolerance_grad=0,
        tolerance_change=0,
        history_size=history,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        here = x.detach().clone()
        if not any(torch.allclose(here, before, rtol=1e-14, atol=0) for before in looked):
            looked.append(here)
        x.grad = None
        loss = function(x)
        loss.backward()
        return loss

    for _ in range(steps):
        solver.step(closure)
    return looked


@FUNCTIONS
@given(seed=st.integers(0, 1000), history=st.integers(1, 20), rate=st.sampled_from([0.25, 1.0]))
@example(seed=758, history=4, rate=1.0)
def test_it_looks_where_torchs_own_looks(function: Function, seed: int, history: int, rate: float) -> None:
    """As far as torch's does itself, when it starts by a rounding farther out: one of a thousand starts among `waves`
    makes more than a hundred million times as much of that."""
    ours, theirs = (looks(function, seed, history, rate, 8) for looks in (looks_of_ours, looks_of_torch))
    beside = looks_of_torch(function, seed, history, rate, 8, aside=1e-15)
    for mine, its, nearby in zip(ours, theirs, beside, strict=False):
        if not torch.allclose(nearby, its, rtol=1e-7, atol=1e-7):
            return
        torch.testing.assert_close(mine, its, rtol=1e-5, atol=1e-6)
    assert len(ours) == pytest.approx(len(theirs), abs=1)


@FUNCTIONS
@given(seed=st.integers(0, 1000))
def test_each_step_goes_down_and_ends_where_its_loss_and_gradient_are_known(function: Function, seed: int) -> None:
    x = start(seed)
    solver = Lbfgs(x, watched(x, function, []), 5, 1.0)
    for _ in range(10):
        before = float(solver.loss)
        solver.step()
        assert float(solver.loss) <= before
        assert float(function(x.detach())) == pytest.approx(float(solver.loss), rel=1e-9)
        slopes = torch.autograd.functional.jacobian(function, x.detach())
        torch.testing.assert_close(solver._gradient, slopes, rtol=1e-6, atol=1e-9)


def test_its_vectors_stay_where_they_are() -> None:
    x = start(1)
    solver = Lbfgs(x, watched(x, bananas, []), 3, 1.0)

    def places() -> list[int]:
        own = (solver._start, solver._direction, *sorted((solver._gradient, solver._kept), key=Tensor.data_ptr))
        return [vector.data_ptr() for vector in (*own, solver._past._steps, solver._past._changes)]

    before = places()
    for _ in range(12):
        solver.step()
    assert places() == before


def test_where_losses_turn_into_no_numbers_it_comes_back() -> None:
    """Beyond 1 there are none; torch's own is lost there."""
    x = torch.tensor([0.9, 0.1], dtype=torch.float64, requires_grad=True)
    solver = Lbfgs(x, watched(x, lambda x: (1 - x).sqrt().sum() + 3 * (x - 0.5).square().sum(), []), 5, 1.0)
    losses = []
    for _ in range(10):
        solver.step()
        losses.append(float(solver.loss))
    assert all(after <= before for before, after in pairwise(losses))
    assert float(x.detach().max()) < 1


def test_without_a_way_down_it_looks_no_more() -> None:
    x, looked = start(1), []
    solver = Lbfgs(x, watched(x, lambda x: 0 * x.sum(), looked), 5, 1.0)
    before = x.detach().clone()
    for _ in range(5):
        solver.step()
    assert torch.equal(x.detach(), before)
    assert len(looked) == 1


def test_beyond_a_kink_it_still_knows_the_gradient_of_where_it_stays() -> None:
    """The loss falls to 1, and jumps there: beyond, no point is better than the first looked at."""
    seen: list[float] = []

    def look(at: float) -> lbfgs._Point:
        seen.append(at)
        return lbfgs._Point(at, -at if at <= 1 else -0.5, -1.0 if at <= 1 else 5.0)

    kept: list[float] = []
    found = lbfgs._search(look, lambda: kept.append(seen[-1]), lbfgs._Point(0.0, 0.0, -1.0), 1.0, 1.0)
    assert kept[-1] == found.at


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_once_there_are_no_numbers_anywhere_its_loss_is_none(broken: str) -> None:
    x = start(1)

    def evaluate() -> Tensor:
        x.grad = torch.full_like(x, torch.nan if broken == "gradient" else 1.0)
        return torch.tensor(torch.nan if broken == "loss" else 1.0)

    solver = Lbfgs(x, watched(x, valley, []), 5, 1.0)
    solver.step()
    assert solver.loss.isfinite()
    before, solver._evaluate = x.detach().clone(), evaluate
    solver.step()
    assert solver.loss.isnan()
    assert torch.equal(x.detach(), before)
