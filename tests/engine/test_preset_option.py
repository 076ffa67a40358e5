import argparse
from pathlib import Path

import pytest

from neural_texture_addon.engine import preset_option
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.engine.features import weights
from neural_texture_addon.job import presets
from neural_texture_addon.job.description import Canvas, Job
from neural_texture_addon.job.presets import Family, Preset

JOBS = {family: Job(canvas=Canvas(random_seed=i)) for i, family in enumerate(Family)}


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Parses options for a preset of those families; weights are fetched if said so."""

    def parse(*arguments: str, families: tuple[Family, ...] = tuple(Family), fetched: bool = False):
        preset = Preset(name="dream", title="Dream", description="", jobs={family: JOBS[family] for family in families})
        monkeypatch.setattr(presets, "load", lambda name: {"dream": preset}[name])
        default = tmp_path / "vgg19.safetensors"
        monkeypatch.setattr(weights, "default_path", lambda: default)
        if fetched:
            default.touch()
        parser = argparse.ArgumentParser()
        parser.add_argument("--weights", default="")
        preset_option.add_to(parser)
        return parser.parse_args(["--preset", "dream", *arguments])

    return parse


def test_without_weights_auto_takes_patches_and_says_what_a_download_would_add(options) -> None:
    parsed = options()
    assert preset_option.job(parsed) == JOBS[Family.PATCHES]
    said = preset_option.remark(parsed)
    assert "clearly closer textures" in said
    assert "neural-texture weights fetch (9 MB)" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("--features", "patches"), ()])
def test_who_wants_patches_or_has_nothing_to_gain_is_told_nothing(options, arguments: tuple[str, ...]) -> None:
    parsed = options(*arguments, families=tuple(Family) if arguments else (Family.PATCHES,))
    assert preset_option.job(parsed) == JOBS[Family.PATCHES]
    assert preset_option.remark(parsed) == ""


def test_weights_that_were_fetched_or_named_are_used(options) -> None:
    for parsed, family in (
        (options("--weights", "a.pth"), Family.BOTH),
        (options(fetched=True), Family.BOTH),
        (options("--features", "vgg19", fetched=True), Family.VGG19),
    ):
        assert preset_option.job(parsed) == JOBS[family]
        assert preset_option.remark(parsed) == ""


@pytest.mark.parametrize(
    ("arguments", "families"), [((), (Family.VGG19,)), (("--features", "both"), tuple(Family))], ids=str
)
def test_what_needs_weights_that_are_not_there_says_how_to_get_them(
    options, arguments: tuple[str, ...], families: tuple[Family, ...]
) -> None:
    with pytest.raises(
        InputError, match=r"preset dream .*needs the VGG-19 weights: neural-texture weights fetch \(9 MB"
    ):
        preset_option.job(options(*arguments, families=families))


def test_a_family_that_the_preset_is_not_made_for_is_refused_by_name(options) -> None:
    with pytest.raises(InputError, match="dream is not made for vgg19; allowed: patches, both"):
        preset_option.job(options("--features", "vgg19", families=(Family.PATCHES, Family.BOTH)))


def test_an_unknown_preset_is_refused_with_those_there_are(options, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="preset is 'best'; allowed: default"):
        preset_option.job(options("--preset", "best"))


def test_a_content_image_asks_for_style_transfer_unless_a_preset_is_named() -> None:
    assert preset_option.name(argparse.Namespace(preset=None, content="face.png")) == presets.FOR_CONTENT
    assert preset_option.name(argparse.Namespace(preset=None, content=None)) == presets.DEFAULT
    assert preset_option.name(argparse.Namespace(preset="draft", content="face.png")) == "draft"
    assert presets.FOR_CONTENT in presets.names()
