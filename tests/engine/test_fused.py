"""What Triton's programs find is what torch finds step by step: on a card, or else interpreted on the CPU."""

import os
from collections.abc import Callable

import pytest
import torch
from torch.nn import functional
from toys import noise

from neural_texture_addon.engine import fused, torus
from neural_texture_addon.engine.torus import TORUS

ON_A_CARD = torch.cuda.is_available()
if not ON_A_CARD:
    os.environ["TRITON_INTERPRET"] = "1"  # read when the programs are defined; nothing else here asks for them
pytest.importorskip("triton", reason="Triton is not here: torch brings it on Linux alone")
DEVICE = torch.device("cuda" if ON_A_CARD else "cpu")
FACTOR = torch.bfloat16 if ON_A_CARD else torch.float32
"""In which precision matrices are multiplied; Triton's interpreter multiplies none of bfloat16."""


def maps(height: int, width: int, channels: int = 16, *, batch: int = 2, seed: int = 0) -> torch.Tensor:
    values = noise(batch, channels, height, width, seed=seed).to(DEVICE, torch.bfloat16) - 0.5
    return values.contiguous(memory_format=torch.channels_last)


def check_near(found: torch.Tensor, expected: torch.Tensor) -> None:
    """To the digits of bfloat16."""
    assert found.shape == expected.shape
    assert float((found.double() - expected.double()).norm()) <= 0.005 * float(expected.double().norm())


def gradient(work: Callable[[torch.Tensor], torch.Tensor], image: torch.Tensor, slopes: torch.Tensor) -> torch.Tensor:
    image = image.double().requires_grad_()
    return torch.autograd.grad(work(image), image, slopes.double())[0]


@pytest.mark.gpu
def test_it_works_where_triton_is() -> None:
    assert fused.works(torch.device("cuda", 0))


def test_it_does_not_without_a_card() -> None:
    assert not fused.works(torch.device("cpu"))


@pytest.mark.parametrize("size", [(2, 2), (4, 6), (8, 130)])
@pytest.mark.parametrize("channels", [16, 64])
def test_surrounded(size: tuple[int, int], channels: int) -> None:
    image = maps(*size, channels)
    assert torch.equal(fused.surrounded(image), torus.surrounded(image, 1, TORUS))
    halved = functional.avg_pool2d(image.double(), 2)
    check_near(fused.surrounded(image, halve=True), torus.surrounded(halved, 1, TORUS))


@pytest.mark.parametrize("size", [(2, 2), (4, 6), (8, 130)])
@pytest.mark.parametrize("halved", [(False,), (True,), (False, False), (False, True)])
def test_sloped(size: tuple[int, int], halved: tuple[bool, ...]) -> None:
    """The gradient of what follows a rectifier: of the responses, of their averages, or both."""
    responses = maps(*size, 32).relu()
    slopes = [maps(size[0] // (1 + half), size[1] // (1 + half), 32, seed=5 + i) for i, half in enumerate(halved)]
    followed = [lambda x: x.relu(), lambda x: functional.avg_pool2d(x.relu(), 2)]
    expected = sum(gradient(followed[half], responses, slope) for half, slope in zip(halved, slopes, strict=True))
    check_near(fused.sloped(responses, slopes), torus.surrounded(expected, 1, TORUS))


@pytest.mark.parametrize("size", [(2, 2), (4, 6), (8, 130)])
def test_the_first_convolution_and_its_gradient(size: tuple[int, int]) -> None:
    image = (noise(2, 3, *size).float() - 0.5).to(DEVICE)
    weight, bias = (noise(*shape, seed=2).to(DEVICE, FACTOR) - 0.5 for shape in ((32, 3, 3, 3), (32,)))

    def convolved(x: torch.Tensor) -> torch.Tensor:
        return functional.conv2d(torus.surrounded(x, 1, TORUS), weight.double(), bias.double())

    responses = fused.first_rectified(image, weight, bias)
    check_near(responses, convolved(image.to(FACTOR).double()).relu())
    slopes = [maps(*size, 32, seed=3), maps(size[0] // 2, size[1] // 2, 32, seed=4)]
    whole = slopes[0].double() + functional.interpolate(slopes[1].double() / 4, scale_factor=2, mode="nearest")
    expected = gradient(convolved, image, whole * (responses > 0))
    check_near(fused.first_sloped(responses, slopes, weight), expected)


@pytest.mark.parametrize("count", [1, 63, 200])
@pytest.mark.parametrize("features", [3, 16, 32])
def test_nearest(count: int, features: int) -> None:
    seen, windows = ((noise(n, features, seed=n).to(DEVICE) - 0.5).half() for n in (150, count))
    lengths = windows.float().square().sum(1)
    distances = torch.cdist(seen.double(), windows.double())
    found = distances.gather(1, fused.nearest(seen, windows, lengths)[:, None])[:, 0]
    torch.testing.assert_close(found, distances.min(1).values, rtol=1e-3, atol=1e-3)
