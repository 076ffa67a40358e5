"""The engine as a process of its own, as a person at a terminal and Blender at a pipe have it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import neural_texture_addon
from neural_texture_addon.job.description import Adam, Canvas, Exemplar, Job, MapKind, Octaves, Optimise

ROOT = Path(neural_texture_addon.__file__).parents[1]
Engine = Callable[..., subprocess.CompletedProcess[str]]


def environment(**more: str) -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"} | more


def limit_files(most: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Runs a command to its end, in `tmp_path`; on a full disk, as it were, if no file may have more bytes."""

    def run(*arguments: object, stdin: str = "", most: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "neural_texture_addon.engine", *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment(**more),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            preexec_fn=(lambda: limit_files(most)) if most else None,
        )

    return run


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command; the test ends it. Whatever happens, none outlives the test."""
    started = []

    def popen(*arguments: object, **more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "neural_texture_addon.engine", *map(str, arguments)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(**more), encoding="utf-8", **pipes)
        started.append(process)
        return process

    yield popen
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def style(tmp_path: Path) -> Path:
    """A style image of 40 x 32 px, its name not plain."""
    path = tmp_path / "style ü 1.png"
    blotches = np.random.default_rng(1).integers(0, 256, (8, 10, 3), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
    Image.fromarray(blotches).save(path)
    return path


@pytest.fixture
def make_job(style: Path) -> Callable[..., Job]:
    """A job of a second, or one whose first octave takes that long and whose last takes minutes."""

    def make(size: int = 32, *, endless: bool = False) -> Job:
        iterations = 300 if endless else 2
        return Job(
            exemplars=(Exemplar(maps={MapKind.COLOUR: str(style)}, scale=16.0 if endless else 1.0),),
            canvas=Canvas(width=1024 if endless else size, height=1024 if endless else size),
            octaves=Octaves(start_size=12, growth=2.0),
            steps=(Optimise(solver=Adam(iterations=iterations, coarse_iterations=iterations)),),
        )

    return make


@pytest.fixture
def wait_for() -> Callable[[Callable[[], bool]], None]:
    """Waits until something is so, a minute at most."""

    def wait(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, "it never came"
            time.sleep(0.01)

    return wait
