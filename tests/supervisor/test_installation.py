"""Set-up from wheels of nearly nothing, by the real uv and the real pip, and from stand-ins for uv that fail."""

import collections
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import wheels

from neural_texture_addon.supervisor import environment, installation
from neural_texture_addon.supervisor.environment import EngineError
from neural_texture_addon.supervisor.line_task import LineTask, Outcome

posix = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for uv are shell scripts")
no_uv = pytest.mark.skipif(shutil.which("uv") is None, reason="there is no uv")
MAKES = """if [ "$1" = venv ]; then
    for f in "$@"; do :; done; mkdir -p $f/bin; touch $f/pyvenv.cfg
    echo '#!/bin/sh' > $f/bin/python; chmod +x $f/bin/python
    exit
fi"""
"""A stand-in's `uv venv`: an environment whose Python says yes to anything."""


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(environment.VARIABLE, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "engine"


@pytest.fixture
def offline(tmp_path: Path) -> Path:
    return wheels.for_the_engine(tmp_path / "wheels")


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a shell script in uv's place; it notes its arguments in the file that is given."""
    log = tmp_path / "log"

    def put(text: str) -> Path:
        uv = tmp_path / "bin" / "uv"
        uv.parent.mkdir(exist_ok=True)
        uv.write_text(f'#!/bin/sh\necho "$@" >> {log}\n{MAKES}\n{text}\n')
        uv.chmod(0o755)
        monkeypatch.setenv("PATH", str(uv.parent), prepend=os.pathsep)
        return log

    return put


def versions(folder: Path) -> dict[str, str]:
    code = "from importlib import metadata as m; [print(d.name, d.version) for d in m.distributions()]"
    output = subprocess.run([environment.python_of(folder), "-c", code], capture_output=True, text=True, check=True)
    return dict(line.split() for line in output.stdout.splitlines())


@no_uv
def test_from_a_folder_of_wheels_the_engine_is_set_up_without_a_network(folder, offline, tmp_path):
    said = list(installation.create(folder, wheels=offline, tools=tmp_path / "tools"))
    assert environment.is_current(folder)
    assert environment.find("", folder).torch == "2.15.0"
    assert versions(folder).items() >= dict(pin.split("==") for pin in environment.REQUIREMENTS).items()
    assert said[0].startswith("Space on disk: 0.0 GB needed, ")
    assert said[-1] == "Installed: torch 2.15.0"
    assert not (tmp_path / "tools" / "cache").exists(), "what the installation no longer needs"


@pytest.mark.slow
def test_without_uv_pip_does_it(folder, offline, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    said = list(installation.create(folder, wheels=offline, tools=tmp_path / "tools"))
    assert "There is no uv: trying pip instead" in said
    assert environment.is_current(folder)
    assert versions(folder)["torch"] == "2.15.0"
    (offline / "fakesympy-1.14-py3-none-any.whl").unlink()
    shutil.rmtree(folder)
    with pytest.raises(EngineError, match=r"^python could not set up the engine: .*fakesympy>=1.13"):
        list(installation.create(folder, wheels=offline, tools=tmp_path / "tools"))


@no_uv
def test_an_environment_with_other_requirements_is_brought_up_to_date(folder, offline, tmp_path, monkeypatch):
    list(installation.create(folder, wheels=offline, tools=tmp_path / "tools"))
    wheels.make(offline, "numpy", "3.0")
    newer = tuple("numpy==3.0" if pin.startswith("numpy") else pin for pin in environment.REQUIREMENTS)
    monkeypatch.setattr(environment, "REQUIREMENTS", newer)
    assert not environment.is_current(folder)
    said = list(installation.create(folder, wheels=offline, tools=tmp_path / "tools"))
    assert [line for line in said if line.startswith((" +", " -"))] == [" - numpy==2.4.6", " + numpy==3.0"]
    assert environment.is_current(folder)


@no_uv
def test_an_environment_whose_python_is_gone_is_made_anew(folder, offline, tmp_path):
    list(installation.create(folder, wheels=offline, tools=tmp_path / "tools"))
    environment.python_of(folder).unlink()
    assert not environment.is_current(folder)
    list(installation.create(folder, wheels=offline, tools=tmp_path / "tools"))
    assert environment.find("", folder).torch == "2.15.0"


def test_a_wheel_that_is_not_there_is_named_before_anything_starts(folder, offline):
    for file in (*offline.glob("pillow*"), *offline.glob("psutil*")):
        file.unlink()
    pins = [pin for pin in environment.REQUIREMENTS if pin.startswith(("pillow", "psutil"))]
    with pytest.raises(
        EngineError, match=rf"^{offline} has no wheel of {', '.join(pins)}: put it there and try again$"
    ):
        list(installation.create(folder, wheels=offline))
    assert not folder.exists()


@no_uv
def test_a_wheel_that_others_need_is_named(folder, offline, tmp_path):
    (offline / "fakesympy-1.14-py3-none-any.whl").unlink()
    with pytest.raises(
        EngineError, match=r"^uv could not set up the engine: the folder has no wheel of fakesympy>=1.13$"
    ):
        list(installation.create(folder, wheels=offline, tools=tmp_path / "tools"))
    assert not environment.is_current(folder)


def test_a_build_of_torch_for_a_graphics_card_is_the_same_version(offline):
    (offline / "torch-2.15.0-py3-none-any.whl").rename(offline / "torch-2.15.0+cu130-cp311-cp311-linux_x86_64.whl")
    installation._check_wheels(offline)


def test_a_damaged_wheel_and_a_folder_that_is_not_there_are_named(folder, offline, tmp_path):
    with pytest.raises(EngineError, match=f"There is no folder of wheels at {tmp_path / 'nowhere'}"):
        list(installation.create(folder, wheels=tmp_path / "nowhere"))
    (offline / "numpy-2.4.6-py3-none-any.whl").write_bytes(b"half of it")
    with pytest.raises(EngineError, match=r"numpy-2\.4\.6-py3-none-any\.whl is damaged"):
        list(installation.create(folder, wheels=offline))


def test_too_little_space_is_said_before_anything_starts_and_what_came_already_counts(folder, tmp_path, monkeypatch):
    usage = collections.namedtuple("usage", "total used free")(0, 0, 4_000_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(installation, "_SPACE", 6.0)
    with pytest.raises(EngineError, match=r"takes 6\.0 GB on disk, but only 4\.0 GB are free where .*make room"):
        list(installation.create(folder, tools=tmp_path / "tools"))
    assert not folder.exists()
    (tmp_path / "tools" / "cache").mkdir(parents=True)
    with (tmp_path / "tools" / "cache" / "torch").open("wb") as came:
        came.truncate(3_000_000_000)
    assert installation.check_space(folder, tools=tmp_path / "tools").startswith("Space on disk: 3.0 GB needed")
    assert installation.announcement(folder)[1].endswith("4.0 GB are free")


@posix
def test_set_up_falls_back_to_the_default_index_and_is_then_current(folder, stand_in):
    log = stand_in('case "$*" in *torch-backend*) echo no index; exit 2;; esac')
    assert not environment.is_current(folder)
    said = list(installation.create(folder))
    assert said[1:3] == ["no index", "Trying the default package index instead"]
    assert log.read_text().splitlines()[-1].endswith(" ".join(environment.REQUIREMENTS))
    assert environment.is_current(folder)


@posix
def test_where_no_other_python_can_be_had_it_is_blenders_version(folder, stand_in):
    log = stand_in("")
    uv = log.parent / "bin" / "uv"
    uv.write_text(uv.read_text().replace("#!/bin/sh", '#!/bin/sh\ncase "$*" in *"--python 3.11"*) exit 2;; esac'))
    said = list(installation.create(folder))
    assert "Trying Blender's version of Python instead" in said
    assert f"--python {sys.executable}" in log.read_text().splitlines()[0]


@posix
def test_a_set_up_that_fails_says_so_in_one_line_and_is_not_current(folder, stand_in):
    stand_in("echo looking; echo no network; exit 2")
    with pytest.raises(EngineError, match=r"^uv could not set up the engine: no network$"):
        list(installation.create(folder))
    assert not environment.is_current(folder)


@posix
def test_cancelled_in_the_middle_nothing_runs_on_and_the_next_time_completes_it(folder, stand_in, gone):
    log = stand_in("sleep 60 & echo child $!; wait")
    task = LineTask(lambda run: installation.create(folder, run=run))
    while not any(line.startswith("child") for line in task.lines):
        time.sleep(0.02)
        assert task.outcome is None, task.error
    task.cancel()
    task.join(5)
    assert task.outcome is Outcome.CANCELLED
    assert gone(int(task.lines[-1].split()[1]))
    assert sum("install" in line for line in log.read_text().splitlines()) == 1, "the next tool was started"
    with pytest.raises(EngineError, match="not completed"):
        environment.locate("", folder)
    stand_in("")
    task = LineTask(lambda run: installation.create(folder, run=run))
    task.join(5)
    assert (task.outcome, task.error) == (Outcome.DONE, "")
    assert environment.is_current(folder)


@posix
def test_a_folder_of_somebody_elses_is_left_alone(folder, stand_in):
    stand_in("")
    folder.mkdir()
    (folder / "holiday.jpg").touch()
    with pytest.raises(EngineError, match="no environment of ours, and not empty"):
        list(installation.create(folder))
    assert (folder / "holiday.jpg").exists()


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (
            ["error: failed", "  cause: No space left on device (os error 28)"],
            "the disk is full; make room and try again",
        ),
        (["ERROR: Could not install: [Errno 28] No space left on device"], "the disk is full; make room and try again"),
        (
            [
                "error: No solution found",
                "  cause: Because torch==1 has no wheels with a matching tag, x",
                "",
                "hint: y",
            ],
            "Because torch==1 has no wheels with a matching tag, x",
        ),
        (
            ["Collecting a", "ERROR: No matching distribution found for a>=1 (from b)", "notice"],
            "No matching distribution found for a>=1 (from b)",
        ),
        (
            ["not created successfully because ensurepip is not", "available.", "Failing command: x"],
            f"{sys.executable} can make no environment (it has no ensurepip); install uv and try again",
        ),
        ([], "it said nothing"),
    ],
)
def test_a_tools_many_lines_come_down_to_the_reason(said, complaint):
    assert installation.reason(said) == complaint


def test_all_traces_stay_in_the_extensions_own_folder_but_a_chosen_cache_is_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.delenv("PIP_CACHE_DIR", raising=False)
    own = installation._surroundings(tmp_path)
    for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR", "UV_PYTHON_INSTALL_DIR"):
        assert Path(own[name]).is_relative_to(tmp_path)
    monkeypatch.setenv("UV_CACHE_DIR", "/elsewhere")
    assert installation._surroundings(tmp_path)["UV_CACHE_DIR"] == "/elsewhere"


def test_what_has_come_is_counted_from_the_lines_of_uv():
    said = ["Resolved 40 packages", "Downloading torch (1.5GiB)", "Downloading a (512.0KiB)", " Downloaded torch"]
    assert installation.came(said[:1]) == (0, 0)
    assert installation.came(said) == (1536, 1536.5)


def test_who_installs_may_log_in_where_the_artist_does(monkeypatch, tmp_path):
    monkeypatch.setenv("UV_INDEX_OURS_PASSWORD", "s3cret")
    assert installation._surroundings(tmp_path)["UV_INDEX_OURS_PASSWORD"] == "s3cret"


def test_a_uv_in_the_current_folder_is_not_run(monkeypatch):
    monkeypatch.setattr(installation.shutil, "which", lambda name: ".\\uv.EXE")  # what Windows finds there
    with pytest.raises(StopIteration) as end:
        next(installation._find_uv(None, None, lambda command: iter(())))
    assert end.value.value is None
