import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine import fourier
from neural_texture_addon.engine.fourier import Derivative
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap, filtered, roll

WRAPS = [Wrap(x=x, y=y) for x in (False, True) for y in (False, True)]
sides = st.integers(1, 24)
shifts = st.integers(-30, 30)


def noise(height: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(1, 2, height, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def without_finest(image: torch.Tensor, wrap: Wrap) -> torch.Tensor:
    """What of an image has slopes: without its mean and, per axis of even length, what alternates texel by texel."""
    for dim in (2, 3):
        if wrap.along(dim) and image.shape[dim] % 2 == 0:
            shape = [1, 1, 1, 1]
            shape[dim] = -1
            signs = torch.tensor([1.0, -1.0], dtype=image.dtype).repeat(image.shape[dim] // 2).view(shape)
            image = image - signs * (signs * image).mean(dim, keepdim=True)
    return image - image.mean((2, 3), keepdim=True)


@pytest.mark.parametrize("wrap", WRAPS)
@given(h=sides, w=sides, dy=shifts, dx=shifts)
def test_rolling_the_image_rolls_blur_slopes_and_integral(wrap: Wrap, h: int, w: int, dy: int, dx: int) -> None:
    dy, dx, image, other = dy * wrap.y, dx * wrap.x, noise(h, w), noise(h, w, 1)

    def all_of(image: torch.Tensor, other: torch.Tensor) -> list[torch.Tensor]:
        slopes = [slope for kind in Derivative for slope in fourier.slopes(image, wrap, kind)]
        integrals = [fourier.integrated(image, other, wrap, kind) for kind in Derivative]
        return [fourier.blurred(image, 1.7, wrap), *slopes, *integrals]

    rolled_first = all_of(roll(image, dy, dx), roll(other, dy, dx))
    for rolled, plain in zip(rolled_first, all_of(image, other), strict=True):
        torch.testing.assert_close(rolled, roll(plain, dy, dx), rtol=0, atol=1e-9)


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("derivative", Derivative)
@given(h=sides, w=sides, seed=st.integers(0, 99))
def test_the_slopes_of_an_image_integrate_back_to_it(
    derivative: Derivative, wrap: Wrap, h: int, w: int, seed: int
) -> None:
    image = without_finest(noise(h, w, seed), wrap)
    made = fourier.integrated(*fourier.slopes(image, wrap, derivative), wrap, derivative)
    torch.testing.assert_close(made, image, rtol=0, atol=1e-9)


@pytest.mark.parametrize("derivative", Derivative)
@given(h=st.integers(5, 24), w=st.integers(5, 24))
def test_slopes_that_no_image_has_leave_the_integral_as_it_is(derivative: Derivative, h: int, w: int) -> None:
    """A whirl: the slopes of an image, turned by a right angle, are orthogonal to those of all images."""
    down, right = fourier.slopes(noise(h, w), TORUS, derivative)
    turned = fourier.integrated(right, -down, TORUS, derivative)
    torch.testing.assert_close(turned, torch.zeros_like(turned), rtol=0, atol=1e-9)


@pytest.mark.parametrize("dim", [2, 3])
def test_the_slope_of_a_wave_is_known_exactly_and_by_its_neighbours_nearly(dim: int) -> None:
    shape = [1, 1, 1, 1]
    shape[dim] = -1
    phase = (2 * math.pi * 3 / 40 * torch.arange(40, dtype=torch.float64)).view(shape).expand(1, 1, 40, 40)
    expected = 2 * math.pi * 3 / 40 * torch.cos(phase)
    spectral = fourier.slopes(torch.sin(phase), TORUS, Derivative.SPECTRAL)
    central = fourier.slopes(torch.sin(phase), TORUS, Derivative.CENTRAL)
    torch.testing.assert_close(spectral[dim - 2], expected, rtol=0, atol=1e-9)
    torch.testing.assert_close(central[dim - 2], expected, rtol=0, atol=0.02)
    for slopes in (spectral, central):
        assert float(slopes[3 - dim].abs().max()) < 1e-9, "none across it"


def test_a_step_rings_nowhere_by_central_slopes() -> None:
    step = torch.zeros(1, 1, 8, 40)
    step[..., 20:] = 1.0
    _, right = fourier.slopes(step, PLANE)
    assert torch.nonzero(right[0, 0, 0]).flatten().tolist() == [19, 20]
    assert float(right.max()) == 0.5


@pytest.mark.parametrize("wrap", WRAPS)
def test_a_blur_is_the_gaussian_that_torus_has(wrap: Wrap) -> None:
    half = [math.exp(-0.5 * (tap / 2.5) ** 2) for tap in range(25)]
    total = half[0] + 2 * sum(half[1:])
    image = noise(30, 41)
    inner = fourier.blurred(image, 2.5, wrap)[:, :, 10:-10, 10:-10]
    expected = filtered(image, [tap / total for tap in half], wrap)[:, :, 10:-10, 10:-10]
    torch.testing.assert_close(inner, expected, rtol=0, atol=2e-4)


@pytest.mark.parametrize("wrap", WRAPS)
@given(h=sides, w=sides, radius=st.floats(0, 100))
def test_a_blur_keeps_the_mean_and_the_range(wrap: Wrap, h: int, w: int, radius: float) -> None:
    image = noise(h, w)
    made = fourier.blurred(image, radius, wrap)
    torch.testing.assert_close(made.mean((2, 3)), image.mean((2, 3)), rtol=0, atol=1e-9)
    if radius > 1:
        assert float(image.min()) - 1e-2 <= float(made.min()) <= float(made.max()) <= float(image.max()) + 1e-2


@pytest.mark.parametrize("dim", [2, 3])
def test_along_an_axis_that_does_not_wrap_there_is_a_border(dim: int) -> None:
    ramp = torch.linspace(0, 1, 50, dtype=torch.float64).view([-1 if d == dim else 1 for d in range(4)])
    ramp = ramp.expand(1, 1, 50, 50)
    ends = [float(fourier.blurred(ramp, 3.0, wrap).select(dim, 0).mean()) for wrap in (PLANE, TORUS)]
    assert ends[0] < 0.1
    assert ends[1] == pytest.approx(0.5, abs=0.1)
