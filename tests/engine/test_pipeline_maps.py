"""Jobs of several maps: together on one torus, normals as vectors, a colour that is held."""

import argparse
import dataclasses
import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from neural_texture_addon.engine import image_file, normals, pipeline, seam, solver, torus
from neural_texture_addon.engine.torus import TORUS
from neural_texture_addon.job import together
from neural_texture_addon.job.description import (
    Adam,
    Canvas,
    Device,
    Exemplar,
    Fit,
    Green,
    Job,
    Lbfgs,
    MapKind,
    Moments,
    Octaves,
    Optimise,
    Output,
    Patches,
    Picture,
    Request,
    Sharpen,
    SlicedWasserstein,
    Texels,
)
from neural_texture_addon.job.events import Failed, Finished, StageSaved
from neural_texture_addon.job.map_files import in_folder

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
COLOUR, NORMAL, HEIGHT, ROUGHNESS = list(MapKind)[:4]
MAPS = (COLOUR, NORMAL, HEIGHT, ROUGHNESS)
Describe = Callable[..., Exemplar]
MakeJob = Callable[..., Job]


def events(job: Job, out: Path, **fields) -> list:
    return list(pipeline.run(Request(job=job, out=str(out), device=Device.CPU, **fields)))


def finished(job: Job, out: Path) -> Finished:
    last = events(job, out)[-1]
    assert isinstance(last, Finished), last
    return last


def read(maps, kind: MapKind) -> torch.Tensor:
    return image_file.read(maps[kind], kind).values


def lengths(texels: torch.Tensor) -> torch.Tensor:
    return torch.linalg.vector_norm(2 * texels.double() - 1, dim=1)


def brick_wall(width: int, height: int, iterations: int = 12, **canvas) -> Job:
    """A small piece of the example, with as many courses."""
    exemplar = dataclasses.replace(in_folder(str(EXAMPLES / "brick_wall")), scale=0.25)
    adam = Adam(iterations=iterations, coarse_iterations=3 * iterations, learning_rate=0.04)
    terms = (SlicedWasserstein(features=Patches(filters=48)),)
    job = Job(
        exemplars=(exemplar,),
        canvas=Canvas(**{"width": width, "height": height, "maps": MAPS} | canvas),
        octaves=Octaves(start_size=16, growth=2.0),
        steps=(Optimise(terms=terms, solver=adam),),
    )
    return together.with_terms_for_several(job)


@pytest.fixture(scope="module")
def walls(tmp_path_factory: pytest.TempPathFactory) -> list:
    """Of the example, as little as shows something."""
    return events(brick_wall(64, 64, iterations=40), tmp_path_factory.mktemp("walls"))


def test_the_normals_are_of_unit_length_in_each_octave_and_in_the_result(walls: list) -> None:
    saved = [event.maps for event in walls if isinstance(event, StageSaved | Finished)]
    assert len(saved) > 2
    for maps in saved:
        assert float((lengths(read(maps, NORMAL)) - 1).abs().max()) < 0.01  # of 8 bits


def test_no_map_has_a_seam_where_it_wraps(walls: list) -> None:
    for kind in MAPS:
        assert seam.measured(read(walls[-1].maps, kind), TORUS) <= 1.1, kind
    assert walls[-1].seam <= 1.1


def test_the_report_says_how_far_normals_and_height_agree(walls: list) -> None:
    """So small and short a job ends not quite at its exemplar; but maps made apart have about 0."""
    assert walls[-1].exemplar_relief > 0.9
    assert 0.6 < walls[-1].relief < 1


@pytest.fixture(scope="module")
def table():
    """The script that measures correspondence."""
    spec = importlib.util.spec_from_file_location("table", EXAMPLES.parent / "scripts" / "correspondence_table.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_what_the_colour_tells_of_the_other_maps_is_kept_as_maps_made_apart_do_not(
    walls: list, table, tmp_path: Path
) -> None:
    job = brick_wall(64, 64)
    own = table.texels_of(job.exemplars[0], MAPS)
    joint = table.texels_of(Exemplar(maps=walls[-1].maps), MAPS)
    for kind in (HEIGHT, ROUGHNESS):
        alone = brick_wall(64, 64, maps=(kind,), random_seed=5)
        apart = joint | table.texels_of(Exemplar(maps=finished(alone, tmp_path / kind).maps), (kind,))
        bits = [table.mutual_information(own, texels, kind) for texels in (own, joint, apart)]
        assert bits[1] > 0.7 * bits[0], (kind, bits)
        assert bits[2] < 0.5 * bits[1], (kind, bits)


