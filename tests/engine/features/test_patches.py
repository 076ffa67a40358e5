import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from neural_texture_addon.engine.features import patches
from neural_texture_addon.engine.features.patches import Filters
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap, continued, roll

WRAPS = [Wrap(x=x, y=y) for x in (False, True) for y in (False, True)]
CPU = torch.device("cpu")
sides = st.integers(8, 30)
shifts = st.integers(-20, 20)


def filters(channels: int, size: int, offset: tuple[float, float] = (0.0, 0.0), count: int = 5) -> Filters:
    drawn = patches.draw(count, channels, size, torch.Generator().manual_seed(4), CPU)
    return Filters(kernels=drawn.kernels.double(), offset=offset)


def image(channels: int, height: int, width: int) -> torch.Tensor:
    return torch.rand(1, channels, height, width, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


@given(sides, sides, shifts, shifts, st.integers(2, 8))
def test_rolling_the_canvas_rolls_the_features(h: int, w: int, dy: int, dx: int, size: int) -> None:
    seen, canvas = filters(3, size), image(3, h, w)
    rolled_first = seen(roll(canvas, dy, dx), TORUS, 1).view(1, -1, h, w)
    torch.testing.assert_close(rolled_first, roll(seen(canvas, TORUS, 1).view(1, -1, h, w), dy, dx))


@given(st.integers(1, 6), st.integers(1, 6), shifts, shifts, st.integers(2, 5), st.floats(0, 0.999))
def test_with_a_stride_rolling_by_its_multiples_rolls_the_features(
    rows: int, columns: int, dy: int, dx: int, stride: int, share: float
) -> None:
    seen, canvas = filters(2, 7, (share, share)), image(2, 8 * stride + rows * stride, 8 * stride + columns * stride)
    shape = (1, -1, canvas.shape[2] // stride, canvas.shape[3] // stride)
    cut = int(share * stride)  # an offset shortens the canvas: the last window of each axis falls off
    rolled_first = seen(roll(canvas, dy * stride, dx * stride), TORUS, stride)
    before = seen(canvas, TORUS, stride)
    if cut == 0:
        torch.testing.assert_close(rolled_first.view(shape), roll(before.view(shape), dy, dx))


def test_without_wrap_the_features_do_not_roll() -> None:
    seen, canvas = filters(1, 4), image(1, 12, 12)
    inside = seen(canvas, PLANE, 1)
    assert inside.shape == (5, 9 * 9)
    assert not torch.allclose(seen(roll(canvas, 1, 0), PLANE, 1).sort(1).values, inside.sort(1).values)


@given(
    st.sampled_from([1, 2, 4, 7]),
    sides,
    sides,
    st.integers(1, 8),
    st.integers(1, 40),
    st.floats(0, 0.999),
    st.floats(0, 0.999),
    st.sampled_from(WRAPS),
)
def test_a_response_is_that_of_a_strided_convolution(
    channels: int, h: int, w: int, size: int, stride: int, top: float, left: float, wrap: Wrap
) -> None:
    seen, canvas = filters(channels, size, (top, left)), image(channels, h, w)
    whole = continued(canvas, size - 1, wrap)
    rows, columns = (length - size + 1 for length in whole.shape[2:])
    whole = whole[:, :, int(top * min(stride, rows)) :, int(left * min(stride, columns)) :]
    expected = functional.conv2d(whole, seen.kernels, stride=stride).flatten(2)[0]
    torch.testing.assert_close(seen(canvas, wrap, stride), expected)


@given(sides, sides, st.integers(1, 8), st.integers(1, 6))
def test_every_window_is_seen_once_when_the_offset_goes_through_the_stride(
    h: int, w: int, size: int, stride: int
) -> None:
    """What makes the gradient of a random offset unbiased: on average all windows count alike."""
    canvas = image(1, h, w)
    every = filters(1, size)(canvas, TORUS, 1)
    parts = [
        filters(1, size, ((i + 0.5) / stride, (j + 0.5) / stride))(canvas, TORUS, stride)
        for i in range(stride)
        for j in range(stride)
    ]
    torch.testing.assert_close(torch.cat(parts, 1).sort(1).values, every.sort(1).values)


def test_filters_have_unit_length_and_no_favourite_direction() -> None:
    drawn = patches.draw(4000, 2, 3, torch.Generator().manual_seed(1), CPU).kernels.flatten(1)
    torch.testing.assert_close(drawn.norm(dim=1), torch.ones(4000))
    torch.testing.assert_close(drawn.T @ drawn / 4000, torch.eye(18) / 18, atol=0.01, rtol=0)


def test_each_draw_is_another_but_the_same_from_the_same_seed() -> None:
    generator = torch.Generator().manual_seed(9)
    first, second = (patches.draw(3, 2, 4, generator, CPU) for _ in range(2))
    again = patches.draw(3, 2, 4, torch.Generator().manual_seed(9), CPU)
    assert torch.equal(first.kernels, again.kernels)
    assert first.offset == again.offset
    assert not torch.allclose(first.kernels, second.kernels)
    assert first.offset != second.offset


def test_offsets_go_through_the_whole_stride() -> None:
    generator = torch.Generator().manual_seed(1)
    shares = torch.tensor([patches.draw(1, 1, 1, generator, CPU).offset for _ in range(400)])
    assert float(shares.min()) >= 0
    assert float(shares.max()) < 1
    counts = torch.stack([(shares * 4).int() == i for i in range(4)]).sum(1)
    assert float(counts.min()) > 70


@pytest.mark.parametrize("stride", [1, 2, 3, 8])
def test_the_gradient_is_that_of_finite_differences(stride: int) -> None:
    seen = filters(2, 5, (0.4, 0.7), count=3)
    canvas = image(2, 9, 8).requires_grad_()
    for wrap in WRAPS:
        assert torch.autograd.gradcheck(lambda c, wrap=wrap: seen(c, wrap, stride), canvas)


@given(st.integers(1, 5), st.integers(8, 40), st.integers(8, 40), st.integers(1, 500))
def test_a_sample_holds_responses_of_the_image_and_nothing_else(size: int, height: int, width: int, count: int) -> None:
    generator = torch.Generator().manual_seed(1)
    drawn = patches.draw(2, 1, size, generator, CPU)
    picture = torch.rand(1, 1, height, width, generator=generator)
    everywhere = functional.conv2d(picture, drawn.kernels).flatten(2)[0]
    seen = drawn.sampled(picture, count, generator)
    nearest = (seen[:, :, None] - everywhere[:, None, :]).abs().amin(2)
    assert float(nearest.max()) < 1e-5
    assert seen.shape[1] <= everywhere.shape[1]
    assert seen.shape[1] >= min(count, everywhere.shape[1]) / 2


def test_a_sample_reaches_every_place() -> None:
    generator = torch.Generator().manual_seed(1)
    picture = torch.arange(100.0).view(1, 1, 10, 10)
    one = Filters(kernels=torch.ones(1, 1, 1, 1), offset=(0, 0))
    seen = torch.cat([one.sampled(picture, 25, generator).flatten() for _ in range(200)])
    assert set(seen.tolist()) == set(range(100))
