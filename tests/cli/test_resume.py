import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from neural_texture_addon.job.description import Job
from neural_texture_addon.job.wire import job_to_json

Engine = Callable[..., subprocess.CompletedProcess[str]]
CPU = ("--device", "cpu")


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


@pytest.fixture
def made(engine: Engine, make_job: Callable[..., Job], tmp_path: Path) -> Path:
    """The folder of a job that came to its end."""
    (tmp_path / "job.json").write_text(job_to_json(make_job()), encoding="utf-8")
    done = engine("run", "job.json", *CPU, "--out", "out ü")
    assert done.returncode == 0, done.stderr
    return tmp_path / "out ü"


def files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_a_job_goes_on_from_its_last_stage_or_the_one_that_is_named(engine: Engine, made: Path) -> None:
    whole = files(made)
    assert len(list(made.glob("stages/*.safetensors"))) > 1
    (made / "result.png").unlink()
    for options, redone in (((), False), (("--from", 1), True)):
        done = engine("resume", made.name, *options, *CPU)
        assert done.returncode == 0, done.stderr
        assert str(made / "result.png") in done.stdout
        assert ("octave 2/" in done.stderr) == redone
        assert "octave 1/" not in done.stderr
        assert files(made) == whole


def test_what_cannot_be_gone_on_with_is_said_in_one_line(engine: Engine, made: Path, tmp_path: Path) -> None:
    assert "missing" in one_line(engine("resume", "missing", *CPU))
    for octave in (0, 9, -1):
        assert f"--from is {octave}; allowed: 1, 2" in one_line(engine("resume", made, f"--from={octave}", *CPU))
    assert "--from" in one_line(engine("resume", made, "--from", "two", *CPU))
    stage = made / "stages" / "octave_001.safetensors"
    whole = stage.read_bytes()
    stage.write_bytes(whole[:-1])
    assert f"{stage}: the stage is damaged" in one_line(engine("resume", made, "--from", "1", *CPU))
    assert (made / "stages" / "octave_002.safetensors").exists()
    for path in made.glob("stages/*.safetensors"):
        path.unlink()
    assert "holds no stage to go on from" in one_line(engine("resume", made, *CPU))
    (made / "job.json").write_text("{", encoding="utf-8")
    assert "job.json: not JSON" in one_line(engine("resume", made, *CPU))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
def test_a_killed_job_goes_on(
    engine: Engine,
    start: Callable[..., subprocess.Popen[str]],
    wait_for: Callable[[Callable[[], bool]], None],
    make_job: Callable[..., Job],
    made: Path,
    tmp_path: Path,
) -> None:
    process = start("run", "job.json", *CPU, "--out", "killed")
    stages = tmp_path / "killed" / "stages"
    wait_for(lambda: process.poll() is not None or any(stages.glob("octave_*.safetensors")))
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = engine("resume", "killed", *CPU)
    assert done.returncode == 0, done.stderr
    for path in (tmp_path / "killed").rglob(".*"):
        path.unlink()  # what it was writing when it was killed
    assert files(tmp_path / "killed") == files(made)
