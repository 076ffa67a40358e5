from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from neural_texture_addon.engine.torus import (
    HEIGHT,
    PLANE,
    TORUS,
    WIDTH,
    Wrap,
    add,
    cut,
    filtered,
    resize,
    roll,
    stretch,
    surrounded,
)

WRAPS = [Wrap(x=x, y=y) for x in (False, True) for y in (False, True)]
FACTORS = [2.0, 2**0.5, 1 / 0.85, 1.05, 4.0, 0.5, 0.3, 1.0]
sides = st.integers(1, 24)
shifts = st.integers(-30, 30)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(sides, sides, st.integers(1, 4), st.integers(1, 4), shifts, shifts)
def test_enlarging_commutes_with_rolling_exactly(h: int, w: int, fy: int, fx: int, dy: int, dx: int) -> None:
    image = noise(1, 2, h, w)
    rolled_first = resize(roll(image, dy, dx), h * fy, w * fx, TORUS)
    assert torch.equal(rolled_first, roll(resize(image, h * fy, w * fx, TORUS), dy * fy, dx * fx))


@given(sides, sides, st.integers(1, 4), st.integers(1, 4), shifts, shifts)
def test_shrinking_commutes_with_rolling_exactly(h: int, w: int, fy: int, fx: int, dy: int, dx: int) -> None:
    image = noise(1, 2, h * fy, w * fx)
    rolled_first = resize(roll(image, dy * fy, dx * fx), h, w, TORUS)
    assert torch.equal(rolled_first, roll(resize(image, h, w, TORUS), dy, dx))


@given(st.integers(1, 6), st.integers(1, 5), st.integers(1, 5), shifts)
def test_a_fractional_resize_commutes_with_rolling_by_whole_texels_of_both_grids(
    common: int, old: int, new: int, shift: int
) -> None:
    image = noise(1, 1, 3, common * old)
    rolled_first = resize(roll(image, 0, shift * old), 3, common * new, TORUS)
    assert torch.equal(rolled_first, roll(resize(image, 3, common * new, TORUS), 0, shift * new))


@given(sides, shifts, shifts)
def test_along_a_single_wrapped_axis_it_commutes_too(h: int, dy: int, dx: int) -> None:
    image = noise(1, 1, h, 10)
    for wrap, dy_, dx_ in ((Wrap(x=True, y=False), 0, dx), (Wrap(x=False, y=True), dy, 0)):
        rolled_first = resize(roll(image, dy_, dx_), 2 * h, 20, wrap)
        assert torch.equal(rolled_first, roll(resize(image, 2 * h, 20, wrap), 2 * dy_, 2 * dx_))


def test_a_plane_does_not_commute_with_rolling() -> None:
    image = noise(1, 1, 8, 8)
    assert not torch.equal(resize(roll(image, 1, 0), 16, 16, PLANE), roll(resize(image, 16, 16, PLANE), 2, 0))


