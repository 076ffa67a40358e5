"""Where a job's files lie: read-only, on another file system, gone or changed meanwhile, with names of all kinds."""

import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from job_folder import at_work, files, last_line, pictures

from neural_texture_addon.engine import cli
from neural_texture_addon.job.description import Device, Job, Request
from neural_texture_addon.job.events import Failed, Finished
from neural_texture_addon.job.wire import from_line, job_from_json, job_to_json, to_line

CPU = ("--device", "cpu")
Engine = Callable[..., subprocess.CompletedProcess[str]]
GoesOn = Callable[[Path], None]
Start = Callable[..., subprocess.Popen[str]]
WaitFor = Callable[[Callable[[], bool]], None]
posix = pytest.mark.skipif(os.name != "posix", reason="made with signals and permissions that Windows lacks")


@posix
def test_a_folder_that_becomes_read_only_is_said_and_what_was_written_stays(
    start: Start, wait_for: WaitFor, made: Path, goes_on: GoesOn, tmp_path: Path
) -> None:
    process, folder = start("run", "job.json", *CPU, "--out", "locked", as_subject=True), tmp_path / "locked"
    wait_for(lambda: any(folder.glob("stages/*.safetensors")))
    process.send_signal(signal.SIGSTOP)
    places = [folder, folder / "stages"]
    for place in places:
        place.chmod(0o500)
    process.send_signal(signal.SIGCONT)
    _, said = process.communicate(timeout=180)
    for place in places:
        place.chmod(0o700)
    assert process.returncode == 1
    assert "could not be written (Permission denied); files saved before are whole" in last_line(said)
    goes_on(folder)


@posix
def test_a_home_folder_that_is_read_only_is_not_missed(engine: Engine, made: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    done = engine("run", "job.json", *CPU, "--out", "out", as_subject=True, HOME=str(home), XDG_CACHE_HOME="")
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "out") == files(made)
    assert not list(home.iterdir())


@pytest.fixture
def own_style(made: Path, tmp_path: Path) -> Path:
    """The style image of the job that lies ready, for this test to do with as it likes."""
    job = job_from_json((tmp_path / "job.json").read_text(encoding="utf-8"))
    (path,) = job.exemplars[0].maps.values()
    own = shutil.copy(path, tmp_path / "own.png")
    text = (tmp_path / "job.json").read_text(encoding="utf-8").replace(path, str(own))
    (tmp_path / "job.json").write_text(text, encoding="utf-8")
    return own


@posix
@pytest.mark.parametrize("fate", ["deleted", "changed"])
def test_a_style_image_is_read_once_and_missed_only_when_the_job_is_resumed(
    engine: Engine, start: Start, wait_for: WaitFor, made: Path, own_style: Path, tmp_path: Path, fate: str
) -> None:
    process, folder, content = start("run", "job.json", *CPU, "--out", "out"), tmp_path / "out", own_style.read_bytes()
    wait_for(lambda: at_work(folder))
    own_style.unlink()
    if fate == "changed":
        shutil.copy(made / "result.png", own_style)
    assert process.wait(180) == 0
    assert pictures(folder) == pictures(made)

    done = engine("resume", "out", *CPU, "--from", "1")
    assert done.returncode == 2
    said = {"deleted": "there is no such file", "changed": "has changed since the job began"}[fate]
    assert last_line(done.stderr).startswith(f"neural-texture: {own_style}: {said}")
    assert len(done.stderr.splitlines()) == 1
    assert pictures(folder) == pictures(made)

    own_style.write_bytes(content)
    assert engine("resume", "out", *CPU, "--from", "1").returncode == 0
    assert pictures(folder) == pictures(made)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one file system only")
    yield (folder := memory / f"neural_texture_{uuid.uuid4().hex}")
    shutil.rmtree(folder, ignore_errors=True)


