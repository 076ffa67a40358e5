import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from neural_texture_addon.job.description import Canvas, Exemplar, Job, MapKind, Tiling
from neural_texture_addon.job.wire import job_to_json

Engine = Callable[..., subprocess.CompletedProcess[str]]


def test_one_picture_becomes_a_folder_of_maps(engine: Engine, style: Path, tmp_path: Path) -> None:
    done = engine("maps", style, "--out", "out")
    assert done.returncode == 0, done.stderr
    ends = ["Color", "Normal", "Displacement", "Roughness", "AmbientOcclusion"]
    paths = [str(Path("out") / f"style ü 1_{end}.png") for end in ends]
    assert done.stdout.splitlines() == paths
    for path in paths:
        with Image.open(tmp_path / path) as image:
            assert image.size == (40, 32)
            assert ("an estimate from the colour alone" in image.info["Description"]) == ("Color" not in path)
    assert "normal, height, roughness, occlusion: estimates, guessed from the colour alone\n" in done.stderr
    report = json.loads((tmp_path / "out" / "style ü 1_maps.json").read_text(encoding="utf-8"))
    assert (report["image"], report["axes"], report["seams"]) == ("style ü 1.png", "none", {})


def test_maps_names_green_and_packing_are_chosen(engine: Engine, style: Path, tmp_path: Path) -> None:
    chosen = ("--names", "unreal", "--packed", "--name", "wall", "--axes", "both", "--metalness", 1)
    done = engine("maps", style, *chosen, "--maps", "roughness", "normal", "--light", 120, "--out", "out")
    assert done.returncode == 0, done.stderr
    assert [Path(line).name for line in done.stdout.splitlines()] == ["T_wall_N.png", "T_wall_ORM.png"]
    with Image.open(tmp_path / "out" / "T_wall_ORM.png") as image:
        assert np.asarray(image)[:, :, 2].min() == 255, "metal"
    assert "the light" not in done.stderr, "it was said"
    report = json.loads((tmp_path / "out" / "wall_maps.json").read_text(encoding="utf-8"))
    assert report["files"][0]["green"] == "directx"
    assert set(report["seams"]) == {"normal", "roughness", "occlusion", "metalness"}


@pytest.mark.parametrize(
    ("packed", "name", "channels"), [((), "MetallicSmoothness", "mmms"), (("--packed",), "MaskMap", "mo0s")]
)
def test_for_unity_roughness_becomes_smoothness_in_alpha(
    engine: Engine, style: Path, tmp_path: Path, packed: tuple[str, ...], name: str, channels: str
) -> None:
    asked = ("--maps", "roughness", "occlusion", "--metalness", 0.5, "--name", "wall")
    for names, more in (("unity", packed), ("blender", ())):
        done = engine("maps", style, *asked, "--names", names, *more, "--out", names)
        assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "unity" / f"wall_{name}.png") as image:
        assert image.mode == "RGBA"
        unity = np.moveaxis(np.asarray(image).astype(int), 2, 0)
    with Image.open(tmp_path / "blender" / "wall_Roughness.png") as image:
        roughness = np.asarray(image).astype(int)
    with Image.open(tmp_path / "blender" / "wall_AmbientOcclusion.png") as image:
        occlusion = np.asarray(image).astype(int)
    expected = {"m": 128, "o": occlusion, "0": 0, "s": 255 - roughness}
    for channel, held in zip(unity, channels, strict=True):
        assert np.abs(channel - expected[held]).max() <= 1, held


def test_colours_as_they_were_are_the_image(engine: Engine, style: Path, tmp_path: Path) -> None:
    assert engine("maps", style, "--maps", "colour", "--flatten", 0, "--out", "out").returncode == 0
    with Image.open(style) as mine, Image.open(tmp_path / "out" / "style ü 1_Color.png") as made:
        assert np.array_equal(np.asarray(mine), np.asarray(made))


def test_of_a_tile_that_was_made_here_it_knows_how_it_repeats(engine: Engine, style: Path, tmp_path: Path) -> None:
    job = Job(exemplars=(Exemplar(maps={MapKind.COLOUR: str(style)}),), canvas=Canvas(tiling=Tiling.X))
    (tmp_path / "job.json").write_text(job_to_json(job), encoding="utf-8")
    style.rename(tmp_path / "result.png")
    axes = {}
    for said in ((), ("--axes", "y")):
        assert engine("maps", "result.png", "--maps", "height", *said, "--out", "out").returncode == 0
        axes[said] = json.loads((tmp_path / "out" / "result_maps.json").read_text(encoding="utf-8"))["axes"]
    assert axes == {(): "x", ("--axes", "y"): "y"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("missing.png",), "missing.png: there is no such file"),
        (("--relief", "2"), "relief is 2.0; allowed: a number from 0.0 to 1.0"),
        (("--light", "nan"), "light is NaN; allowed: a number from 0.0 to 360.0"),
        (("--maps", "gloss"), "invalid choice: 'gloss'"),
        (("--bits", "32"), "32 bits a channel in png; allowed: up to 16"),
        (("--name", "a/b"), "the material's name is 'a/b'"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(
    engine: Engine, style: Path, tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    image = () if arguments[0] == "missing.png" else (style,)
    done = engine("maps", *image, *arguments, "--out", "out")
    assert done.returncode == 2
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_the_image_is_not_overwritten_by_what_is_made_of_it(engine: Engine, style: Path) -> None:
    mine = style.rename(style.with_name("wall_Color.png"))
    before = mine.read_bytes()
    done = engine("maps", mine, "--out", mine.parent)
    assert done.returncode == 2
    assert "would be lost" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert mine.read_bytes() == before
