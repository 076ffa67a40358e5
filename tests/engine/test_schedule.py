import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine.schedule import Octave, applies, iterations, octaves, up_to
from neural_texture_addon.job.description import Adam, Blur, Canvas, Octaves, Optimise

canvases = st.builds(Canvas, width=st.integers(16, 16384), height=st.integers(16, 16384))
pyramids = st.from_type(Octaves)
exemplar_sides = st.integers(16, 20000)


@given(canvases, pyramids, exemplar_sides)
def test_the_last_octave_is_the_canvas(canvas: Canvas, pyramid: Octaves, side: int) -> None:
    assert octaves(canvas, pyramid, side)[-1] == Octave(
        width=canvas.width, height=canvas.height, scale=1.0, fineness=1.0, extent=min(canvas.width, canvas.height, side)
    )


@given(canvases, pyramids, exemplar_sides, st.integers(1, 16384))
def test_they_end_with_the_first_of_a_size(canvas: Canvas, pyramid: Octaves, side: int, size: int) -> None:
    whole = octaves(canvas, pyramid, side)
    *before, last = up_to(whole, size)
    assert [*before, last] == whole[: len(before) + 1]
    assert all(max(octave.width, octave.height) < size for octave in before)
    assert max(last.width, last.height) >= size or last == whole[-1]
    assert up_to(whole, 0) == whole


@given(canvases, pyramids, exemplar_sides)
def test_octaves_only_grow(canvas: Canvas, pyramid: Octaves, side: int) -> None:
    for before, after in pairwise(octaves(canvas, pyramid, side)):
        assert before.width <= after.width
        assert before.height <= after.height
        assert before.scale < after.scale


@given(canvases, pyramids, exemplar_sides)
def test_the_first_octave_shows_the_lesser_of_canvas_and_exemplar_at_the_start_size(
    canvas: Canvas, pyramid: Octaves, side: int
) -> None:
    first, extent = octaves(canvas, pyramid, side)[0], min(canvas.width, canvas.height, side)
    assert math.isclose(first.scale * extent, min(extent, pyramid.start_size), rel_tol=1e-9)


@given(canvases, pyramids, exemplar_sides)
def test_the_growth_is_the_nearest_to_the_asked_one_that_fits(canvas: Canvas, pyramid: Octaves, side: int) -> None:
    made = octaves(canvas, pyramid, side)
    growths = [after.scale / before.scale for before, after in pairwise(made)]
    if not growths:
        return
    assert math.isclose(min(growths), max(growths), rel_tol=1e-9)
    span, asked = -math.log(made[0].scale), math.log(pyramid.growth)
    error = abs(len(growths) - span / asked)
    assert error <= 0.5 + 1e-9 or len(growths) == 1
    if span >= 3 * asked:
        assert 0.85 < math.log(growths[0]) / asked < 1.2


@given(canvases, pyramids, exemplar_sides)
def test_every_octave_keeps_the_canvass_shape(canvas: Canvas, pyramid: Octaves, side: int) -> None:
    for octave in octaves(canvas, pyramid, side):
        assert abs(octave.width - canvas.width * octave.scale) <= 0.5
        assert abs(octave.height - canvas.height * octave.scale) <= 0.5
        assert math.isclose(octave.side, math.sqrt(octave.width * octave.height))


@given(canvases, exemplar_sides, st.floats(1.05, 4))
def test_a_start_size_beyond_the_canvas_leaves_one_octave(canvas: Canvas, side: int, growth: float) -> None:
    start = min(canvas.width, canvas.height, side)
    assert len(octaves(canvas, Octaves(start_size=start, growth=growth), side)) == 1


@given(canvases, pyramids, exemplar_sides, st.from_type(Adam))
def test_iterations_lead_from_the_coarsest_octaves_to_the_finests(
    canvas: Canvas, pyramid: Octaves, side: int, solver: Adam
) -> None:
    made = octaves(canvas, pyramid, side)
    counts = [iterations(solver, octave) for octave in made]
    assert counts[-1] == solver.iterations
    assert counts[0] == solver.coarse_iterations or len(made) == 1
    assert counts == sorted(counts, reverse=solver.coarse_iterations > solver.iterations)


def test_known_pyramids() -> None:
    def widths(size: int, start: int, growth: float) -> list[int]:
        pyramid = Octaves(start_size=start, growth=growth)
        return [octave.width for octave in octaves(Canvas(width=size, height=size), pyramid, 10_000)]

    assert widths(256, 32, 2.0) == [32, 64, 128, 256]
    assert widths(64, 32, 2**0.5) == [32, 45, 64]
    assert widths(16, 23, 2.0) == [16]
    assert widths(16, 8, 4.0) == [8, 16]


@given(st.from_type(Adam), canvases, pyramids)
def test_the_iterations_go_from_the_coarsest_octaves_to_the_finests_without_a_turn(
    adam: Adam, canvas: Canvas, pyramid: Octaves
) -> None:
    counts = [iterations(adam, octave) for octave in octaves(canvas, pyramid, 300)]
    assert counts[-1] == adam.iterations
    assert len(counts) == 1 or counts[0] == adam.coarse_iterations
    assert counts in (sorted(counts), sorted(counts, reverse=True))


@given(canvases, pyramids, exemplar_sides, st.lists(st.integers(1, 16383), max_size=3, unique=True).map(sorted))
def test_steps_from_one_size_to_the_next_share_the_octaves(
    canvas: Canvas, pyramid: Octaves, side: int, sizes: list[int]
) -> None:
    """Each octave has one of them, and coarser octaves an earlier one; the last has no limit above."""
    steps = [Optimise(from_size=low, to_size=high) for low, high in pairwise([0, *sizes, 16384])]
    chosen = [[i for i, step in enumerate(steps) if applies(step, octave)] for octave in octaves(canvas, pyramid, side)]
    assert all(len(of_octave) == 1 for of_octave in chosen)
    assert chosen == sorted(chosen)


def test_a_step_without_sizes_is_for_all_octaves_and_one_without_room_for_none() -> None:
    for octave in octaves(Canvas(width=16384, height=16384), Octaves(), 20_000):
        assert applies(Blur(), octave)
        assert not applies(Blur(from_size=100, to_size=100), octave)


def test_sizes_are_counted_in_px_of_what_statistics_rest_on() -> None:
    """A small exemplar makes the octaves of a large canvas coarse ones."""
    made = octaves(Canvas(width=512, height=512), Octaves(start_size=16, growth=2.0), 64)
    assert [octave.extent for octave in made] == [16, 32, 64]
    assert [applies(Optimise(from_size=32), octave) for octave in made] == [False, True, True]
    assert [applies(Optimise(to_size=32), octave) for octave in made] == [True, False, False]