@given(sides, sides, sides, sides, st.sampled_from(WRAPS), st.floats(-3, 3))
def test_a_constant_stays_constant(h: int, w: int, height: int, width: int, wrap: Wrap, value: float) -> None:
    resized = resize(torch.full((1, 2, h, w), value, dtype=torch.float64), height, width, wrap)
    assert resized.shape == (1, 2, height, width)
    torch.testing.assert_close(resized, torch.full_like(resized, value), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("wrap", WRAPS)
def test_the_mean_survives_a_resize(factor: float, wrap: Wrap) -> None:
    image = noise(1, 1, 40, 40)
    side = round(40 * factor)
    assert float((resize(image, side, side, wrap) - image.mean()).mean().abs()) < 0.02


@given(sides, sides, st.sampled_from(WRAPS))
def test_the_same_size_is_the_same_image(h: int, w: int, wrap: Wrap) -> None:
    image = noise(1, 1, h, w)
    assert torch.equal(resize(image, h, w, wrap), image)


@given(st.sampled_from([1, 2, 4, 7]), sides, sides, sides, sides, st.sampled_from(WRAPS))
def test_each_channel_is_resized_alone(c: int, h: int, w: int, height: int, width: int, wrap: Wrap) -> None:
    image = noise(1, c, h, w)
    alone = [resize(image[:, i : i + 1], height, width, wrap) for i in range(c)]
    assert torch.equal(resize(image, height, width, wrap), torch.cat(alone, 1))


@given(sides, sides, sides, sides)
def test_transposing_the_torus_transposes_the_resize(h: int, w: int, height: int, width: int) -> None:
    image = noise(1, 1, h, w)
    across = resize(image.mT, width, height, TORUS).mT
    torch.testing.assert_close(resize(image, height, width, TORUS), across, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("factor", [f for f in FACTORS if f > 1])
def test_an_enlarged_torus_has_no_seam(factor: float, seam: Callable[..., float]) -> None:
    image, side = noise(1, 1, 48, 48), round(48 * factor)
    for dim in (HEIGHT, WIDTH):
        assert seam(resize(image, side, side, TORUS), dim) < 1.1


def test_an_enlarged_plane_has_a_seam_that_the_torus_has_not(seam: Callable[..., float]) -> None:
    image = noise(1, 1, 48, 48)
    for dim in (HEIGHT, WIDTH):
        assert seam(resize(image, 96, 96, PLANE), dim) > 1.2
        wrap = Wrap(x=dim == WIDTH, y=dim == HEIGHT)
        assert seam(resize(image, 96, 96, wrap), dim) < 1.1
        assert seam(resize(image, 96, 96, wrap), HEIGHT + WIDTH - dim) > 1.2


@given(st.integers(16, 40), st.integers(5, 80))
def test_a_plane_is_resized_as_pillow_does(old: int, new: int) -> None:
    """Its bicubic filter has the same kernel. It renormalises at the border where we go on with the border's texels."""
    row = noise(1, 1, 1, old).expand(1, 1, 2, old).float()
    theirs = np.asarray(Image.fromarray(row[0, 0].numpy()).resize((new, 2), Image.Resampling.BICUBIC))
    ours = resize(row, 2, new, PLANE)[0, 0].numpy()
    centres, reach = (np.arange(new) + 0.5) * old / new, 2 * max(old / new, 1)
    inner = (centres >= reach) & (centres <= old - reach)
    np.testing.assert_allclose(ours[:, inner], theirs[:, inner], atol=2e-5)


def test_a_straight_ramp_is_enlarged_to_a_straight_ramp() -> None:
    ramp = torch.arange(16, dtype=torch.float64).view(1, 1, 1, 16)
    enlarged = resize(ramp, 1, 64, PLANE)[0, 0, 0]
    torch.testing.assert_close(enlarged[8:-8].diff(), torch.full((47,), 0.25, dtype=torch.float64))


def test_shrinking_lets_no_fine_pattern_through() -> None:
    stripes = torch.tensor([0.0, 1.0], dtype=torch.float64).repeat(32).view(1, 1, 1, 64)
    shrunk = resize(stripes, 1, 21, TORUS)
    assert float((shrunk - 0.5).abs().max()) < 0.08


@given(sides, sides, st.integers(0, 60), st.integers(1, 99), st.sampled_from([HEIGHT, WIDTH]))
def test_a_stretch_goes_on_around_the_torus(h: int, w: int, first: int, count: int, dim: int) -> None:
    image = noise(1, 2, h, w)
    places = torch.arange(first, first + count) % image.shape[dim]
    for start in (first, torch.tensor(first)):
        assert torch.equal(stretch(image, dim, start, count), image.index_select(dim, places))


@given(sides, sides, shifts, shifts, shifts, shifts)
def test_rolls_add_up(h: int, w: int, a: int, b: int, c: int, d: int) -> None:
    image = noise(1, 1, h, w)
    assert torch.equal(roll(roll(image, a, b), c, d), roll(image, a + c, b + d))
    assert torch.equal(roll(image, h, w), image)


def test_a_roll_goes_down_and_right() -> None:
    image = torch.zeros(1, 1, 4, 5)
    image[0, 0, 0, 0] = 1
    assert roll(image, 1, 2)[0, 0, 1, 2] == 1


@given(sides, sides, st.lists(st.floats(-1, 1), min_size=1, max_size=30), st.sampled_from(WRAPS), shifts, shifts)
def test_filtering_commutes_with_rolling_exactly(
    h: int, w: int, half: list[float], wrap: Wrap, dy: int, dx: int
) -> None:
    image, dy, dx = noise(1, 2, h, w), dy * wrap.y, dx * wrap.x
    assert torch.equal(filtered(roll(image, dy, dx), half, wrap), roll(filtered(image, half, wrap), dy, dx))


@given(sides, sides, st.lists(st.floats(-1, 1), min_size=1, max_size=30), st.sampled_from(WRAPS))
def test_a_filter_is_a_convolution_along_both_axes(h: int, w: int, half: list[float], wrap: Wrap) -> None:
    image, reach = noise(1, 1, h, w), len(half) - 1
    kernel = np.array([*half[:0:-1], *half])
    padded = np.pad(image[0, 0].numpy(), ((reach, reach), (0, 0)), mode="wrap" if wrap.y else "edge")
    padded = np.pad(padded, ((0, 0), (reach, reach)), mode="wrap" if wrap.x else "edge")
    down = np.apply_along_axis(np.convolve, 0, padded, kernel, mode="valid")
    across = np.apply_along_axis(np.convolve, 1, down, kernel, mode="valid")
    np.testing.assert_allclose(filtered(image, half, wrap)[0, 0].numpy(), across, rtol=1e-9, atol=1e-9)


spans = st.tuples(st.integers(-20, 20), st.integers(1, 25)).map(lambda s: (s[0], s[0] + s[1]))


@given(st.integers(1, 9), st.integers(1, 9), spans, spans)
def test_what_is_cut_lies_where_it_lay_on_the_torus(
    height: int, width: int, rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    image = torch.arange(2 * height * width).view(1, 2, height, width)
    piece = cut(image, rows, columns)
    expected = image[:, :, torch.arange(*rows) % height][..., torch.arange(*columns) % width]
    assert torch.equal(piece, expected)


@given(st.integers(1, 9), st.integers(1, 9), spans, spans)
def test_adding_a_piece_is_the_transpose_of_cutting_it(
    height: int, width: int, rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    image = torch.arange(2.0 * height * width, dtype=torch.float64).view(1, 2, height, width).requires_grad_()
    piece = cut(image, rows, columns)
    weights = torch.arange(1.0, piece.numel() + 1, dtype=torch.float64).view_as(piece)
    piece.backward(weights)
    added = torch.zeros_like(image)
    add(added, weights, rows[0], columns[0])
    assert torch.equal(added, image.grad)


@pytest.mark.parametrize("wrap", WRAPS)
@given(sides, sides, st.integers(0, 9), st.booleans())
def test_an_image_goes_on_around_the_torus_or_mirrored_however_it_lies_in_memory(
    wrap: Wrap, height: int, width: int, margin: int, beside: bool
) -> None:
    image = noise(1, 2, height, width)
    if beside:
        image = image.contiguous(memory_format=torch.channels_last)
    modes = ["wrap" if wrap.along(dim) else "reflect" for dim in (HEIGHT, WIDTH)]
    expected = image.numpy()
    for axis, mode in zip((HEIGHT, WIDTH), modes, strict=True):
        sides = [(margin, margin) if dim == axis else (0, 0) for dim in range(4)]
        expected = np.pad(expected, sides, mode=mode)
    seen = surrounded(image, margin, wrap)
    assert np.array_equal(seen.numpy(), expected)


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("margin", [1, 3, 7])
def test_the_gradient_of_an_image_that_goes_on_is_that_of_finite_differences(wrap: Wrap, margin: int) -> None:
    image = noise(1, 2, 5, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda image: surrounded(image, margin, wrap), image)
