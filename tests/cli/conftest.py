"""The engine as a process of its own, as a person at a terminal and Blender at a pipe have it."""

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from job_folder import check_readable, files
from PIL import Image

import neural_texture_addon
from neural_texture_addon.engine import job_reader, pipeline, stage
from neural_texture_addon.job.description import (
    Adam,
    Canvas,
    Device,
    Exemplar,
    Job,
    MapKind,
    Octaves,
    Optimise,
    Request,
)
from neural_texture_addon.job.events import Finished
from neural_texture_addon.job.wire import job_to_json

ROOT = Path(neural_texture_addon.__file__).parents[1]
Engine = Callable[..., subprocess.CompletedProcess[str]]


def environment(**more: str) -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"} | more


def limit_files(most: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def obey_permissions() -> None:
    """Takes from root, on Linux, the right to write where nobody may (capabilities(7): CAP_DAC_OVERRIDE)."""
    if sys.platform == "linux" and os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1)  # PR_CAPBSET_DROP


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Runs a command to its end, in `tmp_path`; on a full disk, as it were, if no file may have more bytes.

    `as_subject`: to permissions, even if the tests are not. `closed`: the numbers of standard streams that it lacks.
    """

    def run(
        *arguments: object,
        stdin: str = "",
        most: int = 0,
        as_subject: bool = False,
        closed: tuple[int, ...] = (),
        **more: str,
    ) -> subprocess.CompletedProcess[str]:
        def begin() -> None:
            if most:
                limit_files(most)
            if as_subject:
                obey_permissions()
            for number in closed:
                os.close(number)

        command = [sys.executable, "-m", "neural_texture_addon.engine", *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment(**more),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            preexec_fn=begin if most or as_subject or closed else None,
        )

    return run


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command; the test ends it. Whatever happens, none outlives the test."""
    started = []

    def popen(*arguments: object, as_subject: bool = False, **more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "neural_texture_addon.engine", *map(str, arguments)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        before = obey_permissions if as_subject else None
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment(**more), encoding="utf-8", preexec_fn=before, **pipes
        )
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
    return write_style(tmp_path)


@pytest.fixture
def make_job(style: Path) -> Callable[..., Job]:
    """A job of a second, or one whose first octave takes that long and whose last takes minutes."""

    def make(size: int = 32, *, endless: bool = False) -> Job:
        return job_of(style, size, endless=endless)

    return make


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a job of some seconds made that nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "job.json").write_text(job_to_json(job_of(write_style(folder), 96, iterations=15)), encoding="utf-8")
    command = [sys.executable, "-m", "neural_texture_addon.engine", "run", "job.json", "--device", "cpu"]
    done = subprocess.run([*command, "--out", "out"], cwd=folder, env=environment(), capture_output=True)
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture
def made(undisturbed: Path, tmp_path: Path) -> Path:
    """That; its job lies ready to be run."""
    shutil.copy(undisturbed / "job.json", tmp_path)
    return undisturbed


def write_style(folder: Path) -> Path:
    path = folder / "style ü 1.png"
    blotches = np.random.default_rng(1).integers(0, 256, (8, 10, 3), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
    Image.fromarray(blotches).save(path)
    return path


def job_of(style: Path, size: int, *, iterations: int = 2, endless: bool = False) -> Job:
    iterations = 300 if endless else iterations
    return Job(
        exemplars=(Exemplar(maps={MapKind.COLOUR: str(style)}, scale=16.0 if endless else 1.0),),
        canvas=Canvas(width=1024 if endless else size, height=1024 if endless else size),
        octaves=Octaves(start_size=12, growth=2.0),
        steps=(Optimise(solver=Adam(iterations=iterations, coarse_iterations=iterations)),),
    )


@pytest.fixture
def wait_for() -> Callable[[Callable[[], bool]], None]:
    """Waits until something is so, a minute at most."""

    def wait(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, "it never came"
            time.sleep(0.01)

    return wait


@pytest.fixture
def goes_on(made: Path, tmp_path: Path) -> Callable[[Path], None]:
    """From its last stage, or from the start if there is none; to the same end, bit for bit."""

    def go(folder: Path) -> None:
        check_readable(folder)
        done = max(stage.saved_octaves(folder), default=0)
        job = job_reader.read_file(str((folder if done else tmp_path) / "job.json"))
        allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
        torch.set_num_threads(len(allowed))  # as the command line does
        *_, end = pipeline.run(Request(job=job, out=str(folder), device=Device.CPU, resume_from=done))
        torch.set_num_threads(1)
        assert isinstance(end, Finished), end
        assert files(folder) == files(made)

    return go
