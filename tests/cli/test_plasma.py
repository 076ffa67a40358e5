import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

Engine = Callable[..., subprocess.CompletedProcess[str]]


def test_a_plasma_is_painted_alone(engine: Engine, tmp_path: Path) -> None:
    done = engine("plasma", "--size", "40x24", "--seed", 3, "--roughness", 0.7, "--out", "a.png")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "a.png\n"
    assert done.stderr == ""
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (40, 24)


def test_a_plasma_takes_an_images_colours(engine: Engine, style: Path, tmp_path: Path) -> None:
    assert engine("plasma", style, "--size", 32, "--out", "a.png").returncode == 0
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == "RGB"
        assert len(image.getcolors(5000)) > 10


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--size", "0", "--out", "a.png"), "width is 0"),
        (("--roughness", "2", "--out", "a.png"), "is 2; allowed: 0 to 1"),
        (("--roughness", "nan", "--out", "a.png"), "is nan; allowed: 0 to 1"),
        (("--seed", "-1", "--out", "a.png"), "random_seed is -1"),
        (("--out", "a.jpg"), "allowed: a file that ends in .png"),
        (("missing.png", "--out", "a.png"), "missing.png"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(
    engine: Engine, tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    done = engine("plasma", *arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_a_failure_in_one_line(engine: Engine) -> None:
    done = engine("plasma", "--size", 16, "--out", "missing/a.png")
    assert done.returncode == 1
    assert "could not be written" in done.stderr
    assert len(done.stderr.splitlines()) == 1
