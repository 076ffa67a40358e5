import pytest
import torch
from toys import noise, waves

from neural_texture_addon.engine.losses import power_spectrum
from neural_texture_addon.job.description import PowerSpectrum

TERM = PowerSpectrum()


def distance(canvas: torch.Tensor, exemplar: torch.Tensor) -> float:
    return float(power_spectrum.distance(canvas, power_spectrum.summarise(exemplar, TERM), TERM))


def test_means_are_left_out() -> None:
    canvas, exemplar = noise(2, 12, 12), noise(2, 14, 10, seed=1).square()
    assert distance(canvas + 0.5, exemplar - 0.2) == pytest.approx(distance(canvas, exemplar), rel=1e-9)


def test_amplitudes_are_compared_not_powers() -> None:
    """A pattern 1.5 times as strong is half an amplitude off."""
    exemplar = waves(32, 32, 1)[0]
    same = distance(waves(16, 16, 1)[0], exemplar)
    assert distance(1.5 * waves(16, 16, 1)[0], exemplar) == pytest.approx(0.25 + same, rel=0.15)


def test_a_pattern_anywhere_is_the_same_pattern() -> None:
    exemplar, canvas = waves(40, 40, 2)[0], waves(24, 24, 2)[0]
    assert distance(canvas.roll((3, 2), (1, 2)), exemplar) == pytest.approx(distance(canvas, exemplar), rel=1e-9)


@pytest.mark.parametrize("period", [4, 6, 12])
def test_another_frequency_is_far(period: int) -> None:
    exemplar = waves(48, 48, 2)[0]
    assert distance(waves(24, 24, 2)[0], exemplar) < 0.1 * distance(waves(24, 24, 2, period=period)[0], exemplar)
