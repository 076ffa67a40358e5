"""When the losses of a solver are taken for such as fall no more."""

import math
from collections.abc import Iterable

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from neural_texture_addon.engine.convergence import Convergence

units = st.sampled_from([-1e6, -1.0, 1e-9, 1.0, 1e6])


def ends_after(losses: Iterable[float], iterations: int, tolerance: float = 0.05) -> int | None:
    """The number of the loss with which it is reached."""
    convergence = Convergence(iterations, tolerance)
    return next((n for n, loss in enumerate(losses, 1) if convergence.reached(torch.tensor(loss))), None)


@given(st.integers(1, 1000), st.floats(0.001, 1), units)
def test_a_loss_that_stays_as_it_is_has_converged_after_two_windows(n: int, tolerance: float, unit: float) -> None:
    assert ends_after([unit] * 300, n, tolerance) == 2 * max(round(n / 10), 10)


@given(st.integers(100, 1000), st.floats(0.01, 0.5), units)
def test_whether_it_falls_enough_is_a_matter_of_proportions(n: int, tolerance: float, unit: float) -> None:
    """By the tolerance or more in a tenth of the iterations: it goes on; by much less: it ends."""
    assume(unit > 0)
    window = round(n / 10)
    for fall, ends in ((1.3 * tolerance, False), (0.3 * tolerance, True)):
        losses = [unit * (1 - min(fall, 0.9)) ** (i / window) for i in range(n)]
        # within a window, too, it falls, which looks like noise: there two standard errors are less than half the fall
        assert (ends_after(losses, n, tolerance) is not None) == ends


@pytest.mark.parametrize(("noise", "ends"), [(0.02, True), (0.5, False)])
def test_what_noise_hides_is_no_convergence(noise: float, ends: bool) -> None:
    """40 losses each: the errors of their means are 0.3 % and 8 %; that of their difference is half as much more."""
    generator = torch.Generator().manual_seed(1)
    found = [ends_after((1 + noise * torch.randn(400, generator=generator)).tolist(), 400) for _ in range(50)]
    assert sum(end is not None for end in found) == (50 if ends else 0)


@given(st.lists(st.floats(width=32), max_size=60), st.integers(1, 400))
def test_without_a_tolerance_nothing_converges(losses: list[float], n: int) -> None:
    assert ends_after(losses, n, 0.0) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_does_not_converge(value: float) -> None:
    assert ends_after([value] * 100, 100) is None


def test_losses_of_few_iterations_tell_nothing() -> None:
    assert ends_after([1.0] * 19, 19) is None
