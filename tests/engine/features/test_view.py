import pytest
import torch
from toys import noise

from neural_texture_addon.engine.features import patches
from neural_texture_addon.engine.features.lens import ALL
from neural_texture_addon.engine.features.orthogonal import OrthogonalDirections
from neural_texture_addon.engine.features.patches import Filters
from neural_texture_addon.engine.features.view import CROWD, FixedView, PatchView, Sight, TexelLens, along, directions
from neural_texture_addon.engine.torus import PLANE, TORUS
from neural_texture_addon.job.description import Patches

SPEC = Patches(size=3, filters=5)


def random(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def sight(view: PatchView, canvas: torch.Tensor, generator: torch.Generator | None = None) -> Sight:
    return view.sight(canvas.shape, iter(view.draw(canvas.shape, generator or random())))


def drawn(
    exemplar: dict[str, torch.Tensor], layers: list[str], count: int, generator: torch.Generator | None = None
) -> dict[str, torch.Tensor]:
    ways = directions(exemplar, layers, count, generator or random())
    return {layer: way.double() for layer, way in ways.items()}


def maps_of(seed: int = 0, **layers: int) -> dict[str, torch.Tensor]:
    """So many channels by the layer's name."""
    return {name: noise(count, 6, 3 + seed, seed=seed) for name, count in layers.items()}


def test_a_fixed_view_looks_at_the_canvas_as_it_is_and_at_the_exemplars_once() -> None:
    exemplars = [{ALL: noise(3, 4, 4)}]
    view = FixedView(TexelLens(wrap=TORUS), exemplars)
    canvas = noise(1, 3, 4, 4)
    for change in (0.0, 0.1):
        assert view.draw(canvas.shape, random()) == []
        seen = view.sight(canvas.shape, iter(()))
        assert torch.equal(seen.lens.look(canvas + change)[ALL], canvas[0] + change)
        assert seen.exemplars is exemplars


@pytest.mark.parametrize("stride", [1, 2])
def test_canvas_and_exemplars_are_seen_through_the_same_filters(stride: int) -> None:
    canvas, exemplar = noise(1, 2, 10, 12), noise(1, 2, 11, 13, seed=1)
    seen = sight(PatchView(SPEC, [exemplar], TORUS, stride), canvas)
    generator = random()
    kernels = OrthogonalDirections(18).draw(5, generator).view(5, 2, 3, 3)
    filters = Filters(kernels=kernels, offset=patches.draw_offset(generator))
    assert torch.equal(seen.lens.look(canvas)[ALL][:, 0], filters(canvas, TORUS, stride))
    assert torch.equal(seen.exemplars[0][ALL][:, 0], filters(exemplar, PLANE, stride))


def test_each_look_has_new_filters_and_the_seed_decides_them() -> None:
    canvas = noise(1, 3, 10, 10)
    view, generator = PatchView(SPEC, [], TORUS, 1), random()
    first, second = (sight(view, canvas, generator).lens.look(canvas)[ALL] for _ in range(2))
    assert not torch.allclose(first, second)
    assert torch.equal(sight(PatchView(SPEC, [], TORUS, 1), canvas).lens.look(canvas)[ALL], first)


def test_only_the_canvas_carries_a_gradient() -> None:
    canvas, exemplar = noise(1, 3, 8, 8).requires_grad_(), noise(1, 3, 9, 9).requires_grad_()
    seen = sight(PatchView(SPEC, [exemplar], TORUS, 1), canvas)
    assert seen.lens.look(canvas)[ALL].requires_grad
    assert not seen.exemplars[0][ALL].requires_grad


@pytest.mark.parametrize("side", [8, 40, 100])
def test_an_exemplar_of_many_more_windows_costs_no_more_than_the_canvas(side: int) -> None:
    canvas = noise(1, 1, 8, 8)
    seen = sight(PatchView(SPEC, [noise(1, 1, side, side)], TORUS, 1), canvas)
    assert seen.exemplars[0][ALL].shape[-1] <= CROWD * canvas[0, 0].numel()
    assert seen.exemplars[0][ALL].shape[-1] >= min((side - 2) ** 2, 8 * 8) / 2


def test_of_a_very_large_exemplar_a_sample_is_enough_for_any_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neural_texture_addon.engine.features.view.LARGEST_SAMPLE", 50)
    canvas = noise(1, 1, 50, 50)
    for side, count in ((7, 25), (12, 50), (30, 50)):
        (seen,) = sight(PatchView(SPEC, [noise(1, 1, side, side)], TORUS, 1), canvas).exemplars
        assert seen[ALL].shape[-1] == pytest.approx(count, rel=0.1)


def test_directions_are_unit_vectors_the_same_for_all() -> None:
    """Told from their responses to the axes of feature space."""
    axes = {ALL: torch.eye(4, dtype=torch.float64)[:, :, None]}
    ways = drawn(axes, [ALL], 7)
    responses = along(ways, axes)[ALL][..., 0]
    assert responses.shape == (7, 4)
    torch.testing.assert_close(responses.norm(dim=1), torch.ones(7, dtype=torch.float64))
    torch.testing.assert_close(along(ways, {ALL: 2 * axes[ALL]})[ALL][..., 0], 2 * responses)


def test_projections_keep_places_and_show_only_what_is_asked_for() -> None:
    maps = maps_of(first=3, second=6, third=2)
    ways = drawn(maps, ["third", "first"], 5)
    for plain in (maps, maps_of(1, first=3, second=6, third=2)):
        after = along(ways, plain)
        assert set(after) == {"first", "third"}
        for layer, map_ in after.items():
            assert map_.shape == (5, *plain[layer].shape[1:])


def test_no_direction_is_a_favourite_and_each_draw_is_another() -> None:
    axes, generator = {ALL: torch.eye(3, dtype=torch.float64)[:, :, None]}, random()
    one, other = (drawn(axes, [ALL], 4000, generator)[ALL] for _ in range(2))
    assert not torch.allclose(one, other)
    torch.testing.assert_close(one.T @ one / 4000, torch.eye(3, dtype=torch.float64) / 3, atol=0.02, rtol=0)
