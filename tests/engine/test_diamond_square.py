import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine.diamond_square import diamond_square
from neural_texture_addon.engine.torus import HEIGHT, WIDTH

powers = st.integers(0, 7).map(lambda e: 2**e)


def plasma(channels: int, height: int, width: int, roughness: float, seed: int = 1) -> torch.Tensor:
    return diamond_square(channels, height, width, roughness, torch.Generator().manual_seed(seed))


@given(st.integers(1, 7), powers, powers, st.just(0.0) | st.floats(0.01, 1))
def test_any_powers_of_two_make_a_plasma(channels: int, height: int, width: int, roughness: float) -> None:
    made = plasma(channels, height, width, roughness)
    assert made.shape == (1, channels, height, width)
    assert made.isfinite().all()
    assert float(made.mean((2, 3)).abs().max()) < 1e-4
    spread = made.std((2, 3), correction=0)
    assert ((spread - 1).abs() < 1e-3).all() or height * width == 1 or roughness == 0


@given(st.integers(-4, 300).filter(lambda n: n < 1 or n & (n - 1)), powers, st.booleans())
def test_another_size_is_refused_with_its_number(length: int, other: int, upright: bool) -> None:
    height, width = (length, other) if upright else (other, length)
    with pytest.raises(ValueError, match=f"is {length} px; allowed: powers of two"):
        plasma(1, height, width, 0.6)


@given(st.integers(0, 2**32 - 1), powers, powers)
def test_a_seed_means_one_plasma(seed: int, height: int, width: int) -> None:
    assert torch.equal(plasma(2, height, width, 0.6, seed), plasma(2, height, width, 0.6, seed))


def test_another_seed_is_another_plasma() -> None:
    assert not torch.allclose(plasma(1, 32, 32, 0.6, 1), plasma(1, 32, 32, 0.6, 2), atol=0.1)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (16, 64), (64, 16), (4, 128)])
@pytest.mark.parametrize("roughness", [0.3, 0.6, 0.9])
def test_the_jump_around_the_torus_is_like_any_other(height: int, width: int, roughness: float) -> None:
    """Over many seeds. Line 0 belongs to the coarsest grid, whose points are extremes: creases at both its sides."""
    made = torch.cat([plasma(4, height, width, roughness, seed) for seed in range(80)])
    for dim in (HEIGHT, WIDTH):
        jumps = (made.roll(-1, dim) - made).pow(2).movedim(dim, 0).flatten(1).mean(1)
        around, inner = float(jumps[-1]), jumps[:-1]
        assert 0.85 < around / float(inner[0]) < 1.18
        assert 0.85 * float(inner.min()) < around < 1.15 * float(inner.max())


def test_channels_are_independent() -> None:
    made = torch.cat([plasma(3, 16, 16, 0.6, seed) for seed in range(300)])
    correlation = torch.corrcoef(made.movedim(1, 0).flatten(1))
    assert float((correlation - torch.eye(3)).abs().max()) < 0.08


def test_the_rougher_the_plasma_the_more_it_has_of_fine_detail() -> None:
    def fine_share(roughness: float) -> float:
        made = torch.cat([plasma(4, 64, 64, roughness, seed) for seed in range(6)])
        power = torch.fft.fft2(made).abs().pow(2).mean((0, 1))
        frequency = torch.fft.fftfreq(64).abs()
        return float(power[torch.maximum(frequency[:, None], frequency) > 0.25].sum() / power.sum())

    shares = [fine_share(roughness) for roughness in (0.2, 0.4, 0.6, 0.8, 1.0)]
    assert shares == sorted(shares)
    assert shares[-1] > 10 * shares[0]


def test_along_both_axes_it_looks_the_same() -> None:
    made = torch.cat([plasma(1, 32, 32, 0.6, seed) for seed in range(300)])
    down, right = ((made.roll(1, dim) - made).pow(2).mean() for dim in (2, 3))
    assert 0.9 < float(down / right) < 1.1
