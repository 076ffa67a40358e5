import argparse
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from neural_texture_addon.engine import filter_command, schedule
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.job import presets
from neural_texture_addon.job.description import (
    Canvas,
    Content,
    Job,
    MapKind,
    Octaves,
    Optimise,
    Picture,
    Sharpen,
    Texels,
    Tiling,
)
from neural_texture_addon.job.presets import Family, Preset

SHARPEN = Job(steps=(Sharpen(),))
FAITHFUL = Job(steps=(Sharpen(), Optimise(terms=(Content(features=Texels()),))))
JobOf = Callable[..., Job]


@pytest.fixture
def job_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> JobOf:
    """The job of a command line that filters in.png (of `sides`) with `preset`."""
    monkeypatch.chdir(tmp_path)

    def job(*arguments: str, preset: Job = SHARPEN, sides: tuple[int, int] = (60, 40), image: str = "in.png") -> Job:
        Image.new("L", sides).save("in.png")
        made = Preset(name="etch", title="", description="", jobs={Family.PATCHES: preset})
        monkeypatch.setattr(presets, "load", lambda name: made)
        parser = argparse.ArgumentParser()
        filter_command.add_to(parser)
        return filter_command.job_of(parser.parse_args([image, "--preset", "etch", *arguments, "--out", "out"]))

    return job


@given(st.tuples(st.integers(1, 5000), st.integers(1, 300)), st.booleans(), st.integers(8, 9999))
def test_the_canvas_is_the_image_at_its_size_in_one_octave(
    job_of: JobOf, sides: tuple[int, int], upright: bool, exemplar_side: int
) -> None:
    sides = sides[::-1] if upright else sides
    job = job_of(sides=sides)
    made = (job.canvas.width, job.canvas.height)
    factor = min(1.0, 4096 / max(sides))
    assert all(abs(m - max(16, side * factor)) <= 0.5 for m, side in zip(made, sides, strict=True))
    assert [(o.width, o.height) for o in schedule.octaves(job.canvas, job.octaves, exemplar_side)] == [made]


def test_it_starts_from_the_image_and_does_not_repeat(job_of: JobOf, tmp_path: Path) -> None:
    job = job_of()
    assert job.canvas == Canvas(width=60, height=40, seed=Picture(path=str(tmp_path / "in.png")), tiling=Tiling.NONE)
    assert job.steps == SHARPEN.steps
    assert (job.content, job.exemplars) == (None, ())


def test_the_image_is_the_content_too_where_a_term_asks_for_one(job_of: JobOf) -> None:
    job = job_of(preset=FAITHFUL)
    assert job.content == job.canvas.seed


def test_arguments_set_size_axes_seed_and_styles(job_of: JobOf, tmp_path: Path) -> None:
    job = job_of("--size", "30", "--axes", "x", "--seed", "7", "--style", "a.png", "b.png", preset=Job())
    assert (job.canvas.width, job.canvas.height, job.canvas.random_seed) == (30, 20, 7)
    assert job.canvas.tiling is Tiling.X
    assert [e.maps[MapKind.COLOUR] for e in job.exemplars] == [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    assert job_of("--size", "32x64").canvas.height == 64


def test_a_preset_that_says_where_the_pyramid_starts_keeps_it(job_of: JobOf) -> None:
    octaves = Octaves(start_size=16)
    assert job_of(preset=Job(steps=SHARPEN.steps, octaves=octaves)).octaves == octaves


def test_a_preset_that_needs_styles_says_so_in_a_line(job_of: JobOf) -> None:
    with pytest.raises(InputError, match="preset etch needs style images: --style IMAGE"):
        job_of(preset=Job())


def test_an_image_that_is_not_there_is_bad_input(job_of: JobOf) -> None:
    with pytest.raises(InputError, match="missing: there is no such file"):
        job_of(image="missing")
