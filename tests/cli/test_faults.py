"""What happens to a job from outside: killed, stopped, its disk full, its folder gone, two in one folder."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from safetensors import safe_open

from neural_texture_addon.job.description import Job
from neural_texture_addon.job.wire import job_to_json

pytestmark = pytest.mark.skipif(os.name != "posix", reason="faults are made with signals and limits that Windows lacks")
CPU = ("--device", "cpu")
Engine = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
WaitFor = Callable[[Callable[[], bool]], None]


@pytest.fixture
def made(engine: Engine, make_job: Callable[..., Job], tmp_path: Path) -> Path:
    """What nobody disturbed."""
    (tmp_path / "job.json").write_text(job_to_json(make_job(96)), encoding="utf-8")
    done = engine("run", "job.json", *CPU, "--out", "undisturbed")
    assert done.returncode == 0, done.stderr
    return tmp_path / "undisturbed"


def files(folder: Path) -> dict[str, bytes]:
    """Those that are there to stay."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".") and "preview" not in path.name
    }


def check_readable(folder: Path) -> None:
    for name in files(folder):
        path = folder / name
        match path.suffix:
            case ".png":
                with Image.open(path) as image:
                    image.load()
            case ".json":
                json.loads(path.read_text(encoding="utf-8"))
            case ".safetensors":
                with safe_open(path, "pt") as state:
                    assert [state.get_tensor(key) for key in state.keys()]  # noqa: SIM118
            case _:
                raise AssertionError(f"{name}: what is this?")


def goes_on(engine: Engine, folder: Path, made: Path) -> None:
    """From its last stage, or from the start if there is none; to the same end, bit for bit."""
    again = "resume" if any(folder.glob("stages/*.safetensors")) else "run"
    asked = (folder.name,) if again == "resume" else ("job.json", "--out", folder.name)
    done = engine(again, *asked, *CPU)
    assert done.returncode == 0, done.stderr
    assert files(folder) == files(made)


INSTANTS = [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 50))]


@pytest.mark.parametrize("seed", INSTANTS)
def test_killed_at_any_instant_all_files_are_whole_and_it_goes_on(
    engine: Engine, start: Start, made: Path, tmp_path: Path, seed: int
) -> None:
    process, folder = start("run", "job.json", *CPU, "--out", "killed"), tmp_path / "killed"
    while not (folder / "stages").is_dir() and process.poll() is None:
        time.sleep(0.01)  # imports are not of interest
    time.sleep(random.Random(seed).random())
    process.send_signal(signal.SIGKILL)
    process.wait()
    check_readable(folder)
    goes_on(engine, folder, made)


def test_stopped_for_a_while_it_comes_to_the_same_end(
    start: Start, wait_for: WaitFor, made: Path, tmp_path: Path
) -> None:
    process, folder = start("run", "job.json", *CPU, "--out", "stopped"), tmp_path / "stopped"
    wait_for((folder / "stages").is_dir)
    process.send_signal(signal.SIGSTOP)
    time.sleep(2)
    process.send_signal(signal.SIGCONT)
    assert process.wait() == 0
    assert files(folder) == files(made)


@pytest.mark.parametrize("most", [2048, 20480])
def test_on_a_full_disk_it_says_so_and_what_was_written_stays(
    engine: Engine, made: Path, tmp_path: Path, most: int
) -> None:
    done = engine("run", "job.json", *CPU, "--out", "full", most=most)
    assert done.returncode == 1
    assert "could not be written" in last_line(done.stderr)
    assert "files saved before are whole" in last_line(done.stderr)
    check_readable(tmp_path / "full")
    goes_on(engine, tmp_path / "full", made)


def test_a_folder_that_is_deleted_meanwhile_is_said(
    start: Start, wait_for: WaitFor, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    (tmp_path / "job.json").write_text(job_to_json(make_job(256)), encoding="utf-8")
    process, folder = start("run", "job.json", *CPU, "--out", "gone"), tmp_path / "gone"
    wait_for((folder / "stages").is_dir)
    shutil.rmtree(folder)
    _, said = process.communicate()
    assert process.returncode == 1
    assert "could not be written" in last_line(said)


def test_of_two_jobs_in_one_folder_the_second_is_refused(
    engine: Engine, start: Start, wait_for: WaitFor, made: Path, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    process, folder = start("run", "job.json", *CPU, "--out", "one"), tmp_path / "one"
    wait_for((folder / "stages").is_dir)
    process.send_signal(signal.SIGSTOP)  # so that it is there for as long as the second takes
    second = engine("run", "job.json", *CPU, "--out", "one")
    process.send_signal(signal.SIGCONT)
    assert second.returncode == 2
    assert "where another job is at work; name another folder" in last_line(second.stderr)
    assert process.wait() == 0
    assert files(folder) == files(made)
    assert not (folder / ".in_use").exists()
    assert engine("run", "job.json", *CPU, "--out", "one").returncode == 0


def last_line(said: str) -> str:
    assert "Traceback" not in said
    return said.strip().splitlines()[-1]
