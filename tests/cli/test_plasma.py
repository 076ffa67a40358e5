import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
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


_LIMITED = """
import resource, sys, psutil
from neural_texture_addon.engine import canvas, cli, plasma_file
def limit(room):
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + room, -1))
paint = canvas.paint
def limited_and_painted(*given):
    limit(100_000_000)
    return paint(*given)
when, *arguments = sys.argv[1:]
if when == "before":
    limit(100_000_000)
else:
    canvas.paint = limited_and_painted
sys.exit(cli.main(arguments))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="others have no limit that can be set")
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_more_than_there_is_memory_for_is_refused_in_one_line(tmp_path: Path, when: str) -> None:
    command = [sys.executable, "-c", _LIMITED, when, "plasma", "--size", "2048", "--out", str(tmp_path / "a.png")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert "a plasma of 2048x2048 px takes 0.3 GB of memory" in line
    assert "choose a smaller size" in line
    assert not list(tmp_path.iterdir())
