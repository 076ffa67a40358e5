from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine import canvas as canvases
from neural_texture_addon.engine.exemplar import Exemplar
from neural_texture_addon.engine.stacked import channels_of
from neural_texture_addon.engine.torus import HEIGHT, TORUS, WIDTH, roll
from neural_texture_addon.job.description import (
    Canvas,
    Flat,
    FromContent,
    MapKind,
    Noise,
    Picture,
    Plasma,
    Seed,
    Tiling,
)


def exemplar(channels: int = 3, weight: float = 1.0, *, low: float = 0.0, high: float = 1.0, seed: int = 3) -> Exemplar:
    """Its channels are correlated and unevenly distributed."""
    generator = torch.Generator().manual_seed(seed)
    shared = torch.rand(1, 1, 30, 50, generator=generator)
    texels = (0.7 * shared + 0.3 * torch.rand(1, channels, 30, 50, generator=generator)).pow(2)
    return Exemplar(texels=low + (high - low) * texels, weight=weight)


def painted(
    canvas: Canvas,
    *exemplars: Exemplar,
    height: int = 64,
    width: int = 64,
    seed: int = 1,
    picture: torch.Tensor | None = None,
) -> torch.Tensor:
    return canvases.paint(canvas, height, width, list(exemplars), torch.Generator().manual_seed(seed), picture)


SHOWN = [Picture(path="seed.png"), FromContent()]
SOME = (MapKind.ROUGHNESS, MapKind.COLOUR, MapKind.NORMAL)
SEEDS = [Plasma(), Plasma(roughness=0.0), Plasma(roughness=1.0), Noise()]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("channels", [1, 2, 4, 7])
@pytest.mark.parametrize(("height", "width"), [(23, 23), (16, 128), (1, 37)])
def test_any_size_and_number_of_channels_is_painted(seed: Plasma | Noise, channels: int, height: int, width: int):
    made = painted(Canvas(seed=seed), exemplar(channels), height=height, width=width)
    assert made.shape == (1, channels, height, width)
    assert made.dtype == torch.float32
    assert float(made.min()) >= 0
    assert float(made.max()) <= 1


@pytest.mark.parametrize("seed", [Plasma(), Noise()])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_seed_has_the_exemplars_colours(seed: Plasma | Noise, channels: int) -> None:
    style = exemplar(channels)
    made = torch.cat([painted(Canvas(seed=seed), style, seed=i)[0].flatten(1) for i in range(10)], 1)
    wanted = style.texels[0].flatten(1)
    torch.testing.assert_close(made.mean(1), wanted.mean(1), atol=0.02, rtol=0)
    torch.testing.assert_close(torch.cov(made).view(-1), torch.cov(wanted).view(-1), atol=0.01, rtol=0)
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        torch.testing.assert_close(made.quantile(share, 1), wanted.quantile(share, 1), atol=0.08, rtol=0)


def test_a_seed_in_two_colours_has_these_two_and_no_third() -> None:
    texels = torch.tensor([[0.9, 0.1, 0.2], [0.1, 0.3, 0.8]])[torch.arange(900) % 2].T.reshape(1, 3, 30, 30)
    made = painted(Canvas(), Exemplar(texels=texels, weight=1.0))[0].flatten(1)
    nearest = torch.cdist(made.T, texels[0].flatten(1)[:, :2].T).min(1).values
    assert float(nearest.max()) < 1e-3


@pytest.mark.parametrize("seed", [Plasma(), Noise()])
def test_an_exemplar_of_one_colour_gives_a_canvas_of_that_colour(seed: Plasma | Noise) -> None:
    made = painted(Canvas(seed=seed), Exemplar(texels=torch.full((1, 3, 20, 20), 0.3), weight=1.0))
    torch.testing.assert_close(made, torch.full_like(made, 0.3))


@pytest.mark.parametrize("seed", [Plasma(), Noise()])
def test_each_exemplar_has_its_share_of_the_colours(seed: Plasma | Noise) -> None:
    dark, light = exemplar(weight=3.0, high=0.2), exemplar(weight=1.0, low=0.8)
    made = painted(Canvas(seed=seed), dark, light)
    assert 0.22 < float((made[0, 0] > 0.5).float().mean()) < 0.28


@pytest.mark.parametrize("seed", [Plasma(), Noise()])
def test_an_exemplar_without_weight_leaves_no_colour(seed: Plasma | Noise) -> None:
    one, none = exemplar(high=0.2), exemplar(weight=0.0, low=0.8)
    alone = painted(Canvas(seed=seed), one)
    assert torch.equal(painted(Canvas(seed=seed), one, none), alone)
    assert torch.equal(painted(Canvas(seed=seed), none, one), alone)


def test_a_random_seed_means_one_canvas() -> None:
    assert torch.equal(painted(Canvas(), exemplar()), painted(Canvas(), exemplar()))
    assert not torch.allclose(painted(Canvas(), exemplar()), painted(Canvas(), exemplar(), seed=2), atol=0.1)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (47, 91)])
def test_a_painted_torus_has_no_seam(height: int, width: int, seam: Callable[..., float]) -> None:
    for seed in range(4):
        made = painted(Canvas(), exemplar(), height=height, width=width, seed=seed)
        assert max(seam(made, dim) for dim in (HEIGHT, WIDTH)) < 1.3


