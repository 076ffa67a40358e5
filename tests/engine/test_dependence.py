"""Maps are made to go with a colour as the exemplars' do; the colour, places and seams stay."""

from dataclasses import replace

import pytest
import torch
from toys import around, noise

from neural_texture_addon.engine import dependence, normals
from neural_texture_addon.engine.torus import TORUS, filtered, roll
from neural_texture_addon.job.description import MapKind

COLOUR, NORMAL, HEIGHT = MapKind.COLOUR, MapKind.NORMAL, MapKind.HEIGHT
MAPS = (COLOUR, NORMAL, HEIGHT)


def clouds(channels: int, side: int, seed: int) -> torch.Tensor:
    """Smooth, about a half."""
    smooth = filtered(noise(1, channels, side, side, seed=seed), [0.25, 0.2, 0.125, 0.05], TORUS)
    return (smooth - smooth.mean()) / smooth.std() / 10 + 0.5


def surface(follows: float, seed: int, side: int = 96) -> torch.Tensor:
    """Height and normal that go with the colour so far: 1 altogether, 0 not at all."""
    colour, own = clouds(3, side, seed), clouds(4, side, seed + 100)
    said = torch.cat((colour[:, :2], 0.8 + 0 * colour[:, :1], 1 - colour[:, 1:2]), 1)
    others = 0.5 + follows * (said - 0.5) + (1 - follows**2) ** 0.5 * (own - 0.5)
    return normals.renormalised_in(torch.cat((colour, others), 1), MAPS)


def correlation(stack: torch.Tensor) -> float:
    """Of height and green."""
    return float(torch.corrcoef(torch.stack((stack[0, -1].flatten(), stack[0, 1].flatten())))[0, 1])


def given(*exemplars: torch.Tensor, **fields):
    return around(list(exemplars), 96, maps=MAPS, **fields)


def test_what_goes_too_little_with_the_colour_goes_with_it_as_in_the_exemplar() -> None:
    exemplar, canvas = surface(0.8, 1), surface(0.5, 2)
    found = dependence.restored(canvas, COLOUR, given(exemplar))
    assert correlation(canvas) > -0.55
    assert correlation(found) == pytest.approx(correlation(exemplar), abs=0.15)  # of eight kinds of colour
    assert float((found[:, -1].std() - exemplar[:, -1].std()).abs()) < 0.01


def test_the_colour_stays_to_the_last_bit_and_normals_are_of_unit_length() -> None:
    canvas = surface(0.5, 2)
    found = dependence.restored(canvas, COLOUR, given(surface(0.8, 1)))
    assert torch.equal(found[:, :3], canvas[:, :3])
    lengths = torch.linalg.vector_norm(2 * found[:, 3:6] - 1, dim=1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths))


def test_the_exemplar_itself_stays() -> None:
    exemplar = surface(0.8, 1)
    torch.testing.assert_close(dependence.restored(exemplar, COLOUR, given(exemplar)), exemplar, atol=1e-6, rtol=0)


def test_it_rolls_with_the_canvas() -> None:
    canvas, there = surface(0.5, 2), given(surface(0.8, 1))
    rolled = roll(dependence.restored(roll(canvas, 17, 40), COLOUR, there), -17, -40)
    torch.testing.assert_close(rolled, dependence.restored(canvas, COLOUR, there), atol=1e-6, rtol=0)


def test_the_grain_of_a_colour_does_not_become_relief() -> None:
    """Where colour has grain that the height lacks, the height stays as smooth as it was."""
    exemplar, canvas = (surface(follows, seed) for follows, seed in ((0.8, 1), (0.5, 2)))
    for seed, image in enumerate((exemplar, canvas)):
        image[:, :3] = (image[:, :3] + 0.1 * (noise(1, 3, 96, 96, seed=seed + 50) - 0.5)).clamp(0, 1)
    found = dependence.restored(canvas, COLOUR, given(exemplar))
    before, after = ((x[:, -1] - x[:, -1].roll(1, 2)).square().mean().sqrt() for x in (canvas, found))
    assert float(after) < 1.3 * float(before)


def test_exemplars_count_by_their_weights() -> None:
    for_, against, canvas = surface(0.9, 1), surface(-0.9, 3), surface(0.0, 2)
    for weights, sign in (((1.0, 0.0001), -1), ((0.0001, 1.0), 1)):
        found = dependence.restored(canvas, COLOUR, given(for_, against, weights=list(weights)))
        assert sign * correlation(found) > 0.7
    both = dependence.restored(canvas, COLOUR, given(for_, against))
    assert abs(correlation(both)) < 0.3


def test_a_kind_of_colour_that_only_a_light_exemplar_has_is_taken_from_it() -> None:
    light, heavy = surface(0.9, 1), surface(0.9, 3)
    light[:, 0] += 0.4
    canvas = surface(0.0, 2)
    canvas[:, 0] += 0.4
    found = dependence.restored(canvas, COLOUR, given(light, heavy, weights=[0.0001, 1.0]))
    assert correlation(found) < -0.5


def test_without_exemplars_or_with_one_colour_alone_nothing_breaks() -> None:
    canvas = surface(0.5, 2)
    assert dependence.restored(canvas, COLOUR, given()) is canvas
    plain = surface(0.8, 1)
    plain[:, :3] = 0.5
    found = dependence.restored(canvas, COLOUR, given(plain))
    assert bool(found.isfinite().all())
    tiny = replace(given(plain[:, :, :16, :16]), maps=MAPS)
    assert dependence.restored(canvas[:, :, :8, :8], COLOUR, tiny).shape == (1, 7, 8, 8)
