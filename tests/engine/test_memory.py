import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch

from neural_texture_addon.engine import memory, pipeline, solver
from neural_texture_addon.engine.objective import Objective
from neural_texture_addon.job.description import (
    Device,
    Exemplar,
    Job,
    Request,
)
from neural_texture_addon.job.events import Failed, Finished
from neural_texture_addon.job.wire import to_line

Describe = Callable[..., Exemplar]
MakeJob = Callable[..., Job]
CPU = torch.device("cpu")
ROOT = Path(pipeline.__file__).parents[2]
MEBI = 2**20
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is limited in another way here")


_PEAK = "import torch; from neural_texture_addon.engine import memory; before = memory.peak(torch.device('cpu'));"


def peaks_of_another_process(code: str) -> list[int]:
    done = subprocess.run([sys.executable, "-c", _PEAK + code], cwd=ROOT, capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.split()]


def test_the_peak_stays_when_the_memory_is_given_back() -> None:
    code = "taken = torch.ones(2**26); del taken; print(before, memory.peak(torch.device('cpu')))"
    before, after = peaks_of_another_process(code)
    assert 250 * MEBI < after - before < 280 * MEBI


@on_linux
def test_a_peak_that_is_forgotten_begins_anew() -> None:
    code = "taken = torch.ones(2**26); del taken; memory.forget_peak(torch.device('cpu'));"
    before, after = peaks_of_another_process(code + "print(before, memory.peak(torch.device('cpu')))")
    assert after - before < 32 * MEBI


def test_the_peak_is_the_processs_own_not_that_of_a_large_parent() -> None:
    """As getrusage has it on Linux, of a Blender for example."""
    large = bytearray(2**30)
    large[:: 2**12] = b"1" * 2**18
    (peak,) = peaks_of_another_process("print(before)")
    assert len(large) > peak > 50 * MEBI


def test_there_is_memory_and_not_more_than_the_machine_has() -> None:
    everything = psutil.virtual_memory().total + psutil.swap_memory().total
    assert 0 < memory.available(CPU) <= everything


@pytest.mark.gpu
def test_what_is_taken_on_a_graphics_card_is_no_longer_available() -> None:
    cuda = torch.device("cuda")
    before = memory.available(cuda)
    taken = torch.empty(256 * MEBI, dtype=torch.uint8, device=cuda)
    assert before - memory.available(cuda) == pytest.approx(256 * MEBI, rel=0.2)
    del taken  # torch keeps it in store: for us it is there
    assert memory.available(cuda) == pytest.approx(before, abs=16 * MEBI)


CGROUP_FILES = {
    2: ("memory.max", "memory.current", ""),
    1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
}


def make_cgroup(folder: Path, version: int, limit: int | str, used: int) -> None:
    names = CGROUP_FILES[version]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    stat = f"anon 5\n{names[2]}active_file {3 * MEBI}\n{names[2]}inactive_file {4 * MEBI}\n"
    (folder / "memory.stat").write_text(stat)


@pytest.mark.parametrize("version", CGROUP_FILES)
@pytest.mark.parametrize("tightest", ["own", "around", "root"])
def test_the_tightest_control_group_counts_without_the_files_it_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, tightest: str
) -> None:
    root = tmp_path / "memory" if version == 1 else tmp_path
    folders = {"own": root / "a" / "b", "around": root / "a", "root": root}
    for name, folder in folders.items():
        make_cgroup(folder, version, 100 * MEBI if name == tightest else 2**62, 60 * MEBI)
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "_OWN_CGROUPS", tmp_path / "own")
    (tmp_path / "own").write_text("1:name=systemd:/x\n4:cpu,memory:/a/b\n" if version == 1 else "0::/a/b\n")
    swap = psutil.swap_memory().free
    assert memory.available(CPU) - swap == 47 * MEBI


@pytest.mark.parametrize("version", CGROUP_FILES)
@pytest.mark.parametrize("swappable", [0, 20])
def test_what_the_machine_could_swap_is_not_what_a_control_group_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, swappable: int
) -> None:
    root = tmp_path / "memory" if version == 1 else tmp_path
    make_cgroup(root, version, 100 * MEBI, 60 * MEBI)
    if version == 1:  # of memory and swap together
        limit, used = root / "memory.memsw.limit_in_bytes", root / "memory.memsw.usage_in_bytes"
        limit.write_text(f"{(100 + 5 + swappable) * MEBI}\n")
        used.write_text(f"{(60 + 5) * MEBI}\n")
    else:
        (root / "memory.swap.max").write_text(f"{(5 + swappable) * MEBI}\n")
        (root / "memory.swap.current").write_text(f"{5 * MEBI}\n")
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "_OWN_CGROUPS", tmp_path / "own")
    (tmp_path / "own").write_text("4:cpu,memory:/\n" if version == 1 else "0::/\n")
    monkeypatch.setattr(psutil, "swap_memory", lambda: SimpleNamespace(free=1000 * MEBI))
    assert memory.available(CPU) == (47 + swappable) * MEBI


