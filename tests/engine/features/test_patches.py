import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional, grad
from toys import filters

from neural_texture_addon.engine.features import patches
from neural_texture_addon.engine.features.lens import ALL
from neural_texture_addon.engine.features.patches import Filters, PatchLens
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap, roll

WRAPS = [Wrap(x=x, y=y) for x in (False, True) for y in (False, True)]
sides = st.integers(8, 30)
shifts = st.integers(-20, 20)


def image(channels: int, height: int, width: int) -> torch.Tensor:
    return torch.rand(1, channels, height, width, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


@given(sides, sides, shifts, shifts, st.integers(1, 8))
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
    rolled_first = seen(roll(canvas, dy * stride, dx * stride), TORUS, stride)
    torch.testing.assert_close(rolled_first.view(shape), roll(seen(canvas, TORUS, stride).view(shape), dy, dx))


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
    whole = canvas
    for dim, (first, count) in zip((2, 3), seen.windows((h, w), wrap, stride), strict=True):
        places = torch.arange(first, first + (count - 1) * stride + size) % whole.shape[dim]
        whole = whole.index_select(dim, places)
    expected = functional.conv2d(whole, seen.kernels, stride=stride).flatten(2)[0]
    torch.testing.assert_close(seen(canvas, wrap, stride), expected)


@given(sides, st.integers(1, 8), st.integers(1, 40), st.booleans())
def test_over_all_offsets_every_window_counts_alike(length: int, size: int, stride: int, wraps: bool) -> None:
    """What makes the gradient of a random offset unbiased; but those at a border, if there is one, may count less."""
    starts = length if wraps else length - size + 1
    seen, draws = [0] * starts, 2 * starts * min(stride, starts)
    for i in range(draws):
        share = (i + 0.5) / draws
        (first, count), _ = filters(1, size, (share, 0.0)).windows((length, length), Wrap(x=wraps, y=wraps), stride)
        assert count == max(starts // stride, 1)
        for window in range(first, first + count * stride, stride):
            assert wraps or window < starts
            seen[window % starts] += 1
    border = 0 if wraps else starts % stride
    inner = seen[border : starts - border] if starts > stride else seen
    assert len(set(inner)) <= 1
    assert min(seen) > 0
    assert max(seen) == max(inner, default=max(seen))


def test_offsets_go_through_the_whole_stride() -> None:
    generator = torch.Generator().manual_seed(1)
    shares = torch.stack([patches.draw_offset(generator) for _ in range(400)])
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


@given(st.integers(1, 6), sides, sides, st.integers(1, 8), st.integers(1, 3), st.sampled_from(WRAPS))
def test_the_gradient_is_that_of_torch(channels: int, h: int, w: int, size: int, stride: int, wrap: Wrap) -> None:
    """Of canvases with odd sides and even ones, of few channels and more."""
    slopes = torch.randn(5, h * w, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    found = []
    for responses_of in (patches._every, lambda every, *of: functional.conv2d(*of, stride=every)):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(patches, "_every", responses_of)
            canvas, seen = image(channels, h, w).requires_grad_(), filters(channels, size)
            responses = seen(canvas, wrap, stride)
            (responses * slopes[:, : responses.shape[1]]).sum().backward()
        found.append(canvas.grad)
    torch.testing.assert_close(found[1], found[0])


@given(
    st.integers(1, 4), sides, sides, st.integers(1, 8), st.integers(1, 3), st.sampled_from(WRAPS), st.integers(2, 40)
)
def test_slopes_are_carried_back_by_the_transpose(
    channels: int, h: int, w: int, size: int, stride: int, wrap: Wrap, side: int
) -> None:
    """Of each piece, whatever it sees beyond its windows."""
    lens = PatchLens(filters=filters(channels, size, (0.3, 0.8)), wrap=wrap, apart=stride).some(slice(1, 4))
    canvas = image(channels, h, w)
    for piece in lens.pieces((h, w), side, [ALL]):
        texels = piece.cut(canvas)
        seen = lens.look_at(piece, texels)[ALL]
        slopes = torch.randn(seen.shape, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
        back = lens.carried_back(piece, slopes)
        assert len(seen) == 3
        as_on_a_card = grad.conv2d_input(texels.shape, lens.filters.kernels, slopes[None], stride)
        torch.testing.assert_close(back, as_on_a_card)
        torch.testing.assert_close((back * texels).sum(), (slopes * seen).sum())


@given(st.integers(1, 5), st.integers(8, 40), st.integers(8, 40), st.integers(1, 500))
def test_a_sample_holds_responses_of_the_image_and_nothing_else(size: int, height: int, width: int, count: int) -> None:
    generator = torch.Generator().manual_seed(1)
    seen_with = filters(1, size, count=2)
    picture = torch.rand(1, 1, height, width, generator=generator, dtype=torch.float64)
    everywhere = functional.conv2d(picture, seen_with.kernels).flatten(2)[0]
    seen = seen_with.sampled(picture, patches.draw_jitter(picture, size, count, generator))
    nearest = (seen[:, :, None] - everywhere[:, None, :]).abs().amin(2)
    assert float(nearest.max()) < 1e-5
    assert seen.shape[1] <= everywhere.shape[1]
    assert seen.shape[1] >= min(count, everywhere.shape[1]) / 2


def test_a_sample_reaches_every_place() -> None:
    generator = torch.Generator().manual_seed(1)
    picture = torch.arange(100.0).view(1, 1, 10, 10)
    one = Filters(kernels=torch.ones(1, 1, 1, 1), offset=torch.zeros(2))
    draws = (patches.draw_jitter(picture, 1, 25, generator) for _ in range(200))
    seen = torch.cat([one.sampled(picture, jitter).flatten() for jitter in draws])
    assert set(seen.tolist()) == set(range(100))