@pytest.fixture(scope="module")
def followers(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The other maps after a colour that was made alone."""
    out = tmp_path_factory.mktemp("followers")
    alone = finished(brick_wall(64, 64, iterations=40, maps=(COLOUR,)), out / "colour")
    colour = Picture(path=alone.maps[COLOUR], fit=Fit.WRAP)
    return finished(brick_wall(64, 64, iterations=40, colour=colour), out / "all")


def test_maps_that_follow_a_colour_go_with_it_as_the_exemplars_do(followers: Finished, table) -> None:
    own = table.texels_of(brick_wall(64, 64).exemplars[0], MAPS)
    made = table.texels_of(Exemplar(maps=followers.maps), MAPS)
    bits = [table.mutual_information(own, texels, HEIGHT) for texels in (own, made)]
    assert bits[1] > 0.7 * bits[0], bits  # so small and short a job; without what `dependence` does it is 0.62


def test_nor_has_any_of_them_a_seam(followers: Finished) -> None:
    for kind in MAPS:
        assert seam.measured(read(followers.maps, kind), TORUS) <= 1.1, kind


def test_the_measure_of_it_knows_a_copy_from_a_shuffle(table) -> None:
    generator = torch.Generator().manual_seed(1)
    colour = torch.rand(4000, 3, generator=generator)
    own = {COLOUR: colour, HEIGHT: colour[:, :1].contiguous()}
    shuffled = {COLOUR: colour, HEIGHT: colour[torch.randperm(4000, generator=generator)][:, :1].contiguous()}
    assert table.mutual_information(own, own, HEIGHT) > 1
    assert table.mutual_information(own, shuffled, HEIGHT) < 0.1


def test_squares_of_an_exemplar_are_off_by_chance_and_many_of_them_are_not(table) -> None:
    described, size = brick_wall(64, 64).exemplars[0], argparse.Namespace(size=64)
    own = table.texels_of(described, MAPS)
    counts = [table.counted(own, table.squares(None, described, MAPS, size, seed), HEIGHT) for seed in range(60)]
    one, each = table.mutual_information(own, own, HEIGHT), [table.information(few) for few in counts]
    assert table.information(sum(counts)) == pytest.approx(one, rel=0.03)
    assert max(each) > 1.1 * one
    assert sum(each) / len(each) > 1.02 * one, "fewer places tell more"


def test_without_normals_and_height_there_is_no_figure_of_their_relief(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    end = finished(small_job(exemplar_file()), tmp_path)
    assert (end.relief, end.exemplar_relief) == (None, None)


EXACTLY_TURNED = [v for v in range(256) if 1 - torch.tensor(255 - v) / 255 == torch.tensor(v) / 255]
"""Greens of which single precision keeps every bit when they are turned; of others not the last."""


def test_a_directx_exemplar_is_turned_and_its_result_too_if_asked(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    exemplar = exemplar_file(maps=(COLOUR, NORMAL))
    with Image.open(exemplar.maps[NORMAL]) as image:
        red, green, blue = image.split()
    green = green.point([min(EXACTLY_TURNED, key=lambda exact: abs(exact - value)) for value in range(256)])
    Image.merge("RGB", (red, green, blue)).save(exemplar.maps[NORMAL])
    turned = Image.merge("RGB", (red, green.point(lambda value: 255 - value), blue))
    turned.save(tmp_path / "dx.png")
    directx = dataclasses.replace(
        exemplar,
        maps={**exemplar.maps, NORMAL: str(tmp_path / "dx.png")},
        green=Green.DIRECTX,
    )
    ours, theirs = (small_job(each, maps=(COLOUR, NORMAL)) for each in (exemplar, directx))
    one, other = (Path(finished(job, tmp_path / job.exemplars[0].green).maps[NORMAL]) for job in (ours, theirs))
    assert one.read_bytes() == other.read_bytes()
    asked = dataclasses.replace(ours, output=Output(green=Green.DIRECTX))
    flipped = read(finished(asked, tmp_path / "asked").maps, NORMAL)
    torch.testing.assert_close(flipped, normals.flipped(image_file.read(str(one), NORMAL).values), atol=0.005, rtol=0)


def wrapped(path: Path, height: int, width: int) -> torch.Tensor:
    """A colour that repeats, of this size, and its file."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [0.5 + 0.4 * np.sin(2 * np.pi * (a * x / width + b * y / height)) for a, b in ((1, 0), (0, 2), (1, 1))]
    Image.fromarray((np.stack(waves, 2) * 255).round().astype(np.uint8)).save(path)
    return image_file.read(str(path), COLOUR).values


@pytest.mark.parametrize("by", [Adam(iterations=3, coarse_iterations=3), Lbfgs(iterations=2, coarse_iterations=2)])
@pytest.mark.parametrize("maps", [(COLOUR, HEIGHT), (HEIGHT, COLOUR, NORMAL)])
def test_a_colour_that_is_made_already_stays_to_the_last_bit(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, by, maps
) -> None:
    colour = wrapped(tmp_path / "colour.png", 24, 40)
    steps = (Optimise(terms=(Moments(features=Texels()),), solver=by), Sharpen())
    canvas = {"width": 40, "height": 24, "maps": maps, "colour": Picture(path=str(tmp_path / "colour.png"))}
    job = dataclasses.replace(small_job(exemplar_file(maps=maps), **canvas), steps=steps)
    end = finished(job, tmp_path / "out")
    assert torch.equal(read(end.maps, COLOUR), colour)
    assert float(read(end.maps, HEIGHT).std()) > 0.02


def test_it_is_brought_to_the_size_of_the_canvas(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    colour = wrapped(tmp_path / "colour.png", 50, 90)
    canvas = {"maps": (COLOUR, HEIGHT), "colour": Picture(path=str(tmp_path / "colour.png"), fit=Fit.WRAP)}
    end = finished(small_job(exemplar_file(maps=(COLOUR, HEIGHT)), **canvas), tmp_path / "out")
    wanted = torus.resize(colour, 32, 32, TORUS).clamp(0, 1)
    torch.testing.assert_close(read(end.maps, COLOUR), wanted, atol=0.003, rtol=0)


def test_in_pieces_it_comes_out_the_same(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where memory runs short in the midst of it, the other maps' gradient is that of the whole."""
    wrapped(tmp_path / "colour.png", 32, 32)
    canvas = {"maps": (COLOUR, HEIGHT), "colour": Picture(path=str(tmp_path / "colour.png"))}
    job = small_job(exemplar_file(maps=(COLOUR, HEIGHT)), **canvas)
    whole = read(finished(job, tmp_path / "whole").maps, HEIGHT)
    descend, calls = solver.descend, []

    def short(objective, iterate, scale):
        loss = descend(objective, iterate, scale)
        calls.append(1)
        if len(calls) == 2:
            raise MemoryError
        return loss

    monkeypatch.setattr(solver, "descend", short)
    torch.testing.assert_close(read(finished(job, tmp_path / "pieces").maps, HEIGHT), whole, atol=0.005, rtol=0)
    assert len(calls) > 2


def test_a_resumed_job_with_a_colour_ends_as_an_uninterrupted_one(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    wrapped(tmp_path / "colour.png", 32, 32)
    canvas = {"maps": (COLOUR, NORMAL, HEIGHT), "colour": Picture(path=str(tmp_path / "colour.png"))}
    job = small_job(exemplar_file(maps=(COLOUR, NORMAL, HEIGHT)), **canvas)
    once = Path(finished(job, tmp_path / "out").maps[HEIGHT]).read_bytes()
    last = events(job, tmp_path / "out", resume_from=1)[-1]
    assert Path(last.maps[HEIGHT]).read_bytes() == once


def test_a_colour_that_can_not_be_read_fails_in_a_line(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    canvas = {"maps": (COLOUR, HEIGHT), "colour": Picture(path=str(tmp_path / "nowhere.png"))}
    last = events(small_job(exemplar_file(maps=(COLOUR, HEIGHT)), **canvas), tmp_path / "out")[-1]
    assert isinstance(last, Failed)
    assert "nowhere.png: there is no such file" in last.message
