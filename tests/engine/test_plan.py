import dataclasses
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_texture_addon.engine import memory, needs, plan
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.engine.machine import Machine
from neural_texture_addon.engine.plan import Planner
from neural_texture_addon.engine.schedule import Octave
from neural_texture_addon.engine.tiles import IN_PLACE
from neural_texture_addon.engine.tiles import Plan as Pieces
from neural_texture_addon.job.description import (
    Blur,
    Canvas,
    Job,
    Lbfgs,
    Moments,
    Optimise,
    Patches,
    SlicedWasserstein,
    Vgg19,
)

CPU, GB = torch.device("cpu"), 10**9
PATCHES, NETWORK = SlicedWasserstein(), Moments(features=Vgg19())


def octave(width: int, height: int) -> Octave:
    return Octave(width=width, height=height, scale=1.0, fineness=1.0, extent=min(width, height))


def planner(side: int, *terms: Any, exemplars: Any = ((512, 512),), **step: Any) -> tuple[Planner, Optimise, Octave]:
    optimise = Optimise(terms=terms or (PATCHES,), **step)
    job = Job(canvas=Canvas(width=side, height=side), steps=(optimise,))
    return Planner(job=job, exemplars=exemplars), optimise, octave(side, side)


def planned(room: float, side: int, *terms: Any, **fields: Any) -> plan.Plan | None:
    planner_, step, octave_ = planner(side, *terms, **fields)
    return planner_.plan(step, octave_, round(room))


@pytest.mark.parametrize("terms", [(PATCHES,), (NETWORK,), (PATCHES, NETWORK)])
@pytest.mark.parametrize(("side", "budget"), [(8192, 12 * GB), (4096, 6 * GB)])
def test_large_canvases_fit_into_the_memory_of_a_consumers_graphics_card(side: int, budget: int, terms: Any) -> None:
    planner_, step, where = planner(side, *terms, exemplars=[(4096, 4096)])
    found = dataclasses.replace(planner_, machine=Machine(threads=0)).plan(step, where, budget)
    assert found is not None
    assert found.need <= budget
    assert found.times < 12


def sees(job: Job) -> bool:
    """Whether each of its networks has a layer that counts: another job is refused where jobs are read."""
    terms = [term for step in job.steps if isinstance(step, Optimise) for term in step.terms]
    networks = [f for term in terms if isinstance(f := getattr(term, "features", None), Vgg19)]
    return all(any(network.layers.values()) for network in networks)


jobs = st.from_type(Job).filter(sees)


@given(jobs, st.integers(16, 8192), st.integers(16, 8192), st.floats(6, 12), st.integers(16, 5000))
@settings(max_examples=40)
def test_a_plan_takes_no_more_than_there_is(job: Job, width: int, height: int, digits: float, exemplar: int) -> None:
    where, room = octave(width, height), int(10**digits)
    made = Planner(job=job, exemplars=[(exemplar, exemplar)])
    for step in job.steps:
        found, smallest = made.plan(step, where, room), made.smallest(step, where)
        assert smallest.need <= made.whole(step, where).need
        if found is not None:
            assert found.need <= room
        if made.whole(step, where).need <= room:
            assert found is not None
            assert found.canvas is found.exemplars is None


@pytest.mark.parametrize("terms", [(PATCHES,), (NETWORK,), (PATCHES, NETWORK)])
def test_the_more_memory_the_larger_the_pieces_and_the_sooner_it_is_done(terms: Any) -> None:
    found = [planned(room * GB, 4096, *terms) for room in (2, 3, 5, 8, 100)]
    assert all(found)
    times = [each.times for each in found if each]
    assert times == sorted(times, reverse=True)
    assert times[-1] == 1.0


def test_a_large_photograph_alone_does_not_cut_up_the_canvas() -> None:
    found = planned(2 * GB, 512, NETWORK, exemplars=[(6000, 6000)])
    assert found is not None
    assert found.canvas is None
    assert found.exemplars is not None
    assert planned(100 * GB, 512, NETWORK, exemplars=[(6000, 6000)]) == dataclasses.replace(
        plan.WHOLE, need=needs_of(512, NETWORK, exemplars=[(6000, 6000)])
    )


def test_a_canvas_in_pieces_does_not_cut_up_exemplars_that_fit() -> None:
    for terms in ((NETWORK,), (PATCHES, NETWORK)):
        found = planned(3 * GB, 4096, *terms)
        assert found is not None
        assert found.canvas is not None
        assert found.exemplars is None


@pytest.mark.parametrize("share", [0.7, 0.8, 0.9])
def test_an_exemplar_of_patches_a_little_larger_changes_nothing(share: float) -> None:
    room = share * needs_of(2048, PATCHES, exemplars=[(1024, 1024)])
    smaller, larger = (planned(room, 2048, PATCHES, exemplars=[(side, side)]) for side in (1024, 1040))
    assert smaller is not None
    assert larger is not None
    assert larger.canvas is not None
    assert larger.times < 1.1 * smaller.times


