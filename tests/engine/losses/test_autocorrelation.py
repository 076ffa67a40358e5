import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from toys import noise, waves

from neural_texture_addon.engine.losses import autocorrelation
from neural_texture_addon.job.description import Autocorrelation

TERM = Autocorrelation()
sides = st.integers(2, 12)


@given(sides, sides)
def test_a_lag_is_the_mean_product_of_the_pairs_that_exist(height: int, width: int) -> None:
    maps = noise(2, height, width)
    lags = autocorrelation.summarise(maps, TERM)
    far = (height - 1) // 2, (width - 1) // 2
    assert lags.shape == (2, 2 * far[0] + 1, 2 * far[1] + 1)
    for dy in range(-far[0], far[0] + 1):
        for dx in range(-far[1], far[1] + 1):
            here = maps[:, max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)]
            there = maps[:, max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)]
            torch.testing.assert_close(lags[:, dy, dx], (here * there).mean((1, 2)))


@given(sides, sides)
def test_on_the_torus_all_pairs_exist(height: int, width: int) -> None:
    canvas = noise(2, height, width)
    target = torch.ones(2, 2 * height + 1, 2 * width + 1, dtype=torch.float64)
    own = autocorrelation.of_canvas(canvas, target)
    far = (height - 1) // 2, (width - 1) // 2
    assert own.shape == (2, 2 * far[0] + 1, 2 * far[1] + 1)
    for dy in range(-far[0], far[0] + 1):
        for dx in range(-far[1], far[1] + 1):
            nearness = (1 - abs(dy) / (far[0] + 1)) * (1 - abs(dx) / (far[1] + 1))
            lag = (canvas * canvas.roll((dy, dx), (1, 2))).mean((1, 2))
            torch.testing.assert_close(own[:, dy, dx], nearness * lag)


@pytest.mark.parametrize("sizes", [((12, 12), (9, 20)), ((7, 8), (30, 31)), ((16, 16), (5, 5))])
def test_canvas_and_exemplar_may_have_any_sizes(sizes: tuple[tuple[int, int], tuple[int, int]]) -> None:
    canvas, exemplar = (noise(2, *size, seed=i) for i, size in enumerate(sizes))
    assert float(autocorrelation.distance(canvas, autocorrelation.summarise(exemplar, TERM), TERM)) < 0.5


def test_a_pattern_of_another_period_or_direction_is_seen() -> None:
    target = autocorrelation.summarise(waves(48, 48, 1)[0], TERM)

    def loss(maps: torch.Tensor) -> float:
        return float(autocorrelation.distance(maps, target, TERM))

    right = loss(waves(24, 24, 1)[0].roll(3, 2))
    assert right < 0.1 * loss(waves(24, 24, 1, period=6)[0])
    assert right < 0.1 * loss(waves(24, 24, 1)[0].mT)


def test_of_exemplars_of_several_sizes_the_lags_of_all_are_known() -> None:
    summaries = [autocorrelation.summarise(noise(1, *size), TERM) for size in ((8, 20), (14, 11))]
    assert autocorrelation.merge(summaries, [1.0, 3.0]).shape == (1, 2 * 3 + 1, 2 * 5 + 1)
