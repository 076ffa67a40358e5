import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from neural_texture_addon.job.description import Job
from neural_texture_addon.job.wire import job_from_json, job_to_json

Engine = Callable[..., subprocess.CompletedProcess[str]]
MakeJob = Callable[..., Job]
HERE = ("--device", "cpu", "--out", "out")


@pytest.fixture
def job_file(make_job: MakeJob, tmp_path: Path) -> Path:
    (tmp_path / "job.json").write_text(job_to_json(make_job()), encoding="utf-8")
    return tmp_path / "job.json"


def test_a_survey_makes_each_combination_and_a_sheet_of_them(engine: Engine, job_file: Path, tmp_path: Path) -> None:
    done = engine("survey", job_file, "--vary", "seed=1..2", "--vary", "canvas.tiling=both,none", *HERE)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    assert done.stdout == f"{out / 'sheet.png'}\n"
    labels = ["seed=1_tiling=both", "seed=1_tiling=none", "seed=2_tiling=both", "seed=2_tiling=none"]
    assert sorted(path.name for path in out.iterdir()) == [*labels, "sheet.png"]
    assert [line for line in done.stderr.splitlines() if "/4" in line] == [
        f"{i}/4  {label}" for i, label in enumerate(labels, 1)
    ]
    for label in labels:
        job = job_from_json((out / label / "job.json").read_text(encoding="utf-8"))
        assert label == f"seed={job.canvas.random_seed}_tiling={job.canvas.tiling}"
        with Image.open(out / label / "result.png") as result:
            assert result.size == (32, 32)
    with Image.open(out / "sheet.png") as sheet:
        assert sheet.width > 64
        assert sheet.height > 64

    before = {path: path.stat().st_mtime_ns for path in out.rglob("result.png")}
    again = engine("survey", job_file, "--vary", "seed=1..3", "--vary", "canvas.tiling=both,none", *HERE)
    assert again.returncode == 0, again.stderr
    assert "1/2  seed=3_tiling=both" in again.stderr
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_jobs_that_fail_are_named_at_the_end(engine: Engine, job_file: Path, style: Path, tmp_path: Path) -> None:
    done = engine("survey", job_file, "--vary", f"exemplars.0.maps.colour=missing.png,{style}", *HERE)
    assert done.returncode == 1
    assert done.stdout == f"{tmp_path / 'out' / 'sheet.png'}\n"
    named = [line for line in done.stderr.splitlines() if line.startswith("neural-texture:")]
    assert len(named) == 1
    assert named[0].startswith("neural-texture: colour=missing.png: ")
    assert "there is no such file" in named[0]
    assert len(list((tmp_path / "out").glob("*/result.png"))) == 1


@pytest.mark.parametrize(
    ("varied", "said"),
    [("canvas.with=1", "there is no 'with' in canvas; allowed: width"), ("canvas.width=1", "width=1: canvas.width is")],
)
def test_what_cannot_be_varied_is_refused_in_one_line(
    engine: Engine, job_file: Path, tmp_path: Path, varied: str, said: str
) -> None:
    done = engine("survey", job_file, "--vary", varied, *HERE)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for one process")
def test_ctrl_c_keeps_what_is_done(
    start: Callable[..., subprocess.Popen[str]],
    wait_for: Callable[[Callable[[], bool]], None],
    job_file: Path,
    tmp_path: Path,
) -> None:
    process = start("survey", job_file, "--vary", "seed=1..900", *HERE, OMP_NUM_THREADS="1")
    out = tmp_path / "out"
    wait_for(lambda: process.poll() is not None or (out / "seed=2" / "job.json").exists())
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert errors.splitlines()[-1].startswith(f"neural-texture: cancelled; {out / 'sheet.png'} shows what is done")
    assert (out / "seed=1" / "result.png").exists()
    with Image.open(out / "sheet.png") as sheet:
        sheet.load()
