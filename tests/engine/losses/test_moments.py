import pytest
import torch
from toys import noise

from neural_texture_addon.engine.losses import moments
from neural_texture_addon.job.description import Moments

TERM = Moments()


def target(exemplar: torch.Tensor) -> moments.Target:
    return moments.merge([moments.summarise(exemplar, TERM)], [1.0])


def distance(canvas: torch.Tensor, exemplar: torch.Tensor) -> float:
    return float(moments.compare(moments.summarise(canvas, TERM), target(exemplar), TERM))


def test_each_third_is_that_of_one_statistic() -> None:
    canvas, exemplar = noise(3, 8, 8).square() @ noise(8, 8, seed=3), noise(3, 9, 10, seed=1)

    def parts(maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        flat = maps.flatten(1)
        return flat.mean(1), flat.std(1, correction=0), flat.corrcoef()

    expected = (
        sum((a - b).square().sum() / b.square().sum() for a, b in zip(parts(canvas), parts(exemplar), strict=True)) / 3
    )
    assert distance(canvas, exemplar) == pytest.approx(float(expected), rel=1e-4)


def test_a_shift_costs_the_mean_alone_and_a_contrast_the_deviation_alone() -> None:
    exemplar = noise(3, 8, 8)
    mean = exemplar.mean((1, 2), keepdim=True)
    assert distance(exemplar + 0.1 * mean, exemplar) == pytest.approx(0.1**2 / 3)
    assert distance(mean + 1.1 * (exemplar - mean), exemplar) == pytest.approx(0.1**2 / 3, rel=1e-4)


def test_correlation_is_seen_where_mean_and_deviation_are_the_same() -> None:
    exemplar = noise(1, 8, 8)
    alike, unlike = torch.cat((exemplar, exemplar)), torch.cat((exemplar, exemplar.flip(2)))
    assert distance(unlike, alike) > 0.05


@pytest.mark.parametrize("weights", [None, torch.tensor([0.5, 2.0, 1.0], dtype=torch.float64)])
def test_the_gradient_is_what_is_measured(weights: torch.Tensor | None) -> None:
    canvas, wanted = noise(3, 4, 5).requires_grad_(), target(noise(3, 6, 5, seed=1))
    assert torch.autograd.gradcheck(
        lambda maps: moments.compare(moments.summarise(maps, TERM), wanted, TERM, weights), canvas
    )


@pytest.mark.gpu
def test_features_in_half_precision_are_summed_in_single() -> None:
    maps = (noise(16, 60, 50) + 1).bfloat16().cuda()
    found = []
    for features in (maps, maps.float()):
        features.requires_grad_()
        summary = moments.summarise(features, TERM)
        assert summary.dtype == torch.float32
        moments.compare(summary, moments.merge([torch.eye(17, device="cuda")], [1.0]), TERM).backward()
        assert features.grad.dtype == features.dtype
        found.append((summary.detach(), features.grad.float()))
    (half, slope), (single, exact) = found
    torch.testing.assert_close(half, single, rtol=1e-5, atol=0)
    assert float((slope - exact).norm()) < 0.01 * float(exact.norm())
