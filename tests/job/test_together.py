from dataclasses import replace

import pytest
from hypothesis import given

from neural_texture_addon.job import presets
from neural_texture_addon.job.description import (
    Blur,
    Canvas,
    Content,
    Job,
    Lbfgs,
    MapKind,
    NearestPatches,
    Optimise,
    Patches,
    Picture,
    SlicedWasserstein,
    Texels,
)
from neural_texture_addon.job.together import (
    NEIGHBOURS_TOGETHER,
    TEXELS_TOGETHER,
    WINDOWS_FROM_SIZE,
    WINDOWS_TOGETHER,
    with_terms_for_several,
)

SEVERAL = Canvas(maps=(MapKind.COLOUR, MapKind.HEIGHT))
READY = {f"{name}/{family}": job for name in presets.names() for family, job in presets.load(name).jobs.items()}


@given(...)
def test_a_job_for_one_map_stays_as_it_is(job: Job) -> None:
    one = replace(job, canvas=replace(job.canvas, maps=job.canvas.maps[:1]))
    assert with_terms_for_several(one) == one


@given(...)
def test_doing_it_twice_changes_nothing_more(job: Job) -> None:
    once = with_terms_for_several(replace(job, canvas=SEVERAL))
    assert with_terms_for_several(once) == once


@pytest.mark.parametrize("name", READY)
@pytest.mark.parametrize("size", [20, 59, 60, 500])
def test_at_each_size_the_same_steps_are_done_with_more_terms(name: str, size: int) -> None:
    """Whatever is done at a size by the preset is done for several maps, too, and in the same order."""
    job = replace(READY[name], canvas=SEVERAL)
    before, after = (
        [step for step in each.steps if _applies(step, size)] for each in (job, with_terms_for_several(job))
    )
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        if isinstance(old, Optimise):
            assert new.solver == old.solver
            assert new.terms[: len(old.terms)] == old.terms


def _applies(step, size: int) -> bool:
    return step.from_size <= size and (size < step.to_size or step.to_size == 16384)


def test_the_nearest_windows_are_looked_for_where_there_are_many() -> None:
    early, late = with_terms_for_several(Job(canvas=SEVERAL)).steps
    assert (early.to_size, late.from_size) == (WINDOWS_FROM_SIZE, WINDOWS_FROM_SIZE)
    assert early.terms == (SlicedWasserstein(), NEIGHBOURS_TOGETHER, TEXELS_TOGETHER)
    assert late.terms == (*early.terms, WINDOWS_TOGETHER)


def test_what_is_there_already_is_not_added_again() -> None:
    own = (*(SlicedWasserstein(features=Patches(size=size), weight=3) for size in (1, 2)), NearestPatches(weight=5))
    job = Job(canvas=SEVERAL, steps=(Optimise(terms=own),))
    assert with_terms_for_several(job) == job


def test_beside_a_given_colour_single_texels_are_left_out() -> None:
    job = with_terms_for_several(Job(canvas=replace(SEVERAL, colour=Picture(path="made.png"))))
    assert all(NEIGHBOURS_TOGETHER in step.terms and TEXELS_TOGETHER not in step.terms for step in job.steps)


def test_steps_that_can_not_follow_or_look_at_no_style_stay() -> None:
    steps = (Optimise(solver=Lbfgs()), Optimise(terms=(Content(features=Texels()),)), Blur())
    job = Job(canvas=SEVERAL, steps=steps)
    assert with_terms_for_several(job) == job
