"""One objective at several sizes."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import anew, around, network, noise

from neural_texture_addon.engine import schedule
from neural_texture_addon.engine.objective import Objective
from neural_texture_addon.engine.pyramid import Pyramid
from neural_texture_addon.engine.tiles import Plan
from neural_texture_addon.engine.torus import PLANE, TORUS, resize, roll
from neural_texture_addon.job.description import (
    Histogram,
    Layer,
    Moments,
    NearestPatches,
    Patches,
    SlicedWasserstein,
    Term,
    Texels,
    TotalVariation,
    Vgg19,
)

SIDE = 16
MOMENTS = Moments(features=Vgg19(layers={Layer.RELU1_1: 1.0}))
WINDOWS = SlicedWasserstein(features=Patches(size=3, filters=4, stride_from=0))


@pytest.fixture(autouse=True)
def small_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "SMALLEST_LEVEL", 4)


def made(kind: type, terms: tuple[Term, ...], side: int = SIDE, plan: Plan | None = None) -> Any:
    there = around([noise(1, 3, 40, 48, seed=7)], side, scale=side / SIDE, net=network(Layer.RELU1_1))
    return kind(terms, noise(1, 3, side, side), there, plan, plan)


def test_it_is_the_sum_of_the_objectives_of_the_halved_canvas() -> None:
    """Each level weighs a quarter of the one before, and has the exemplar at its size."""
    canvas = noise(1, 3, SIDE, SIDE)
    terms = Moments(features=Texels(), levels=3), Histogram(weight=-2.0, features=Texels(), levels=2)
    expected = torch.zeros((), dtype=canvas.dtype)
    for level, there in enumerate([terms, terms, terms[:1]]):
        side = SIDE // 2**level
        expected += made(Objective, there, side)(resize(canvas, side, side, TORUS)) / 4**level
    assert float(made(Pyramid, terms)(canvas)) == pytest.approx(float(expected))


def test_one_level_is_the_objective_itself() -> None:
    canvas = noise(1, 3, SIDE, SIDE)
    assert float(made(Pyramid, (WINDOWS, MOMENTS))(canvas)) == float(made(Objective, (WINDOWS, MOMENTS))(canvas))


def test_of_levels_that_are_too_small_there_are_none() -> None:
    sides = [
        [level.width for level, _ in schedule.levels((Moments(levels=8),), around([], side).octave)]
        for side in (3, 7, 8, 40)
    ]
    assert sides == [[3], [7], [8, 4], [40, 20, 10, 5]]


@pytest.mark.parametrize("term", [WINDOWS, MOMENTS, TotalVariation(), NearestPatches(size=3, stride=1)], ids=repr)
def test_the_gradient_is_that_of_finite_differences(term: Any) -> None:
    side = 8
    terms = (type(term)(**{**vars(term), "levels": 2}),)
    start = noise(1, 3, side, side)
    assert torch.autograd.gradcheck(anew(lambda canvas: made(Pyramid, terms, side)(canvas)), start.requires_grad_())


@given(st.integers(-4, 4), st.integers(-4, 4))
@settings(max_examples=10)
def test_rolling_the_canvas_rolls_the_gradient(dy: int, dx: int) -> None:
    """By texels that all levels have."""
    terms, canvas = (Moments(features=Texels(), levels=3),), noise(1, 3, SIDE, SIDE)
    gradients = []
    for seen in (canvas, roll(canvas, 4 * dy, 4 * dx)):
        seen.requires_grad_()
        made(Pyramid, terms)(seen).backward()
        gradients.append(seen.grad)
    torch.testing.assert_close(gradients[1], roll(gradients[0], 4 * dy, 4 * dx))


def test_in_pieces_it_is_the_same_and_draws_the_same() -> None:
    terms = tuple(type(term)(**{**vars(term), "levels": 3}) for term in (WINDOWS, MOMENTS))
    canvas, found = noise(1, 3, SIDE, SIDE), []
    replanned = made(Pyramid, terms)
    with torch.no_grad():
        replanned(canvas)
    replanned.replan(Plan(side=4, room=0))
    for goal in (made(Pyramid, terms), made(Pyramid, terms, plan=Plan(side=4, room=0)), replanned):
        seen = canvas.clone().requires_grad_()
        loss = goal(seen)
        loss.backward()
        found.append((loss.detach(), seen.grad))
    for loss, gradient in found[1:]:
        torch.testing.assert_close(loss, found[0][0])
        torch.testing.assert_close(gradient, found[0][1])


def test_once_more_in_pieces_it_draws_the_same() -> None:
    """As after memory has run out: it is the step that would have been taken; then it goes on as it would have."""
    terms = tuple(
        SlicedWasserstein(features=features, projections=4, levels=2)
        for features in (Patches(size=4, filters=5, stride_from=0), Texels())
    )
    canvas = noise(1, 3, SIDE, SIDE)
    whole, again = (made(Pyramid, terms) for _ in range(2))
    losses = [float(whole(canvas)) for _ in range(3)]
    assert len(set(losses)) == 3
    for loss in losses[:2]:
        assert float(again(canvas)) == loss
    again.replan(Plan(side=8, room=0))
    assert [float(again(canvas)) for _ in range(2)] == pytest.approx(losses[1:], rel=1e-11)


def test_it_keeps_large_shapes_that_fine_statistics_let_go() -> None:
    """Stripes of eight texels under noise, seen by windows of three: only the smaller copies know of the stripes."""
    stripes = (torch.arange(64) // 8 % 2).double().expand(1, 3, 64, 64)
    exemplar = 0.5 * stripes + 0.25 + 0.2 * (noise(1, 3, 64, 64) - 0.5)
    shuffled = exemplar.flatten(2)[:, :, torch.randperm(64 * 64, generator=torch.Generator().manual_seed(1))]
    there = around([exemplar], 64, wrap=PLANE)
    losses = []
    for levels in (1, 4):
        term = Moments(features=Texels(), levels=levels)
        losses.append(float(Pyramid((term,), exemplar, there)(shuffled.view_as(exemplar))))
    assert losses[0] < 1e-6
    assert losses[1] > 0.01