def needs_of(side: int, *terms: Any, **fields: Any) -> int:
    planner_, step, octave_ = planner(side, *terms, **fields)
    return planner_.whole(step, octave_).need


def test_pieces_get_smaller_until_they_are_smallest() -> None:
    where, found, sides = octave(3000, 500), plan.Plan(need=10**9), []
    while smaller := plan.smaller(found, where):
        assert smaller.canvas is not None
        sides.append(smaller.canvas.side)
        found = smaller
    assert sides == [2048, 1024, 512, 256, 128, 64]
    assert found.canvas == Pieces(side=64, room=0)


def test_once_memory_ran_short_no_pieces_are_larger() -> None:
    planner_, step, where = planner(2048, NETWORK)
    found = planner_.plan(step, where, 100 * GB, Pieces(side=256, room=0))
    assert found is not None
    assert found.canvas is not None
    assert found.canvas.side <= 256


def test_what_fits_in_pieces_only_says_so_in_words() -> None:
    found = planned(2 * GB, 4096, NETWORK)
    assert found is not None
    assert plan.in_words(found).startswith("too large to look at as a whole: works in pieces of ")
    assert found.times > 1.5
    assert plan.in_words(found).endswith(" times as long")
    assert plan.in_words(plan.WHOLE) == ""


def test_pieces_that_are_looked_at_but_once_take_hardly_longer() -> None:
    """Where all that is sorted has room, or half of it: and then nothing is said of it."""
    found = planned(0.9 * needs_of(4096, PATCHES), 4096, PATCHES)
    assert found is not None
    assert found.canvas is not None
    assert found.canvas.side <= IN_PLACE.side
    assert 1 <= found.times < 1.12
    assert plan.in_words(found).endswith("px, exact")
    planner_, step, octave_ = planner(4096)
    assert 1 <= planner_.times(step, octave_, Pieces(side=IN_PLACE.side, room=2 * GB)) < 1.1


def test_the_fewer_filters_fit_at_once_the_longer_it_takes_and_that_is_said() -> None:
    """As measured by scripts/measure_forecast.py --rounds."""
    planner_, step, octave_ = planner(2048)
    plane = needs.of_planes(planner_.job, step, octave_)[0][0]
    times = [planner_.times(step, octave_, Pieces(side=512, room=few * plane)) for few in (64, 16, 8, 2, 1)]
    assert times == pytest.approx([1, 1.2, 1.7, 4.8, 8.3], rel=0.15)
    tight = planner_.plan(step, octave_, planner_.smallest(step, octave_).need + 8 * plane)
    assert tight is not None
    assert tight.times > 1.5
    assert plan.in_words(tight).endswith("times as long")


def check(side: int, room: int, monkeypatch: pytest.MonkeyPatch, limit: float = 0.0, **fields: Any) -> None:
    monkeypatch.setattr(memory, "_free", lambda device: room)
    planner_, _, octave_ = planner(side, **fields)
    plan.check(planner_, [octave(64, 64), octave_], CPU, limit)


def test_only_what_fits_in_no_pieces_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    check(4096, 2 * GB, monkeypatch)
    with pytest.raises(
        InputError,
        match=r"^canvas of 8192x8192 px: needs about \d\.\d GB of memory, even in the smallest pieces, "
        r"and 2\.0 GB are free; choose a smaller size or another device$",
    ):
        check(8192, 2 * GB, monkeypatch)
    with pytest.raises(InputError, match=r"needs about \d\d\.\d GB"):
        check(4096, 2 * GB, monkeypatch, solver=Lbfgs(history=50))


def test_a_limit_counts_what_is_held_already(monkeypatch: pytest.MonkeyPatch) -> None:
    held = memory.held(CPU) / GB
    check(1024, 100 * GB, monkeypatch, limit=held + 1)
    with pytest.raises(InputError, match=r"MB are left of the [0-9.]+ GB that it may take"):
        check(1024, 100 * GB, monkeypatch, limit=held + 0.01)
    assert memory.available(CPU, 1000.0) == 100 * GB


def test_a_step_that_optimises_nothing_needs_a_few_canvases() -> None:
    job, where = Job(canvas=Canvas(width=512, height=512), steps=(Blur(),)), octave(512, 512)
    assert 2 < needs.of_step(job, job.steps[0], where) / needs.of_canvas(job, where) < 8


@given(
    st.builds(Patches, size=st.integers(2, 16), filters=st.integers(1, 256), stride=st.integers(1, 8)),
    st.integers(128, 8192),
    st.integers(1, 4096),
)
def test_a_larger_canvas_needs_more(patches: Patches, side: int, more: int) -> None:
    """What looking at the exemplars takes besides may be less: more of their windows are dense then, none sampled."""
    term = SlicedWasserstein(features=patches)
    assert needs_of(side, term, exemplars=()) < needs_of(side + more, term, exemplars=())
