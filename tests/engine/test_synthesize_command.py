import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from neural_texture_addon.engine import synthesize_command
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.job import presets
from neural_texture_addon.job.description import (
    Bits,
    Canvas,
    Content,
    FileFormat,
    Flat,
    FromContent,
    Job,
    MapKind,
    Optimise,
    Output,
    Picture,
    SlicedWasserstein,
    Texels,
    Tiling,
)
from neural_texture_addon.job.presets import Family, Preset

STYLISE = Job(steps=(Optimise(terms=(SlicedWasserstein(), Content(features=Texels()))),))
"""Needs exemplars and a content image."""
JobOf = Callable[..., Job]


@pytest.fixture
def job_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> JobOf:
    """The job of a command line whose preset is `preset`, in a folder with face.png (1500 x 1000 px)."""
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (1500, 1000)).save("face.png")

    def job(*arguments: str, preset: Job = STYLISE) -> Job:
        made = Preset(name="stylise", title="", description="", jobs={Family.PATCHES: preset})
        monkeypatch.setattr(presets, "load", lambda name: made)
        parser = argparse.ArgumentParser()
        synthesize_command.add_to(parser)
        return synthesize_command.job_of(parser.parse_args([*arguments, "--out", "out"]))

    return job


def test_the_canvas_takes_the_contents_shape_and_need_not_repeat(job_of: JobOf, tmp_path: Path) -> None:
    job = job_of("style.png", "--content", "face.png")
    assert (job.canvas.width, job.canvas.height) == (1024, 683)
    assert job.canvas.tiling is Tiling.NONE
    assert job.content == Picture(path=str(tmp_path / "face.png"))
    assert job.exemplars[0].maps == {MapKind.COLOUR: str(tmp_path / "style.png")}


def test_the_files_are_the_presets_unless_told_otherwise(job_of: JobOf) -> None:
    webp = replace(STYLISE, content=None, steps=(Optimise(),), output=Output(format=FileFormat.WEBP))
    assert job_of("style.png", preset=webp).output == webp.output
    told = job_of("style.png", "--format", "exr", "--bits", "32", preset=webp).output
    assert told == Output(format=FileFormat.EXR, bits=Bits.THIRTY_TWO)
    with pytest.raises(InputError, match=r"output\.bits is 16; webp has up to 8"):
        job_of("style.png", "--bits", "16", preset=webp)


@pytest.mark.parametrize(("size", "sides"), [("300", (300, 200)), ("64x128", (64, 128))])
def test_a_size_beside_the_content_is_its_longer_side_or_both(job_of: JobOf, size: str, sides: tuple[int, int]) -> None:
    canvas = job_of("style.png", "--content", "face.png", "--size", size).canvas
    assert (canvas.width, canvas.height) == sides


def test_a_small_content_image_keeps_its_size(job_of: JobOf) -> None:
    Image.new("RGB", (40, 90)).save("small.png")
    canvas = job_of("style.png", "--content", "small.png").canvas
    assert (canvas.width, canvas.height) == (40, 90)


def test_what_the_arguments_or_the_preset_say_about_repeating_holds(job_of: JobOf) -> None:
    content = ("style.png", "--content", "face.png")
    assert job_of(*content, "--axes", "both").canvas.tiling is Tiling.BOTH
    along = Job(canvas=Canvas(tiling=Tiling.X), steps=STYLISE.steps)
    assert job_of(*content, preset=along).canvas.tiling is Tiling.X
    assert job_of("style.png", preset=Job()).canvas.tiling is Tiling.BOTH
    assert job_of("style.png", "--axes", "none", preset=Job()).canvas.tiling is Tiling.NONE


def test_what_the_arguments_leave_out_the_preset_says(job_of: JobOf) -> None:
    preset = Job(canvas=Canvas(width=96, height=64, random_seed=9))
    assert job_of("style.png", preset=preset).canvas == preset.canvas
    assert job_of("style.png", "--size", "32", "--seed", "0", preset=preset).canvas == Canvas(
        width=32, height=32, random_seed=0
    )


@pytest.mark.parametrize(
    ("arguments", "preset", "message"),
    [
        ((), Job(), "preset default needs style images"),
        (("style.png",), STYLISE, "preset default needs a content image: --content IMAGE"),
        (("style.png", "--content", "face.png"), Job(), "has no use for a content image"),
        (("style.png", "--content", "missing.png"), STYLISE, "missing.png"),
    ],
)
def test_what_does_not_fit_the_preset_is_refused_in_a_line(
    job_of: JobOf, arguments: tuple[str, ...], preset: Job, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        job_of(*arguments, preset=preset)


def test_a_preset_that_needs_no_style_goes_without(job_of: JobOf) -> None:
    steps = (Optimise(terms=(Content(features=Texels()),)),)
    for seed in (Flat(), FromContent()):
        assert job_of("--content", "face.png", preset=Job(canvas=Canvas(seed=seed), steps=steps)).exemplars == ()
