"""A graphics card that fails or runs out of memory while a job is at work on it: for real, where there is one."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from job_folder import check_readable, last_line

from neural_texture_addon.job.description import Job
from neural_texture_addon.job.wire import job_to_json

pytestmark = pytest.mark.gpu
Engine = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[2]
_BROKEN = """
import torch
calls, backward = iter(range(10**9)), torch.Tensor.backward
def breaking(*given, **named):
    if next(calls) == 2:  # two of each octave are not replayed: the first, and the one that is recorded
        torch.zeros(1, device="cuda")[torch.ones(1, dtype=torch.int64, device="cuda")]  # beyond its end
        torch.cuda.synchronize()
    return backward(*given, **named)
torch.Tensor.backward = breaking
"""
"""From then on the card answers no question of this process."""
_SMALL = """
import torch
torch.cuda.set_per_process_memory_fraction({most} / torch.cuda.get_device_properties(0).total_memory)
torch.cuda.set_per_process_memory_fraction = lambda *_: None  # a job without a limit would end this one
"""


@pytest.fixture
def run(engine: Engine, tmp_path: Path) -> Callable[[Job, str], subprocess.CompletedProcess[str]]:
    """Runs a job on the card, with a program of ours before it."""

    def do(job: Job, before: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "job.json").write_text(job_to_json(job), encoding="utf-8")
        (tmp_path / "before").mkdir()
        (tmp_path / "before" / "sitecustomize.py").write_text(before)
        path = f"{tmp_path / 'before'}{os.pathsep}{ROOT}"
        return engine("run", "job.json", "--device", "cuda", "--out", "out", PYTHONPATH=path)

    return do


def test_one_that_fails_is_said_and_the_cpu_goes_on(
    run: Callable[[Job, str], subprocess.CompletedProcess[str]],
    engine: Engine,
    make_job: Callable[..., Job],
    tmp_path: Path,
) -> None:
    done = run(make_job(96), _BROKEN)
    assert done.returncode == 1
    assert last_line(done.stderr).startswith("neural-texture: the device cuda:0 failed (CUDA error: ")
    assert "the stages saved before stay" in last_line(done.stderr)
    check_readable(tmp_path / "out")
    assert list((tmp_path / "out" / "stages").glob("*.safetensors"))
    assert engine("resume", "out", "--device", "cpu").returncode == 0
    assert (tmp_path / "out" / "result.png").exists()


def test_one_that_runs_out_of_memory_goes_on_in_pieces(
    run: Callable[[Job, str], subprocess.CompletedProcess[str]], make_job: Callable[..., Job], tmp_path: Path
) -> None:
    """The plan does not know of the limit: a 1024 px octave takes a gigabyte as a whole (docs/performance.md)."""
    done = run(make_job(1024), _SMALL.format(most=6e8))
    assert done.returncode == 0, done.stderr
    assert "note: memory ran short: goes on in pieces of" in done.stderr
    assert (tmp_path / "out" / "result.png").exists()
