import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine import clock, schedule
from neural_texture_addon.engine.clock import Clock
from neural_texture_addon.job.description import (
    Adam,
    Blur,
    Canvas,
    Gram,
    Layer,
    Octaves,
    Optimise,
    Patches,
    Pooling,
    SlicedWasserstein,
    Step,
    Vgg19,
)

OCTAVES = schedule.octaves(Canvas(width=64, height=64), Octaves(start_size=16, growth=2.0), 64)
FEW = Adam(iterations=3, coarse_iterations=5)


class Time:
    """A clock on the wall that is moved by hand."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Time:
    moved = Time()
    monkeypatch.setattr(clock, "time", moved)
    return moved


def iterations(steps: tuple[Step, ...], octaves: list[schedule.Octave]) -> list[tuple[Optimise, schedule.Octave]]:
    """In the order of a job."""
    return [
        (step, octave)
        for octave in octaves
        for step in steps
        if isinstance(step, Optimise) and schedule.applies(step, octave)
        for _ in range(schedule.iterations(step.solver, octave))
    ]


@given(st.integers(0, 70), st.integers(0, 70), st.integers(0, 3))
def test_a_job_is_done_when_all_its_iterations_are(from_size: int, to_size: int, done: int) -> None:
    """Steps that are left out, or that optimise nothing, cost nothing; nor do octaves that were done before."""
    steps = (Optimise(solver=FEW), Blur(), Optimise(solver=FEW, from_size=from_size, to_size=to_size))
    counting, fractions = Clock(steps, OCTAVES, done), []
    for step, octave in iterations(steps, OCTAVES[done:]):
        counting.advance(step, octave)
        fractions.append(counting.fraction)
    assert fractions == sorted(fractions)
    assert all(0 < fraction <= 1 for fraction in fractions)
    if fractions:
        assert fractions[-1] == pytest.approx(1)


def test_a_resumed_job_starts_with_the_share_that_was_done() -> None:
    steps = (Optimise(solver=FEW),)
    whole = Clock(steps, OCTAVES)
    for step, octave in iterations(steps, OCTAVES[:2]):
        whole.advance(step, octave)
    assert Clock(steps, OCTAVES, 2).fraction == pytest.approx(whole.fraction)


def test_fine_octaves_and_deep_networks_take_longer() -> None:
    shallow, deep = (Optimise(terms=(Gram(features=Vgg19(layers={layer: 1.0})),)) for layer in list(Layer)[:11:10])
    both = Optimise(terms=(SlicedWasserstein(), *deep.terms))
    costs = [clock.cost_of_iteration(step, OCTAVES[-1]) for step in (shallow, deep, both)]
    assert costs[0] < costs[1] < costs[2]
    assert clock.cost_of_iteration(both, OCTAVES[0]) < costs[2]


def test_terms_that_look_through_the_same_network_cost_its_deepest_layer_once_whatever_their_order() -> None:
    shallow, deep = (Gram(features=Vgg19(layers={layer: 1.0})) for layer in (Layer.RELU1_1, Layer.RELU5_1))
    alone = clock.cost_of_iteration(Optimise(terms=(deep,)), OCTAVES[-1])
    for terms in ((shallow, deep), (deep, shallow), (deep, deep, shallow)):
        assert clock.cost_of_iteration(Optimise(terms=terms), OCTAVES[-1]) == alone
    maximum = Gram(features=Vgg19(layers={Layer.RELU5_1: 1.0}, pooling=Pooling.MAXIMUM))
    assert clock.cost_of_iteration(Optimise(terms=(deep, maximum)), OCTAVES[-1]) > alone


def test_patches_that_differ_are_each_looked_at() -> None:
    few, many = (SlicedWasserstein(features=Patches(size=size)) for size in (3, 7))
    alone = clock.cost_of_iteration(Optimise(terms=(few,)), OCTAVES[-1])
    assert clock.cost_of_iteration(Optimise(terms=(few, few)), OCTAVES[-1]) == alone
    assert clock.cost_of_iteration(Optimise(terms=(few, many)), OCTAVES[-1]) > alone


def test_reports_are_not_too_frequent(wall: Time) -> None:
    counting, step = Clock((Optimise(),), OCTAVES), Optimise()
    reported = []
    for _ in range(100):
        wall.now += 0.03
        reported.append(counting.advance(step, OCTAVES[0]))
    assert 20 <= sum(reported) <= 26
    assert not reported[0]


def test_what_is_left_follows_from_what_was_done(wall: Time) -> None:
    steps = (Optimise(solver=Adam(iterations=100, coarse_iterations=100)),)
    counting = Clock(steps, OCTAVES[:1])
    assert counting.seconds_left is None
    for _ in range(25):
        wall.now += 2
        counting.advance(steps[0], OCTAVES[0])
    assert counting.fraction == pytest.approx(0.25)
    assert counting.seconds_left == pytest.approx(150)
    for _ in range(75):
        counting.advance(steps[0], OCTAVES[0])
    assert counting.seconds_left == 0


def test_what_is_spared_is_no_work(wall: Time) -> None:
    steps = (Optimise(solver=Adam(iterations=100, coarse_iterations=100)),)
    counting = Clock(steps, OCTAVES[:1])
    for _ in range(30):
        wall.now += 2
        counting.advance(steps[0], OCTAVES[0])
    counting.spare(steps[0], OCTAVES[0], 40)
    assert counting.fraction == pytest.approx(0.5)
    assert counting.seconds_left == pytest.approx(60)
    counting.spare(steps[0], OCTAVES[0], 30)
    assert (counting.fraction, counting.seconds_left) == (pytest.approx(1), pytest.approx(0, abs=1e-6))


def test_a_pause_does_not_count(wall: Time) -> None:
    steps = (Optimise(solver=Adam(iterations=100, coarse_iterations=100)),)
    counting = Clock(steps, OCTAVES[:1])
    for _ in range(50):
        wall.now += 2
        counting.advance(steps[0], OCTAVES[0])
    wall.now += 1000
    counting.leave_out(1000)
    assert counting.seconds_left == pytest.approx(100)


def test_after_a_resumption_the_pace_is_that_of_what_was_done_since(wall: Time) -> None:
    steps = (Optimise(solver=FEW),)
    counting = Clock(steps, OCTAVES, 2)
    assert counting.seconds_left is None
    (step, octave), *others = iterations(steps, OCTAVES[2:])
    wall.now += 6
    counting.advance(step, octave)
    assert counting.seconds_left == pytest.approx(6 * len(others))
