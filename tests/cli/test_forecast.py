import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from neural_texture_addon.job.description import Job, Request
from neural_texture_addon.job.events import Event, Failed, Forecast, Ready
from neural_texture_addon.job.wire import from_line, job_to_json, to_line

Engine = Callable[..., subprocess.CompletedProcess[str]]
FAST = ("--preset", "draft", "--features", "patches", "--device", "cpu")


def test_it_tells_time_and_memory_of_style_images(engine: Engine, style: Path, tmp_path: Path) -> None:
    done = engine("forecast", style, *FAST, "--size", "48x32")
    assert done.returncode == 0, done.stderr
    device, time, memory = done.stdout.splitlines()
    assert device.startswith("CPU, ")
    assert device.endswith(" 48x32")
    assert time.startswith("time: about ")
    assert memory.startswith("memory: about 0.")
    assert list(tmp_path.iterdir()) == [style]


def test_it_tells_them_of_a_job_file(engine: Engine, make_job: Callable[..., Job], tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(job_to_json(make_job(40)), encoding="utf-8")
    done = engine("forecast", "job.json", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].endswith(" 40x40")
    for more in (("--size", "64"), ("style.png",), ("--preset", "draft")):
        done = engine("forecast", "job.json", *more)
        assert done.returncode == 2
        assert "a job file stands alone" in done.stderr


def test_what_fits_in_pieces_only_is_told(engine: Engine, style: Path) -> None:
    done = engine("forecast", style, *FAST, "--size", "4096", "--memory", "3GB")
    assert done.returncode == 0, done.stderr
    *_, memory, pieces = done.stdout.splitlines()
    assert memory.startswith(("memory: about 1.", "memory: about 2."))
    assert memory.endswith(" 3.0 GB are free")
    assert pieces.startswith("too large to look at as a whole: works in pieces of ")


@pytest.mark.parametrize("size", ["4", "4 gb", "4000MB"])
def test_a_limit_may_be_written_as_people_do(engine: Engine, style: Path, size: str) -> None:
    done = engine("forecast", style, *FAST, "--size", "48x32", "--memory", size)
    assert done.stdout.splitlines()[2].endswith(" 4.0 GB are free"), done.stderr
    done = engine("forecast", style, *FAST, "--memory", "much")
    assert done.returncode == 2
    assert "'much' is no amount of memory; for example 4GB or 800MB" in done.stderr


def test_what_would_be_refused_is_told_and_refused(engine: Engine, style: Path) -> None:
    """Twice 16384 px: the canvas and what its solver remembers are 16 GB, and what it sees is besides."""
    done = engine("forecast", style, *FAST, "--size", "16384", "--memory", "8GB")
    assert done.returncode == 2, done.stdout
    told = re.match(r"memory: about ([\d.]+) GB", done.stdout.splitlines()[2])
    assert told
    assert float(told[1]) > 16
    assert done.stderr.startswith("neural-texture: canvas of 16384x16384 px: needs about ")
    assert len(done.stderr.splitlines()) == 1
    done = engine("forecast", "absent.png", *FAST)
    assert done.returncode == 2
    assert done.stdout == ""


def test_the_worker_says_its_forecast_and_nothing_else(engine: Engine, make_job: Callable[..., Job]) -> None:
    done = engine("worker", "--forecast", stdin=to_line(Request(job=make_job(), out="nowhere")))
    assert done.returncode == 0, done.stderr
    ready, forecast = (from_line(Event, line) for line in done.stdout.splitlines())
    assert ready == Ready()
    assert isinstance(forecast, Forecast)
    done = engine("worker", "--forecast", stdin="hello\n")
    assert done.returncode == 2
    assert isinstance(from_line(Event, done.stdout.splitlines()[-1]), Failed)
