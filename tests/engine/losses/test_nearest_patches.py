import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import noise, objective, waves

from neural_texture_addon.engine import solver
from neural_texture_addon.engine.losses import nearest_patches
from neural_texture_addon.engine.torus import PLANE
from neural_texture_addon.job.description import Adam, NearestPatches

EVERY_WINDOW = NearestPatches(size=5, components=256, stride=1, candidates=2**20)


def loss(term: NearestPatches, canvas: torch.Tensor, *exemplars: torch.Tensor, **fields: object) -> float:
    return float(objective(term, exemplars=list(exemplars), **fields)(canvas))


@pytest.mark.parametrize("chunk", [1, 50, 2**22])
def test_the_nearest_is_found(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_patches, "AT_ONCE", chunk)
    seen, windows = noise(30, 4), noise(45, 4, seed=1)
    assert torch.equal(nearest_patches._nearest(seen, windows), torch.cdist(seen, windows).argmin(1))


def test_a_piece_of_the_exemplar_is_at_distance_zero() -> None:
    exemplar = noise(1, 3, 20, 24)
    piece = exemplar[:, :, 3:14, 5:19].contiguous()
    assert loss(EVERY_WINDOW, piece, exemplar, wrap=PLANE) < 1e-12
    assert loss(EVERY_WINDOW, 1 - piece, exemplar, wrap=PLANE) > 0.1


def test_by_all_components_the_distance_is_that_of_the_texels() -> None:
    canvas, exemplar = noise(1, 3, 9, 9), noise(1, 3, 12, 12, seed=1)
    windows, candidates = (torch.nn.functional.unfold(image, 5)[0].T for image in (canvas, exemplar))
    expected = torch.cdist(windows, candidates).min(1).values.square().mean() / candidates.var(0, correction=0).sum()
    assert loss(EVERY_WINDOW, canvas, exemplar, wrap=PLANE) == pytest.approx(float(expected))


def test_few_components_find_windows_of_a_pattern_as_all_do() -> None:
    """What is found is compared in all its texels: it can't be nearer than the nearest."""
    canvas, exemplar = waves(16, 16).roll(3, 3) + 0.1 * noise(1, 3, 16, 16), waves(32, 32)
    least, few, many = (
        loss(NearestPatches(size=7, components=count, stride=1), canvas, exemplar) for count in (1, 8, 147)
    )
    assert many <= few < 1.05 * many < 0.5 * least


def test_it_is_enough_if_one_of_several_exemplars_has_it() -> None:
    light, dark = 0.7 + 0.3 * noise(1, 3, 14, 14), 0.3 * noise(1, 3, 14, 14, seed=1)
    assert loss(EVERY_WINDOW, light, light, dark, wrap=PLANE) < 1e-12
    assert loss(EVERY_WINDOW, light, light, dark, weights=[0.0, 1.0], wrap=PLANE) > 0.1


@given(st.integers(1, 60), st.integers(0, 9))
@settings(max_examples=20)
def test_more_candidates_than_these_are_not_held(candidates: int, seed: int) -> None:
    """Spread over the exemplar: with few of them the nearest is farther."""
    exemplar, canvas = noise(1, 3, 20, 20), noise(1, 3, 8, 8, seed=2)
    few = NearestPatches(size=3, stride=1, candidates=candidates)
    goal = objective(few, exemplars=[exemplar], seed=seed)
    (windows,) = (target["all"].windows for target in goal._targets.values())
    assert len(windows) <= max(1.5 * candidates, 2)
    all_of_them = objective(NearestPatches(size=3, stride=1), exemplars=[exemplar], seed=seed)
    assert float(all_of_them(canvas)) < float(goal(canvas)) + 1e-3


def test_a_disturbed_pattern_is_mended() -> None:
    """The loss falls by ten, and the picture is nearer to what it was before."""
    pattern = waves(16, 16)
    disturbed = (0.8 * pattern + 0.4 * (noise(1, 3, 16, 16) - 0.3)).clamp(0, 1)
    goal = objective(NearestPatches(size=5, stride=1), exemplars=[waves(40, 40)])
    canvas = disturbed.clone()
    losses = list(solver.minimise(canvas, goal, Adam(iterations=100, learning_rate=0.01)))
    assert losses[-1] < 0.1 * losses[0]
    assert float((canvas - pattern).norm()) < 0.5 * float((disturbed - pattern).norm())


@pytest.mark.gpu
@pytest.mark.parametrize("count", [999, 1000])
def test_a_card_finds_windows_as_near_to_three_digits(count: int) -> None:
    """Of windows far from the origin, too: they have their mean in common."""
    seen, windows = (3 + noise(2000, 32)).float().cuda(), (3 + noise(count, 32, seed=1)).float().cuda()
    exact, found = torch.cdist(seen, windows).argmin(1), nearest_patches._nearest(seen, windows)
    least, near = ((seen - windows[which]).square().sum(1).mean() for which in (exact, found))
    assert float(near) < 1.001 * float(least)
    assert float((exact == found).double().mean()) > 0.9
