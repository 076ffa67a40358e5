import argparse
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from neural_texture_addon.engine import map_options, synthesize_command
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.job.description import (
    Canvas,
    Exemplar,
    Fit,
    Green,
    Job,
    MapKind,
    NearestPatches,
    PackedAs,
    Picture,
    Tiling,
)

COLOUR, NORMAL, HEIGHT, ROUGHNESS, OCCLUSION, METALNESS = MapKind
Said = Callable[..., tuple[list[Exemplar], Canvas]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `wall` with a set of maps, in the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wall").mkdir()
    for name in ("wall_diff.png", "wall_nor_dx.png", "wall_disp.png"):
        (tmp_path / "wall" / name).touch()
    return tmp_path


@pytest.fixture
def said(folder: Path) -> Said:
    """The style images and the canvas of a command line."""

    def read(*arguments: str, canvas: Canvas | None = None) -> tuple[list[Exemplar], Canvas]:
        parser = argparse.ArgumentParser(exit_on_error=False)
        parser.add_argument("exemplars", nargs="*")
        map_options.add_to(parser)
        parsed = parser.parse_args(arguments)
        exemplars = map_options.exemplars(parsed)
        return exemplars, map_options.canvas(parsed, exemplars, canvas or Canvas())

    return read


def test_a_file_is_a_colour_alone(said: Said) -> None:
    exemplars, canvas = said("wall/wall_diff.png", "b.png")
    assert [exemplar.maps for exemplar in exemplars] == [{COLOUR: "wall/wall_diff.png"}, {COLOUR: "b.png"}]
    assert canvas == Canvas()


def test_of_a_folder_all_maps_are_made(said: Said) -> None:
    (exemplar,), canvas = said("wall")
    assert exemplar.maps[HEIGHT] == str(Path("wall", "wall_disp.png"))
    assert exemplar.green is Green.DIRECTX
    assert canvas.maps == (COLOUR, NORMAL, HEIGHT)


def test_which_are_made_and_how_much_they_count_can_be_said(said: Said) -> None:
    _, canvas = said("wall", "--maps", "height,colour", "--map-weight", "height=2.5", "--map-weight", "colour=0.5")
    assert canvas.maps == (HEIGHT, COLOUR)
    assert canvas.map_weights == {HEIGHT: 2.5, COLOUR: 0.5}


def test_maps_can_be_named_one_by_one(said: Said) -> None:
    (exemplar,), canvas = said(
        "a.png", "--map", "roughness=r.png", "--map", "packed=arm.png", "--map", "normal=n_dx.png"
    )
    assert exemplar.maps == {COLOUR: "a.png", ROUGHNESS: "r.png", NORMAL: "n_dx.png"}
    assert exemplar.packed == "arm.png"
    assert canvas.maps == (COLOUR, NORMAL, ROUGHNESS, OCCLUSION, METALNESS)
    (alone,), _ = said("--map", "height=h.png")
    assert alone.maps == {HEIGHT: "h.png"}


@pytest.mark.parametrize(
    ("arguments", "convention"),
    [
        (("wall",), Green.DIRECTX),
        (("wall", "--style-green", "opengl"), Green.OPENGL),
        (("wall", "--map", "normal=own.png"), Green.OPENGL),
        (("a.png", "--map", "normal=own_NormalDX.png"), Green.DIRECTX),
        (("a.png", "--map", "normal=own.png", "--style-green", "directx"), Green.DIRECTX),
    ],
)
def test_the_green_is_as_the_name_says_unless_told(said: Said, arguments: tuple[str, ...], convention: Green) -> None:
    assert said(*arguments)[0][0].green is convention


@pytest.mark.parametrize(
    ("arguments", "packed_as"),
    [
        (("--map", "packed=mix.png"), PackedAs.ARM),
        (("--map", "packed=wall_MaskMap.png"), PackedAs.MASK_MAP),
        (("--map", "packed=wall_MetallicSmoothness.tif"), PackedAs.METALLIC_SMOOTHNESS),
        (("--map", "packed=mix.png", "--style-packed", "mask_map"), PackedAs.MASK_MAP),
        (("--map", "packed=wall_MaskMap.png", "--style-packed", "arm"), PackedAs.ARM),
    ],
)
def test_a_packed_file_is_as_its_name_says_unless_told(
    said: Said, arguments: tuple[str, ...], packed_as: PackedAs
) -> None:
    (exemplar,), canvas = said("a.png", *arguments)
    assert exemplar.packed_as is packed_as
    assert set(canvas.maps) == {COLOUR, *packed_as.maps}


def test_a_colour_that_is_made_already_is_wrapped_around(said: Said) -> None:
    assert said("wall", "--colour", "made.png")[1].colour == Picture(path="made.png", fit=Fit.WRAP)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.png", "b.png", "--map", "height=h.png"), "--map names maps of one style image"),
        (("a.png", "--map", "height=h.png", "--map", "height=i.png"), "--map names height twice"),
        (("--map", "packed=arm.png"), "needs a style image beside it"),
        (("empty",), "empty: holds no maps that can be told by their names"),
    ],
)
def test_what_can_not_be_is_refused_in_a_line(
    said: Said, folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match=message) as caught:
        said(*arguments)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--map", "depth=a.png"),
        ("--map", "height"),
        ("--map", "height="),
        ("--maps", "colour,depth"),
        ("--map-weight", "height=much"),
        ("--map-weight", "5"),
        ("--style-green", "upwards"),
    ],
)
def test_what_is_no_map_is_named_with_those_that_are(said: Said, arguments: tuple[str, ...]) -> None:
    with pytest.raises(argparse.ArgumentError, match=r"height|opengl"):
        said("a.png", *arguments)


def job_of(*arguments: str) -> Job:
    parser = argparse.ArgumentParser()
    synthesize_command.add_to(parser)
    return synthesize_command.job_of(parser.parse_args([*arguments, "--features", "patches", "--out", "out"]))


@pytest.mark.usefixtures("folder")
def test_a_job_of_several_maps_has_terms_that_keep_them_together() -> None:
    terms = [term for step in job_of("wall").steps for term in step.terms]
    assert any(isinstance(term, NearestPatches) for term in terms)
    assert job_of("wall", "--green", "directx").output.green is Green.DIRECTX
    assert job_of("wall", "--scale", "0.5").exemplars[0].scale == 0.5


def test_the_canvas_is_as_large_as_the_colour_that_is_there(folder: Path) -> None:
    Image.new("RGB", (90, 50)).save(folder / "made.png")
    canvas = job_of("wall", "--colour", "made.png").canvas
    assert (canvas.width, canvas.height, canvas.tiling) == (90, 50, Tiling.BOTH)
    assert job_of("wall", "--colour", "made.png", "--size", "64").canvas.height == 36
    with pytest.raises(InputError, match=r"canvas\.maps asks for nothing else"):
        job_of("wall/wall_diff.png", "--colour", "made.png")
