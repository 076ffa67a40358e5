import dataclasses
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_texture_addon.engine import adjustments
from neural_texture_addon.engine.exemplar import Exemplar
from neural_texture_addon.engine.torus import HEIGHT, PLANE, TORUS, WIDTH, Wrap, roll
from neural_texture_addon.job.description import (
    Blur,
    ColourMatching,
    Levels,
    MapKind,
    MatchColours,
    Offset,
    Sharpen,
)

COLOUR = (MapKind.COLOUR,)
SOME = (MapKind.HEIGHT, MapKind.COLOUR, MapKind.ROUGHNESS)
WRAPS = [Wrap(x=x, y=y) for x in (False, True) for y in (False, True)]
BY_VALUE = [
    Levels(black=0.2, white=0.9, gamma=2.2),
    MatchColours(method=ColourMatching.HISTOGRAM),
    MatchColours(method=ColourMatching.COVARIANCE),
]
"""They treat a texel by its value alone, whatever wraps."""
STEPS = [*BY_VALUE, Sharpen(amount=2.0, radius=1.7), Blur(radius=0.4), Blur(radius=9.0), Offset(x=0.3, y=-0.4)]
sides = st.integers(1, 24)
shifts = st.integers(-30, 30)


def noise(channels: int, height: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(1, channels, height, width, generator=torch.Generator().manual_seed(seed))


def style(*, low: float = 0.0, high: float = 1.0, weight: float = 1.0, channels: int = 3, seed: int = 5) -> Exemplar:
    """Its channels are correlated and unevenly distributed."""
    generator = torch.Generator().manual_seed(seed)
    shared = torch.rand(1, 1, 40, 50, generator=generator)
    texels = (0.7 * shared + 0.3 * torch.rand(1, channels, 40, 50, generator=generator)).pow(2)
    return Exemplar(texels=low + (high - low) * texels, weight=weight)


def applied(
    step: adjustments.Adjustment,
    canvas: torch.Tensor,
    *exemplars: Exemplar,
    maps: tuple[MapKind, ...] = COLOUR,
    wrap: Wrap = TORUS,
    seed: int = 1,
) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return adjustments.apply(step, canvas, list(exemplars), maps, wrap, generator)


def distance(made: torch.Tensor, wanted: torch.Tensor) -> float:
    """Between two distributions of texels: the Wasserstein distance along the worst of many directions."""
    axes = torch.randn(50, 3, generator=torch.Generator().manual_seed(9))
    axes = axes / axes.norm(dim=1, keepdim=True)
    ranks = torch.linspace(0.02, 0.98, 49)
    seen = [(axes @ texels[0].flatten(1)).quantile(ranks, 1) for texels in (made, wanted)]
    return float((seen[0] - seen[1]).abs().mean(0).max())


@pytest.mark.parametrize(("step", "wrap"), [(s, w) for s in STEPS for w in WRAPS if w == TORUS or s not in BY_VALUE])
@settings(max_examples=12)
@given(h=sides, w=sides, dy=shifts, dx=shifts)
def test_rolling_the_canvas_rolls_the_result(
    step: adjustments.Adjustment, wrap: Wrap, h: int, w: int, dy: int, dx: int
) -> None:
    dy, dx = dy * wrap.y, dx * wrap.x
    canvas = noise(3, h, w)
    rolled_first = applied(step, roll(canvas, dy, dx), style(), wrap=wrap)
    assert torch.equal(rolled_first, roll(applied(step, canvas, style(), wrap=wrap), dy, dx))


@pytest.mark.parametrize("step", STEPS)
def test_rolling_a_large_canvas_rolls_the_result_to_the_last_bit(step: adjustments.Adjustment) -> None:
    """Vector instructions and threads see other texels together then."""
    canvas = noise(3, 251, 263)
    rolled_first = applied(step, roll(canvas, 101, 37), style())
    assert torch.equal(rolled_first, roll(applied(step, canvas, style()), 101, 37))


@pytest.mark.parametrize("step", [Sharpen(), Blur(radius=2.0)])
def test_an_axis_that_does_not_wrap_has_a_border(step: adjustments.Adjustment) -> None:
    canvas = noise(3, 12, 12)
    plane, torus = applied(step, canvas, wrap=PLANE), applied(step, canvas)
    assert not torch.allclose(plane[:, :, 0], torus[:, :, 0])
    assert not torch.equal(applied(step, roll(canvas, 5, 0), wrap=PLANE), roll(plane, 5, 0))


@pytest.mark.parametrize("step", STEPS)
@settings(max_examples=12)
@given(h=sides, w=sides)
def test_values_stay_within_their_range_and_the_canvas_given_stays(
    step: adjustments.Adjustment, h: int, w: int
) -> None:
    canvas = noise(3, h, w).round()
    before = canvas.clone()
    made = applied(step, canvas, style())
    assert made.shape == canvas.shape
    assert made.dtype == torch.float32
    assert 0 <= float(made.min()) <= float(made.max()) <= 1
    assert torch.equal(canvas, before)


@pytest.mark.parametrize("step", [Sharpen(amount=2.0, radius=1.7), Blur(radius=2.0), Offset()])
def test_sharpen_blur_and_offset_treat_each_channel_alone_and_alike(step: adjustments.Adjustment) -> None:
    canvas = noise(5, 9, 14)
    alone = [applied(step, canvas[:, i : i + 1], maps=(MapKind.HEIGHT,)) for i in range(5)]
    made = applied(step, canvas, maps=SOME)
    assert torch.equal(made, torch.cat(alone, 1))
    assert not any(torch.equal(made[:, i], canvas[:, i]) for i in range(5))


@pytest.mark.parametrize("step", [Levels(gamma=2.0), *(MatchColours(method=method) for method in ColourMatching)])
def test_levels_and_colours_touch_the_colour_map_only(step: adjustments.Adjustment) -> None:
    canvas, exemplar = noise(5, 9, 14), style(channels=5)
    made = applied(step, canvas, exemplar, maps=SOME)
    assert torch.equal(made[:, [0, 4]], canvas[:, [0, 4]])
    colours = dataclasses.replace(exemplar, texels=exemplar.texels[:, 1:4])
    assert torch.equal(made[:, 1:4], applied(step, canvas[:, 1:4], colours))
    assert not torch.equal(made[:, 1:4], canvas[:, 1:4])
    assert torch.equal(applied(step, canvas[:, :1], maps=(MapKind.HEIGHT,)), canvas[:, :1])


@given(st.floats(0.8, 12.0), sides, sides)
def test_a_blurred_torus_keeps_its_mean(radius: float, h: int, w: int) -> None:
    canvas = noise(2, h, w)
    made = applied(Blur(radius=radius), canvas)
    torch.testing.assert_close(made.mean((2, 3)), canvas.mean((2, 3)), rtol=0, atol=1e-5)


@pytest.mark.parametrize("radius", [0.8, 1.0, 3.0, 7.5])
def test_a_point_is_blurred_to_a_gaussian_of_that_radius(radius: float) -> None:
    point = torch.zeros(1, 1, 101, 101)
    point[0, 0, 50, 50] = 1
    made = applied(Blur(radius=radius), point)[0, 0].double()
    y = torch.arange(101, dtype=torch.float64) - 50
    assert float((made.sum(1) * y * y).sum()) == pytest.approx(radius**2, rel=0.01)
    assert float((made.sum(0) * y * y).sum()) == pytest.approx(radius**2, rel=0.01)
    gaussian = torch.exp(-0.5 * (y[:, None] ** 2 + y**2) / radius**2)
    torch.testing.assert_close(made, gaussian / gaussian.sum(), rtol=0, atol=1e-5)


def test_two_blurs_are_one_wider_blur() -> None:
    canvas = noise(1, 40, 40)
    twice = applied(Blur(radius=4.0), applied(Blur(radius=3.0), canvas))
    torch.testing.assert_close(twice, applied(Blur(radius=5.0), canvas), rtol=0, atol=1e-4)


def test_the_least_blur_changes_nothing_and_the_widest_leaves_the_mean() -> None:
    canvas = noise(1, 30, 20)
    torch.testing.assert_close(applied(Blur(radius=0.1), canvas), canvas, rtol=0, atol=1e-6)
    widest = applied(Blur(radius=100.0), canvas)
    torch.testing.assert_close(widest, canvas.mean().expand_as(widest), rtol=0, atol=1e-4)


@given(st.floats(0.1, 100.0), sides, sides, st.sampled_from(WRAPS), st.floats(0, 1))
def test_one_colour_stays_one_colour(radius: float, h: int, w: int, wrap: Wrap, value: float) -> None:
    canvas = torch.full((1, 1, h, w), value)
    for step in (Blur(radius=radius), Sharpen(radius=radius, amount=3.0)):
        torch.testing.assert_close(applied(step, canvas, wrap=wrap), canvas, rtol=0, atol=1e-5)


@pytest.mark.parametrize("dim", [HEIGHT, WIDTH])
def test_a_blurred_or_sharpened_torus_has_no_seam(seam: Callable[..., float], dim: int) -> None:
    canvas = applied(Blur(radius=1.5), noise(3, 64, 64))
    for step in (Blur(radius=2.0), Sharpen(amount=1.0)):
        assert seam(applied(step, canvas), dim) < 1.1


def test_sharpening_adds_its_share_of_the_detail() -> None:
    canvas = 0.4 + 0.2 * noise(1, 20, 20)
    detail = canvas - applied(Blur(radius=2.0), canvas)
    made = applied(Sharpen(amount=0.7, radius=2.0), canvas)
    torch.testing.assert_close(made, canvas + 0.7 * detail, rtol=0, atol=1e-6)
    assert torch.equal(applied(Sharpen(amount=0.0), canvas), canvas)


def test_an_offset_goes_right_and_down_by_its_share() -> None:
    canvas = noise(1, 10, 20)
    assert torch.equal(applied(Offset(x=0.25, y=0.1), canvas), roll(canvas, 1, 5))
    assert torch.equal(applied(Offset(), applied(Offset(), canvas)), canvas)
    assert torch.equal(applied(Offset(x=1.0, y=-1.0), canvas), canvas)


def test_levels_put_black_white_and_grey_where_they_belong() -> None:
    canvas = torch.tensor([0.0, 0.2, 0.5, 0.8, 1.0]).expand(1, 3, 1, 5)
    made = applied(Levels(black=0.2, white=0.8, gamma=2.0), canvas)[0, 0, 0]
    torch.testing.assert_close(made, torch.tensor([0.0, 0.0, math.sqrt(0.5), 1.0, 1.0]))
    assert torch.equal(applied(Levels(), canvas), canvas)


def test_the_histogram_matched_is_the_exemplars() -> None:
    canvas, exemplar = noise(3, 60, 60), style()
    assert distance(canvas, exemplar.texels) > 0.1
    assert distance(applied(MatchColours(), canvas, exemplar), exemplar.texels) < 0.01


def test_the_covariance_matched_is_the_exemplars() -> None:
    canvas, exemplar = 0.4 + 0.2 * noise(3, 60, 60), style(low=0.3, high=0.6)
    made = applied(MatchColours(method=ColourMatching.COVARIANCE), canvas, exemplar)[0].flatten(1)
    wanted = exemplar.texels[0].flatten(1)
    torch.testing.assert_close(made.mean(1), wanted.mean(1), rtol=0, atol=1e-4)
    torch.testing.assert_close(made.cov(correction=0), wanted.cov(correction=0), rtol=0, atol=1e-5)


def test_the_covariance_is_matched_by_a_linear_map_without_a_turn() -> None:
    """The map that moves least is symmetric and positive."""
    canvas, exemplar = 0.4 + 0.2 * noise(3, 60, 60), style(low=0.3, high=0.6)
    made = applied(MatchColours(method=ColourMatching.COVARIANCE), canvas, exemplar)[0].flatten(1).T.double()
    before = canvas[0].flatten(1).T.double()
    found = torch.linalg.lstsq(before - before.mean(0), made - made.mean(0)).solution
    torch.testing.assert_close((before - before.mean(0)) @ found, made - made.mean(0), rtol=0, atol=1e-5)
    torch.testing.assert_close(found, found.T, rtol=0, atol=1e-4)
    assert float(torch.linalg.eigvalsh(found).min()) > 0


def test_of_a_large_exemplar_so_many_texels_are_looked_at_as_say_how_all_are_distributed() -> None:
    """Also where it repeats with any period of rows, columns or texels."""
    ramp, steps = torch.linspace(0, 1, 1024), torch.arange(1024)
    rows, columns = ramp.view(1, -1, 1).expand(3, 1024, 1024), ramp.view(1, 1, -1).expand(3, 1024, 1024)
    stripes = (steps % 4 / 3).view(1, 1, -1).expand(3, 1024, 1024)
    for image in (rows, columns, stripes):
        sample = adjustments._sample(image.flatten(1))
        assert sample.shape == (3, adjustments.SAMPLED)
        wanted = image.flatten(1)[:1].sort().values[:, :: 1024**2 // adjustments.SAMPLED]
        assert float((sample[:1].sort().values - wanted).abs().mean()) < 1e-3


@pytest.mark.parametrize("method", ColourMatching)
def test_colours_that_match_stay(method: ColourMatching) -> None:
    exemplar = style()
    made = applied(MatchColours(method=method), exemplar.texels, exemplar)
    torch.testing.assert_close(made, exemplar.texels, rtol=0, atol=2e-3)


@pytest.mark.parametrize("method", ColourMatching)
def test_each_exemplar_has_its_share(method: ColourMatching) -> None:
    """Three to one, though the second has more texels."""
    dark, light = style(low=0.3, high=0.5, weight=3.0), style(low=0.5, high=0.7)
    light = dataclasses.replace(light, texels=torch.cat((light.texels, light.texels), 3))
    made = applied(MatchColours(method=method), noise(3, 60, 60), dark, light)
    wanted = 0.75 * dark.texels.mean((2, 3)) + 0.25 * light.texels.mean((2, 3))
    torch.testing.assert_close(made.mean((2, 3)), wanted, rtol=0, atol=0.015)
    if method is ColourMatching.HISTOGRAM:
        assert float((made > 0.5).float().mean()) == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("method", ColourMatching)
@pytest.mark.parametrize("flat", ["canvas", "exemplar", "both"])
def test_one_colour_is_matched_too(method: ColourMatching, flat: str) -> None:
    canvas, exemplar = noise(3, 20, 20), style()
    if flat != "exemplar":
        canvas = torch.full_like(canvas, 0.2)
    if flat != "canvas":
        exemplar = dataclasses.replace(
            exemplar, texels=torch.tensor([0.1, 0.5, 0.9]).view(1, 3, 1, 1).expand(1, 3, 9, 9)
        )
    made = applied(MatchColours(method=method), canvas, exemplar)
    assert bool(made.isfinite().all())
    if flat == "canvas":
        assert float(made.std((2, 3)).max()) < 1e-5
    else:
        torch.testing.assert_close(made, exemplar.texels[:, :, :1, :1].expand_as(made), rtol=0, atol=2e-3)


def test_a_tiny_exemplar_and_a_tiny_canvas_are_matched() -> None:
    for canvas, exemplar in ((noise(3, 1, 1), style()), (noise(3, 9, 9), Exemplar(texels=noise(3, 1, 1), weight=1.0))):
        for method in ColourMatching:
            assert bool(applied(MatchColours(method=method), canvas, exemplar).isfinite().all())


def test_a_random_seed_means_one_matching() -> None:
    canvas, exemplar = noise(3, 30, 30), style()
    first, again, other = (applied(MatchColours(), canvas, exemplar, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
