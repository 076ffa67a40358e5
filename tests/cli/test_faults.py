"""What happens to a job from outside: killed, stopped, its disk full, its folder gone, two in one folder."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from job_folder import at_work, files, last_line

from neural_texture_addon.job.description import Job
from neural_texture_addon.job.wire import job_to_json

pytestmark = pytest.mark.skipif(os.name != "posix", reason="faults are made with signals and limits that Windows lacks")
CPU = ("--device", "cpu")
Engine = Callable[..., subprocess.CompletedProcess[str]]
GoesOn = Callable[[Path], None]
Start = Callable[..., subprocess.Popen[str]]
WaitFor = Callable[[Callable[[], bool]], None]


INSTANTS = [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 50))]


@pytest.mark.parametrize("seed", INSTANTS)
def test_killed_at_any_instant_all_files_are_whole_and_it_goes_on(
    start: Start, made: Path, goes_on: GoesOn, tmp_path: Path, seed: int
) -> None:
    process, folder = start("run", "job.json", *CPU, "--out", "killed"), tmp_path / "killed"
    while not (folder / "stages").is_dir() and process.poll() is None:
        time.sleep(0.01)  # imports are not of interest
    time.sleep(random.Random(seed).random())
    process.send_signal(signal.SIGKILL)
    process.wait()
    goes_on(folder)


def test_stopped_for_a_while_it_comes_to_the_same_end(
    start: Start, wait_for: WaitFor, made: Path, tmp_path: Path
) -> None:
    process, folder = start("run", "job.json", *CPU, "--out", "stopped"), tmp_path / "stopped"
    wait_for(lambda: at_work(folder))
    process.send_signal(signal.SIGSTOP)
    time.sleep(2)
    process.send_signal(signal.SIGCONT)
    assert process.wait() == 0
    assert files(folder) == files(made)


@pytest.mark.parametrize("most", [2048, 20480])
def test_on_a_full_disk_it_says_so_and_what_was_written_stays(
    engine: Engine, made: Path, goes_on: GoesOn, tmp_path: Path, most: int
) -> None:
    done = engine("run", "job.json", *CPU, "--out", "full", most=most)
    assert done.returncode == 1
    assert "could not be written" in last_line(done.stderr)
    assert "files saved before are whole" in last_line(done.stderr)
    goes_on(tmp_path / "full")


def test_a_folder_that_is_deleted_meanwhile_is_said(
    start: Start, wait_for: WaitFor, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    (tmp_path / "job.json").write_text(job_to_json(make_job(256)), encoding="utf-8")
    process, folder = start("run", "job.json", *CPU, "--out", "gone"), tmp_path / "gone"
    wait_for(lambda: at_work(folder))
    shutil.rmtree(folder)
    _, said = process.communicate()
    assert process.returncode == 1
    assert "could not be written" in last_line(said)


def test_of_two_jobs_in_one_folder_the_second_is_refused(
    engine: Engine, start: Start, wait_for: WaitFor, made: Path, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    process, folder = start("run", "job.json", *CPU, "--out", "one"), tmp_path / "one"
    wait_for(lambda: at_work(folder))
    process.send_signal(signal.SIGSTOP)  # so that it is there for as long as the second takes
    second = engine("run", "job.json", *CPU, "--out", "one")
    process.send_signal(signal.SIGCONT)
    assert second.returncode == 2
    assert "where another job is at work; name another folder" in last_line(second.stderr)
    assert process.wait() == 0
    assert files(folder) == files(made)
    assert not (folder / ".in_use").exists()
    assert engine("run", "job.json", *CPU, "--out", "one").returncode == 0


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_without_a_standard_stream_it_does_what_it_was_asked_to(
    engine: Engine, made: Path, tmp_path: Path, closed: tuple[int, ...]
) -> None:
    """As if what goes there went to nobody."""
    for arguments in (("presets",), ("run", "job.json", *CPU, "--out", "out")):
        done = engine(*arguments, closed=closed)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        assert bool(done.stdout) == (1 not in closed)
    assert files(tmp_path / "out") == files(made)


_FAILING_CARD = """
import torch
calls, backward = iter(range(10**9)), torch.Tensor.backward
def failing(*given, **named):
    if next(calls) == 20:
        raise torch.AcceleratorError("CUDA error: unspecified launch failure\\nCompile with TORCH_USE_CUDA_DSA")
    return backward(*given, **named)
torch.Tensor.backward = failing
"""


def test_a_card_that_fails_is_said_and_the_stages_stay(
    engine: Engine, made: Path, goes_on: GoesOn, tmp_path: Path
) -> None:
    """There is none here: the error is the one that torch raises then, from where it does."""
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "sitecustomize.py").write_text(_FAILING_CARD)
    root = Path(__file__).resolve().parents[2]
    done = engine("run", "job.json", *CPU, "--out", "out", PYTHONPATH=f"{tmp_path / 'card'}{os.pathsep}{root}")
    assert done.returncode == 1
    assert last_line(done.stderr) == (
        "neural-texture: the device cpu failed (CUDA error: unspecified launch failure); the stages saved before stay: "
        "resume goes on from the last, on the CPU if this one fails again"
    )
    assert list((tmp_path / "out" / "stages").glob("*.safetensors"))
    goes_on(tmp_path / "out")
