"""What asks a command to end, or leaves it alone: signals at any instant, a terminal that is closed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from job_folder import at_work, files, last_line

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has other ways")
CPU = ("--device", "cpu")
GoesOn = Callable[[Path], None]
Start = Callable[..., subprocess.Popen[str]]
WaitFor = Callable[[Callable[[], bool]], None]
CANCELLED = "neural-texture: cancelled; the stages saved so far stay"
PYTHON_HAS_NOT_BEGUN = "Fatal Python error: init_import_site"
"""What Python says of a Ctrl-C in its first hundredths of a second, and ends with status 1."""
INSTANTS = [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 20))]


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """A hang-up is not ignored, though whoever began the tests may have done so."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("seed", INSTANTS)
@pytest.mark.parametrize("stop", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_at_any_instant_ends_it_in_order(
    start: Start, made: Path, goes_on: GoesOn, tmp_path: Path, stop: str, seed: int
) -> None:
    """Before a line of ours is read the system, or Python, ends it; at the very end it is done."""
    number, folder = signal.Signals[stop], tmp_path / "stopped"
    process = start("run", "job.json", *CPU, "--out", folder.name)
    time.sleep(random.Random(f"{stop} {seed}").uniform(0, 6))
    process.send_signal(number)
    _, said = process.communicate(timeout=180)
    if process.returncode == 0:
        assert files(folder) == files(made)
    elif process.returncode == -number or said.startswith(PYTHON_HAS_NOT_BEGUN):
        assert not folder.exists()
    else:
        assert process.returncode == 128 + number
        assert last_line(said) == CANCELLED
        goes_on(folder)


_AMID_IMPORTS = """
import os, signal, sys
class Disturbed:
    def find_spec(self, name, *_):
        if name == "numpy":
            sys.meta_path.remove(self)
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                for _ in range(1000):
                    pass
            except BaseException:
                print("raised, and swallowed", file=sys.stderr)
            print("imports go on", file=sys.stderr)
sys.meta_path.insert(0, Disturbed())
"""
COMMANDS = {
    "run": ("run", "job.json", *CPU, "--out", "out"),
    "survey": ("survey", "job.json", "--vary", "seed=1,2", *CPU, "--out", "out"),
    "forecast": ("forecast", "job.json", *CPU),
    "maps": ("maps", "style ü 1.png", "--out", "out"),
    "plasma": ("plasma", "--size", "32", "--out", "out.png"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_signal_amid_imports_ends_it_right_after_them(
    start: Start, made: Path, style: Path, tmp_path: Path, command: str
) -> None:
    """Raised there, torch would swallow it while its C code imports numpy; or its C++ would abort the process."""
    (tmp_path / "disturbed").mkdir()
    (tmp_path / "disturbed" / "sitecustomize.py").write_text(_AMID_IMPORTS)
    paths = f"{tmp_path / 'disturbed'}{os.pathsep}{Path(__file__).resolve().parents[2]}"
    process = start(*COMMANDS[command], PYTHONPATH=paths)
    _, said = process.communicate(timeout=180)
    assert process.returncode == 143, said
    assert said.startswith("imports go on\n")
    assert "neural-texture: cancelled; " in last_line(said)
    assert {path.name for path in tmp_path.rglob("*.png")} <= {style.name, "sheet.png"}


def test_a_signal_while_it_works_leaves_what_to_go_on_from(
    start: Start, wait_for: WaitFor, made: Path, goes_on: GoesOn, tmp_path: Path
) -> None:
    process, folder = start("run", "job.json", *CPU, "--out", "stopped"), tmp_path / "stopped"
    wait_for(lambda: any(folder.glob("stages/*.safetensors")))
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=180)
    assert process.returncode == 143
    assert last_line(said) == CANCELLED
    assert not (folder / "result.png").exists()
    goes_on(folder)


def test_what_is_ignored_for_it_does_not_disturb_it(
    start: Start, wait_for: WaitFor, made: Path, tmp_path: Path
) -> None:
    """As by ``nohup``."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process, folder = start("run", "job.json", *CPU, "--out", "left"), tmp_path / "left"
    finally:
        signal.signal(signal.SIGHUP, before)
    wait_for(lambda: at_work(folder))
    process.send_signal(signal.SIGHUP)
    assert process.wait() == 0
    assert files(folder) == files(made)


class Terminal:
    """One with a screen that is read, until it is closed."""

    def __init__(self, folder: Path) -> None:
        self._screen, self._line = os.openpty()
        os.set_blocking(self._screen, False)
        self._folder = folder
        self.said = ""

    def run(self, *arguments: str, its_own: bool) -> subprocess.Popen[bytes]:
        """In it; as its own a command hears when it is closed."""
        import fcntl
        import termios

        command = [sys.executable, "-m", "neural_texture_addon.engine", *arguments]
        root = str(Path(__file__).resolve().parents[2])
        process = subprocess.Popen(
            command,
            cwd=self._folder,
            env=os.environ | {"PYTHONPATH": root},
            stdin=self._line,
            stdout=self._line,
            stderr=self._line,
            start_new_session=True,
            preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if its_own else None,
        )
        os.close(self._line)
        return process

    def read(self) -> bool:
        """What is there to be read; always true."""
        try:
            while said := os.read(self._screen, 65536):
                self.said += said.decode()
        except (BlockingIOError, OSError):
            pass
        return True

    def close(self) -> None:
        os.close(self._screen)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.fixture
def ended(terminal: Terminal) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Whatever happens, none outlives the test."""
    begun: list[subprocess.Popen[bytes]] = []
    yield begun
    for process in begun:
        process.kill()
        process.wait()


@pytest.mark.parametrize("wanted", ["stages", "stages/octave_001.safetensors"])
def test_a_closed_terminal_ends_it_in_order(
    terminal: Terminal, ended: list, wait_for: WaitFor, made: Path, goes_on: GoesOn, tmp_path: Path, wanted: str
) -> None:
    process, folder = terminal.run("run", "job.json", *CPU, "--out", "left", its_own=True), tmp_path / "left"
    ended.append(process)
    wait_for(lambda: terminal.read() and (folder / wanted).exists())
    terminal.close()
    assert process.wait(180) == 128 + signal.SIGHUP
    assert not (folder / "result.png").exists()
    goes_on(folder)


def test_a_terminal_that_is_gone_without_a_word_is_no_reason_to_end(
    terminal: Terminal, ended: list, wait_for: WaitFor, made: Path, tmp_path: Path
) -> None:
    """As after ``disown``. That nobody can read where the result lies is told by the exit status alone."""
    process, folder = terminal.run("run", "job.json", *CPU, "--out", "left", its_own=False), tmp_path / "left"
    ended.append(process)
    wait_for(lambda: terminal.read() and at_work(folder))
    terminal.close()
    assert process.wait(180) == 1
    assert files(folder) == files(made)


def test_in_a_terminal_it_is_said_that_it_was_cancelled(
    terminal: Terminal, ended: list, wait_for: WaitFor, made: Path, tmp_path: Path
) -> None:
    process = terminal.run("run", "job.json", *CPU, "--out", "left", its_own=True)
    ended.append(process)
    wait_for(lambda: terminal.read() and at_work(tmp_path / "left"))
    process.send_signal(signal.SIGINT)
    wait_for(lambda: terminal.read() and process.poll() is not None)
    assert process.returncode == 130
    assert terminal.said.strip().endswith(CANCELLED)
    assert "Traceback" not in terminal.said