def test_the_folder_may_be_on_another_file_system(engine: Engine, made: Path, elsewhere: Path) -> None:
    done = engine("run", "job.json", *CPU, "--out", elsewhere)
    assert done.returncode == 0, done.stderr
    assert files(elsewhere) == files(made)


_BACK_IN_TIME = """
import time
wall, steps = time.time, iter(range(10**9))
time.time = lambda: wall() - 3600 * next(steps)
time.time_ns = lambda: int(time.time() * 1e9)
"""


def test_a_clock_that_is_set_back_again_and_again_changes_nothing(engine: Engine, made: Path, tmp_path: Path) -> None:
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(_BACK_IN_TIME)
    root = Path(__file__).resolve().parents[2]
    done = engine("run", "job.json", *CPU, "--out", "out", PYTHONPATH=f"{tmp_path / 'clock'}{os.pathsep}{root}")
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "out") == files(made)
    assert "96x96 px in -" not in done.stderr


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}


@posix
def test_where_the_locale_knows_ascii_only_other_letters_are_none_the_worse(
    engine: Engine, made: Path, tmp_path: Path
) -> None:
    done = engine("run", "job.json", *CPU, "--out", "ö ñ 木", **ASCII)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "ö ñ 木") == files(made)
    done = engine("resume", "ö ñ 木", *CPU, "--from", "2", **ASCII)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "ö ñ 木") == files(made)
    done = engine("synthesize", "木.png", *CPU, "--out", "out", **ASCII)
    assert done.returncode == 2
    assert last_line(done.stderr).endswith("木.png: there is no such file")


@posix
def test_nor_does_a_worker_mind(engine: Engine, make_job: Callable[..., Job], tmp_path: Path) -> None:
    line = to_line(Request(job=make_job(), out=str(tmp_path / "木"), device=Device.CPU))
    done = engine("worker", stdin=line, **ASCII)
    assert done.returncode == 0, done.stdout
    assert isinstance(from_line(Finished | Failed, done.stdout.splitlines()[-1]), Finished)
    assert (tmp_path / "木" / "result.png").exists()


NAMES = {
    "spaces": "  two  spaces ",
    "quotes": 'it\'s "quoted" `so`',
    "a line break": "line\nbreak",
    "patterns and variables": "*[a]? {b} $HOME %TEMP% ~",
    "other letters": "ü 木 🧱",
    "250 letters": "x" * 250,
    "250 bytes of others": "木" * 83,
    "a dash in front": "-out",
}


@posix
@pytest.mark.parametrize("name", NAMES)
def test_a_path_may_have_any_name(style: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    folder = tmp_path / NAMES[name]
    folder.mkdir()
    own, out = str(shutil.copy(style, folder / f"{NAMES[name][:60]}.png")), folder / NAMES[name]
    quick = ("--size", "16", "--preset", "draft", "--features", "patches")
    assert cli.main(["synthesize", own, *quick, *CPU, f"--out={out}"]) == 0
    assert str(out / "result.png") in capfd.readouterr().out
    assert cli.main(["resume", str(out), "--from", "1", *CPU]) == 0
    Path(own).unlink()
    assert cli.main(["resume", str(out), *CPU]) == 2
    assert capfd.readouterr().err.splitlines()[-1].endswith("there is no such file")


@posix
def test_a_file_may_have_the_longest_name_there_is(tmp_path: Path) -> None:
    """Though it bears another, for a moment, while it is written."""
    path = tmp_path / f"{'x' * 251}.png"
    assert cli.main(["plasma", "--size", "16", "--out", str(path)]) == 0
    assert path.is_file()


@posix
def test_a_path_may_begin_as_in_a_network(make_job: Callable[..., Job], tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(job_to_json(make_job()), encoding="utf-8")
    assert cli.main(["run", f"/{tmp_path}/job.json", *CPU, "--out", f"/{tmp_path}/out"]) == 0
    assert cli.main(["resume", f"/{tmp_path}/out", *CPU]) == 0
    assert (tmp_path / "out" / "result.png").is_file()
