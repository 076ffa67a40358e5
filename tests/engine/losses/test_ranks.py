from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from neural_texture_addon.engine.losses import ranks
from neural_texture_addon.engine.losses.ranks import ordered, quantiles, residual

SOME, MANY, COUNTED = ranks._SOME, ranks._MANY, ranks._COUNTED


def distribution(kind: str, n: int, seed: int = 0) -> torch.Tensor:
    """Three features in single precision; of the kinds that pictures and networks have."""
    values = torch.randn(3, n, generator=torch.Generator().manual_seed(seed))
    match kind:
        case "normal":
            return values
        case "rare and large":
            return values.pow(5)
        case "mostly zero":
            return values.clamp_min(0)
        case "few":
            return (values * 2).round()
        case _:
            return torch.full_like(values, 0.3)


KINDS = pytest.mark.parametrize("kind", ["normal", "rare and large", "mostly zero", "few", "one"])


def step(values: torch.Tensor) -> torch.Tensor:
    """What the keys can't tell apart, and what single precision can't."""
    low, high = values.aminmax(dim=1, keepdim=True)
    return (high - low) / 65535 + 1e-6 * torch.maximum(low.abs(), high.abs())


def test_off_the_cpu_no_double_precision_is_asked_for_that_apples_devices_lack() -> None:
    class Watched(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            found = func(*args, **(kwargs or {}))
            assert not (isinstance(found, torch.Tensor) and found.is_meta and found.dtype == torch.float64), func
            return found

    with Watched():
        assert quantiles(torch.empty(3, 90, device="meta"), 100).shape == (3, 100)


@KINDS
@pytest.mark.parametrize("n", [SOME, MANY])
def test_by_keys_the_order_is_wrong_by_no_more_than_the_keys_are_coarse(kind: str, n: int) -> None:
    values = distribution(kind, n)
    assert ((ordered(values) - values.sort(1).values).abs() <= step(values)).all()


@KINDS
@pytest.mark.parametrize("count", [MANY, 3 * MANY])
def test_by_keys_each_value_gets_what_one_so_near_to_it_would_get(kind: str, count: int) -> None:
    """The values taken in the order of what they got: it's the exact order, but for steps back of a key's width."""
    values, target = distribution(kind, MANY), distribution("normal", count, seed=1).sort(1).values
    assigned = values - residual(values, target)
    torch.testing.assert_close(assigned.sort(1).values, quantiles(target, MANY), rtol=0, atol=1e-4)
    in_turn = values.gather(1, assigned.argsort(1))
    assert ((in_turn - in_turn.cummax(1).values) >= -2 * step(values)).all()


@pytest.mark.parametrize("n", [MANY, 16 * MANY, COUNTED])
@pytest.mark.parametrize(("kind", "most"), [("normal", 1e-3), ("rare and large", 1e-2)])
def test_by_keys_the_gradient_is_that_of_exact_ranks_but_for_so_much(n: int, kind: str, most: float) -> None:
    """In units of the values' spread. (Fifth powers of normal numbers are rarer and larger than what pictures have.)"""
    values, target = distribution(kind, n), distribution("normal", n // 2, seed=1).sort(1).values
    exact = residual(values.double(), target.double())
    assert float((residual(values, target) - exact).norm()) <= most * float(values.norm())


@pytest.mark.parametrize("count", [100, COUNTED, 3 * COUNTED])
def test_by_counts_all_of_the_target_is_given_evenly(count: int) -> None:
    """Each of a thousand parts of it as often as the others, and nothing else."""
    values, target = distribution("normal", COUNTED), distribution("normal", count, seed=1).sort(1).values
    assert ranks._by_counts(values[:1].numpy(), target[:1].numpy(), torch.empty_like(values[:1]).numpy())
    assigned = (values - residual(values, target)).sort(1).values
    parts = [quantiles(each, 1000) for each in (assigned, quantiles(target, COUNTED))]
    torch.testing.assert_close(parts[0], parts[1], rtol=0, atol=2e-3 * float(target.max() - target.min()))


def test_by_counts_equal_values_are_spread_between_their_ranks() -> None:
    """A thousand values, each of them equally often: what they get, in order, is the target but for its tails."""
    values = (torch.rand(1, COUNTED, generator=torch.Generator().manual_seed(1)) * 1000).floor()
    target = distribution("normal", COUNTED, seed=1)[:1].sort(1).values
    assert ranks._by_counts(values.numpy(), target.numpy(), torch.empty_like(values).numpy())
    assigned, inner = (values - residual(values, target)).sort(1).values, slice(COUNTED // 100, -COUNTED // 100)
    torch.testing.assert_close(assigned[:, inner], target[:, inner], rtol=0, atol=5e-3)


@pytest.mark.parametrize("kind", ["mostly zero", "few", "one"])
def test_where_many_are_equal_they_are_not_counted(kind: str) -> None:
    """Between the first and the last rank of so many the target is anything but linear."""
    values, target = distribution(kind, COUNTED), distribution("rare and large", COUNTED, seed=1).sort(1).values
    assigned = values - residual(values, target)
    torch.testing.assert_close(assigned.sort(1).values, target, rtol=1e-5, atol=1e-4)


@KINDS
@pytest.mark.parametrize("n", [SOME, MANY - 1])
def test_by_two_keys_the_order_is_exact(kind: str, n: int) -> None:
    """Of values below 0 and above, of any size. (Which of equal ones comes first is free.)"""
    values = distribution(kind, n)
    places = torch.from_numpy(ranks._order(values.numpy()))
    assert torch.equal(values.flatten()[places], values.sort(1).values)
    assert torch.equal(places.flatten().sort().values, torch.arange(values.numel()))


@given(st.integers(1, 50), st.integers(1, 50))
def test_few_values_get_exactly_those_of_their_ranks(n: int, count: int) -> None:
    values, target = distribution("normal", n), distribution("normal", count, seed=1).sort(1).values
    expected = torch.empty_like(values).scatter_(1, values.argsort(1), quantiles(target, n))
    assert torch.equal(ordered(values), values.sort(1).values)
    torch.testing.assert_close(residual(values, target), values - expected)


def test_equal_values_are_spread_over_the_target() -> None:
    """Else a canvas of one colour would stay one."""
    target = distribution("normal", MANY).sort(1).values
    spread = distribution("one", MANY) - residual(distribution("one", MANY), target)
    torch.testing.assert_close(spread.sort(1).values, target)


@pytest.mark.parametrize("n", [32 * MANY, COUNTED])
def test_it_is_the_same_on_one_thread_and_on_several(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values, target = distribution("normal", n), distribution("normal", 31 * MANY, seed=1).sort(1).values
    assert values.numel() > ranks._WORTH_A_THREAD
    found = []
    for threads in (1, 3):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        found.append((ordered(values), residual(values, target)))
    assert all(map(torch.equal, *found))


@pytest.mark.parametrize("n", [50, MANY])
def test_it_is_the_same_however_the_values_lie_in_memory(n: int) -> None:
    """A network leaves the features of a place side by side."""
    values, target = distribution("normal", n), distribution("normal", n, seed=1).sort(1).values
    beside = values.T.contiguous().T
    assert torch.equal(ordered(beside), ordered(values))
    assert torch.equal(residual(beside, target), residual(values, target))


@pytest.mark.parametrize("n", [MANY, COUNTED])
@pytest.mark.parametrize("odd", [torch.nan, torch.inf])
def test_what_is_not_finite_stays_so(odd: float, n: int) -> None:
    values = distribution("normal", n)
    values[1, 7] = odd
    assert not residual(values, values[:1].expand(3, -1).sort(1).values).isfinite().all()
