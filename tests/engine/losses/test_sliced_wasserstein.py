import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from live_bytes import LiveBytes

from neural_texture_addon.engine.losses import sliced_wasserstein
from neural_texture_addon.engine.losses.sliced_wasserstein import merge, quantiles
from neural_texture_addon.job.description import SlicedWasserstein

counts = st.integers(1, 60)


def summarise(values: torch.Tensor) -> torch.Tensor:
    return sliced_wasserstein.summarise(values[:, None], SlicedWasserstein())


def distance(values: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return sliced_wasserstein.distance(values[:, None], target, SlicedWasserstein())


def features(count: int, n: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(st.integers(1, 5), st.integers(2, 60), st.randoms(use_true_random=False))
def test_the_same_distribution_in_any_order_is_at_distance_zero(count: int, n: int, random) -> None:
    values = features(count, n)
    target = summarise(values)
    order = list(range(n))
    random.shuffle(order)
    assert float(distance(values[:, order], target)) == 0


@given(st.floats(-5, 5), st.integers(2, 60))
def test_a_shift_costs_its_square_over_the_variance(shift: float, n: int) -> None:
    values = features(3, n)
    expected = shift**2 / values.var(1, correction=0).mean()
    torch.testing.assert_close(distance(values + shift, summarise(values)), expected)


@given(st.floats(0, 5), st.integers(2, 60))
def test_a_scaling_costs_the_square_of_what_it_adds_to_the_spread(factor: float, n: int) -> None:
    values = features(3, n)
    values = values - values.mean(1, keepdim=True)
    expected = torch.tensor((factor - 1) ** 2, dtype=torch.float64)
    torch.testing.assert_close(distance(values * factor, summarise(values)), expected)


@given(st.floats(0.1, 10), st.floats(-5, 5))
def test_the_unit_of_the_features_does_not_matter(factor: float, shift: float) -> None:
    canvas, exemplar = features(4, 50), features(4, 50, seed=1)
    plain = distance(canvas, summarise(exemplar))
    torch.testing.assert_close(distance(canvas * factor + shift, summarise(exemplar * factor + shift)), plain)


def test_the_gradient_points_from_each_value_to_the_one_of_its_rank() -> None:
    canvas = torch.tensor([[3.0, 1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    target = torch.tensor([[10.0, 20.0, 40.0]], dtype=torch.float64)
    distance(canvas, target).backward()
    difference = torch.tensor([[3.0 - 40, 1.0 - 10, 2.0 - 20]], dtype=torch.float64)
    torch.testing.assert_close(canvas.grad, 2 * difference / 3 / target.var(correction=0))


def test_the_gradient_is_that_of_finite_differences() -> None:
    target = summarise(features(3, 20, seed=1))
    assert torch.autograd.gradcheck(lambda values: distance(values, target), features(3, 20).requires_grad_())


def test_a_constant_exemplar_gives_a_finite_distance_and_gradient() -> None:
    canvas = features(2, 10).requires_grad_()
    loss = distance(canvas, torch.zeros(2, 10, dtype=torch.float64))
    loss.backward()
    assert loss.isfinite()
    assert canvas.grad.isfinite().all()


def test_of_the_spread_of_a_large_exemplar_no_copy_is_made() -> None:
    target = summarise(features(16, 2**18).float())
    with LiveBytes([target]) as live:
        spread = sliced_wasserstein.unit(target, (), SlicedWasserstein())
    assert live.peak < target.nbytes / 4
    torch.testing.assert_close(spread, target.double().var(1, correction=0).sum().float(), rtol=1e-5, atol=0)


def test_a_summary_is_sorted_and_carries_no_gradient() -> None:
    values = features(3, 20).requires_grad_()
    summary = summarise(values)
    assert not summary.requires_grad
    assert (summary.diff(dim=1) >= 0).all()
    assert torch.equal(summary, values.detach().sort(1).values)


@given(counts, counts)
def test_quantiles_stay_in_order_and_within_the_values(n: int, count: int) -> None:
    ordered = summarise(features(2, n))
    taken = quantiles(ordered, count)
    assert taken.shape == (2, count)
    assert (taken.diff(dim=1) >= -1e-12).all()
    assert (taken >= ordered[:, :1] - 1e-12).all()
    assert (taken <= ordered[:, -1:] + 1e-12).all()


@given(st.integers(1, 40), st.integers(1, 12))
def test_quantiles_of_a_repeated_distribution_are_the_distribution(n: int, times: int) -> None:
    """An odd number of copies has the original values at the middles of its shares."""
    ordered = summarise(features(2, n))
    torch.testing.assert_close(quantiles(ordered.repeat_interleave(2 * times - 1, 1), n), ordered)


@pytest.mark.parametrize("count", [7, 64, 200, 1000])
def test_quantiles_keep_mean_and_spread(count: int) -> None:
    ordered = torch.linspace(0, 1, 101, dtype=torch.float64)[None]
    taken = quantiles(ordered, count)
    torch.testing.assert_close(taken.mean(), torch.tensor(0.5, dtype=torch.float64))
    torch.testing.assert_close(taken.std(correction=0), ordered.std(correction=0), rtol=0.03, atol=0)


@given(st.floats(0.01, 100))
def test_a_single_exemplar_is_its_own_mixture_whatever_its_weight(weight: float) -> None:
    ordered = summarise(features(2, 30))
    assert torch.equal(merge([ordered], [weight]), ordered)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=4).filter(any))
def test_each_exemplar_has_its_weights_share_in_a_mixture(weights: list[float]) -> None:
    """The i-th exemplar's values all lie about 10 i: they can be counted in the mixture."""
    summaries = [summarise(0.1 * features(1, 17 + i, seed=i) + 10 * i) for i in range(len(weights))]
    merged = merge(summaries, weights)
    assert merged.shape == (1, 17 + len(weights) - 1)
    assert (merged.diff(dim=1) >= 0).all()
    for i, weight in enumerate(weights):
        found = int(((merged - 10 * i).abs() < 5).sum())
        assert abs(found - merged.shape[1] * weight / sum(weights)) <= 1


@given(st.integers(0, 2))
def test_an_exemplar_without_weight_leaves_no_trace_in_a_mixture(place: int) -> None:
    summaries, weights = [summarise(features(2, 20 + i, seed=i)) for i in range(2)], [1.0, 2.0]
    expected = merge(list(summaries), list(weights))
    summaries.insert(place, summarise(features(2, 9) + 100))
    weights.insert(place, 0.0)
    assert torch.equal(merge(summaries, weights), expected)