@pytest.mark.parametrize("version", CGROUP_FILES)
def test_a_control_group_without_a_limit_or_from_outside_our_container_limits_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    make_cgroup(tmp_path, version, "max" if version == 2 else 2**63 - 4096, 60 * MEBI)
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "_OWN_CGROUPS", tmp_path / "own")
    (tmp_path / "own").write_text("0::/../elsewhere\n4:memory:/elsewhere\n")
    assert memory.available(CPU) > 100 * MEBI


_LIMITED = """
import resource, sys, psutil, torch
from pathlib import Path
from neural_texture_addon.engine import pipeline, step
from neural_texture_addon.job.description import Request
from neural_texture_addon.job.wire import from_line
torch.set_num_threads(1)
when, room, line = sys.argv[1:]
def limit():
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + int(room), -1))
if when == "before":
    limit()
request, notes = from_line(Request, line), []
opened = step.Descent.__init__
def opened_and_limited(descent, step, canvas, *rest):
    opened(descent, step, canvas, *rest)
    if when == "running" and canvas.shape[2] == request.job.canvas.height:
        limit()
step.Descent.__init__ = opened_and_limited
for event in pipeline.run(request):
    notes.append(getattr(event, "message", ""))
if Path(request.out).is_dir():
    Path(request.out, "notes").write_text(" ".join(notes))
print(type(event).__name__, getattr(event, "reason", ""), getattr(event, "message", ""))
"""


def ends_with(when: str, room: int, job: Job, out: Path) -> str:
    """The last event of a job in a process that can map but `room` bytes more, from its start or its last octave."""
    line = to_line(Request(job=job, out=str(out), device=Device.CPU))
    command = [sys.executable, "-c", _LIMITED, when, str(room), line]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert len(done.stdout.splitlines()) == 1, done.stderr
    return done.stdout


@on_linux
def test_too_little_memory_from_the_start_is_bad_input_before_a_folder_is_made(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    job = small_job(exemplar_file(), width=8192, height=8192, start_size=4096)
    ending = ends_with("before", 400 * MEBI, job, tmp_path / "out")
    assert ending.startswith("Failed input canvas of 8192x8192 px: needs about "), ending
    assert not (tmp_path / "out").exists()


@on_linux
def test_memory_that_runs_out_on_the_way_only_makes_the_pieces_smaller(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    """What is sorted would alone take some 390 MB as a whole; a quarter of it has room with the pieces."""
    job = small_job(exemplar_file(), width=1100, height=1100, iterations=1, stride_from=4096, filters=80)
    ending = ends_with("running", 300 * MEBI, job, tmp_path / "out")
    assert ending.startswith("Finished"), ending
    assert "memory ran short: goes on in pieces of" in (tmp_path / "out" / "notes").read_text()


def test_memory_that_runs_out_for_good_is_a_failure_in_one_line_and_the_stages_stay(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by a limit: at one as tight as that, libraries that torch calls crash."""
    original = Objective.__call__

    def short(goal: Objective, canvas: torch.Tensor, *drawn: Any) -> torch.Tensor:
        if canvas.shape[2] == 96:
            raise MemoryError("none is left")
        return original(goal, canvas, *drawn)

    monkeypatch.setattr(Objective, "__call__", short)
    job = small_job(exemplar_file(), width=96, height=96)
    *_, ending = pipeline.run(Request(job=job, out=str(tmp_path / "out"), device=Device.CPU))
    assert isinstance(ending, Failed)
    assert ending.message.startswith("out of memory at 96x96 px; choose a smaller size or another device")
    assert "\n" not in ending.message
    assert list((tmp_path / "out" / "stages").iterdir())


@on_linux
def test_a_job_that_fits_under_the_limit_is_done(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    assert ends_with("before", 700 * MEBI, small_job(exemplar_file()), tmp_path / "out").startswith("Finished")


@pytest.mark.parametrize(("left", "reported"), [(2**50, False), (0, True)])
def test_another_error_than_a_lack_of_memory_is_none(
    exemplar_file: Describe,
    small_job: MakeJob,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    left: int,
    reported: bool,
) -> None:
    def minimise(*_arguments, **_options) -> None:
        monkeypatch.setattr(memory, "available", lambda *_: left)
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(solver, "minimise", minimise)
    request = Request(job=small_job(exemplar_file()), out=str(tmp_path), device=Device.CPU)
    if reported:
        *_, ending = pipeline.run(request)
        assert not isinstance(ending, Finished)
        assert ending.message.endswith("(RuntimeError: a mistake of ours)")
    else:
        with pytest.raises(RuntimeError, match="a mistake of ours"):
            list(pipeline.run(request))