@pytest.mark.parametrize("maps", [(MapKind.COLOUR,), SOME, (MapKind.HEIGHT,)])
@pytest.mark.parametrize("roughness", [0.0, 0.6, 1.0])
def test_without_exemplars_a_plasma_has_colours_of_its_own(maps: tuple[MapKind, ...], roughness: float) -> None:
    made = painted(Canvas(maps=maps, seed=Plasma(roughness=roughness)), height=50, width=70)
    assert made.shape == (1, sum(kind.channels for kind in maps), 50, 70)
    assert 0 <= float(made.min()) < 0.3
    assert 0.7 < float(made.max()) <= 1
    torch.testing.assert_close(made.mean((2, 3)), torch.full(made.shape[:2], 0.5), rtol=0, atol=0.05)
    assert float((made == 0).float().mean()) < 0.02


@pytest.mark.parametrize("maps", [(MapKind.COLOUR,), SOME, (MapKind.HEIGHT,)])
def test_a_flat_seed_is_one_colour_and_grey_in_the_other_maps(maps: tuple[MapKind, ...]) -> None:
    made = painted(Canvas(maps=maps, seed=Flat(colour=(0.1, 0.2, 0.9))), exemplar(), height=5, width=7)
    values = {MapKind.COLOUR: [0.1, 0.2, 0.9]}
    wanted = torch.tensor([value for kind in maps for value in values.get(kind, [0.5] * kind.channels)])
    assert torch.equal(made, wanted.view(1, -1, 1, 1).expand(1, -1, 5, 7))


@pytest.mark.parametrize("seed", SHOWN)
def test_a_picture_as_seed_gives_the_colours_and_grey_in_the_other_maps(seed: Seed) -> None:
    picture = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(1))
    assert torch.equal(painted(Canvas(seed=seed), height=20, width=30, picture=picture), picture)
    made = painted(Canvas(maps=SOME, seed=seed), exemplar(7), height=20, width=30, picture=picture)
    assert torch.equal(made[:, 1:4], picture)
    assert torch.equal(made[:, [0, 4, 5, 6]], torch.full((1, 4, 20, 30), 0.5))
    assert torch.equal(painted(Canvas(maps=SOME[:1], seed=seed), height=20, width=30, picture=picture), made[:, :1])


@pytest.mark.parametrize("seed", SHOWN)
@given(dy=st.integers(0, 7), dx=st.integers(0, 7))
def test_a_picture_is_brought_to_the_first_octave_around_the_torus(seed: Seed, dy: int, dx: int) -> None:
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1)).round()
    made = painted(Canvas(seed=seed), height=8, width=8, picture=picture)
    rolled = painted(Canvas(seed=seed), height=8, width=8, picture=roll(picture, 4 * dy, 4 * dx))
    assert torch.equal(rolled, roll(made, dy, dx))
    larger = painted(Canvas(seed=seed), height=45, width=45, picture=picture)
    assert 0 <= float(larger.min()) <= float(larger.max()) <= 1


def test_a_map_lies_where_the_maps_before_it_end() -> None:
    places = [list(range(7))[channels_of(kind, SOME)] for kind in SOME]
    assert places == [[0], [1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize("factor", [2, 2**0.5, 1 / 0.85, 4])
def test_an_enlarged_canvas_stays_within_its_range(factor: float) -> None:
    noise = torch.rand(1, 4, 20, 30, generator=torch.Generator().manual_seed(1)).round()
    larger = canvases.enlarge(noise, round(20 * factor), round(30 * factor), TORUS, octave=2)
    assert larger.shape == (1, 4, round(20 * factor), round(30 * factor))
    assert float(larger.min()) == 0
    assert float(larger.max()) == 1


def test_the_tiling_is_the_wrap() -> None:
    wraps = {tiling: canvases.wrap_of(Canvas(tiling=tiling)) for tiling in Tiling}
    assert {t: (w.x, w.y) for t, w in wraps.items()} == {
        Tiling.BOTH: (True, True),
        Tiling.X: (True, False),
        Tiling.Y: (False, True),
        Tiling.NONE: (False, False),
    }


def test_enlarging_octave_by_octave_sharpens_no_line_more_than_the_others() -> None:
    """The jump across the border, once more than any other, was a seam."""
    ranks = []
    for seed in range(40):
        canvas = torch.rand(1, 1, 24, 24, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        for octave, side in enumerate((34, 48, 68, 96), 2):
            canvas = canvases.enlarge(canvas, side, side, TORUS, octave)
        for dim in (2, 3):
            jumps = (canvas - canvas.roll(-1, dim)).abs().mean([0, 1, 5 - dim])
            ranks.append(float((jumps[-1] > jumps[:-1]).double().mean()))
    assert sum(ranks) / len(ranks) < 0.6


@given(st.integers(1, 30), st.integers(1, 30))
def test_enlarging_leaves_everything_in_its_place(octave: int, x: int) -> None:
    canvas = torch.zeros(1, 1, 8, 32)
    canvas[:, :, :, x] = 1.0
    larger = canvases.enlarge(canvas, 16, 64, TORUS, octave)
    assert (2 * x - int(larger[0, 0, 0].argmax())) % 64 <= 2
