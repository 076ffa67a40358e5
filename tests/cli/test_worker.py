import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PIL import Image

from neural_texture_addon.job.description import Device, Job, Request
from neural_texture_addon.job.events import (
    Cancelled,
    Continued,
    Event,
    Failed,
    FailureReason,
    Finished,
    Paused,
    Progress,
    Ready,
    StageSaved,
    Started,
)
from neural_texture_addon.job.wire import from_line, to_line

Engine = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def request_line(make_job: Callable[..., Job], tmp_path: Path) -> Callable[..., str]:
    """A short job; `endless` saves a stage at once and then computes until it is stopped."""

    def make(*, endless: bool = False) -> str:
        return to_line(Request(job=make_job(endless=endless), out=str(tmp_path / "out ü"), device=Device.CPU))

    return make


GARBAGE = {
    "nothing": b"",
    "words": b"hello\n",
    "no exemplars": b'{"job": {"exemplars": []}, "out": "x"}\n',
    "no UTF-8": b"\xff\xfe\n",
    "too deep": b"[" * 5000 + b"\n",
}


def events_of(text: str) -> list[Event]:
    """Every line of it, after that it is ready: nothing else may stand there."""
    assert text.endswith("\n")
    events = [from_line(Event, line) for line in text.splitlines()]
    return events[1:] if events[0] == Ready() else events


def until_a_stage(process: subprocess.Popen[str]) -> None:
    for line in process.stdout:
        if isinstance(from_line(Event, line), StageSaved):
            return
    raise AssertionError(process.stderr.read())


def cancelled(process: subprocess.Popen[str]) -> None:
    deaf = threading.Timer(20, process.kill)
    deaf.start()
    rest = process.stdout.read()
    deaf.cancel()
    assert process.wait(timeout=30) == 130
    assert events_of(rest)[-1] == Cancelled()
    assert [event for event in events_of(rest) if isinstance(event, Cancelled)] == [Cancelled()]


def test_a_request_is_served_to_its_end(engine: Engine, request_line: Callable[..., str], tmp_path: Path) -> None:
    """Without the flag, the end of stdin means nothing."""
    done = engine("worker", stdin=request_line())
    assert done.returncode == 0, done.stderr
    events = events_of(done.stdout)
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    for saved in (event for event in events if isinstance(event, StageSaved | Finished)):
        for path in saved.maps.values():
            with Image.open(path) as image:
                image.load()


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_bad_input(name: str) -> None:
    command = [sys.executable, "-m", "neural_texture_addon.engine", "worker"]
    environ = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    from_bytes = subprocess.run(command, input=GARBAGE[name], capture_output=True, cwd=ROOT, env=environ)
    assert from_bytes.returncode == 2, from_bytes.stderr
    (event,) = events_of(from_bytes.stdout.decode())
    assert isinstance(event, Failed)
    assert event.reason is FailureReason.INPUT
    assert len(event.message.splitlines()) == 1


def test_every_fault_of_a_request_is_named(engine: Engine, request_line: Callable[..., str]) -> None:
    plain = json.loads(request_line())
    plain["job"]["canvas"]["width"] = 0
    plain["job"]["canvas"]["depth"] = 3
    plain["out"] = None
    done = engine("worker", stdin=json.dumps(plain) + "\n")
    assert done.returncode == 2
    (event,) = events_of(done.stdout)
    assert all(
        name in event.message for name in ("job.canvas.width is 0", "job.canvas.depth is unknown", "out is null")
    )


def test_a_missing_exemplar_is_bad_input(
    engine: Engine, request_line: Callable[..., str], style: Path, tmp_path: Path
) -> None:
    line = request_line()
    style.unlink()
    done = engine("worker", stdin=line)
    assert done.returncode == 2
    (event,) = events_of(done.stdout)
    assert event == Failed(message=f"{style}: there is no such file", reason=FailureReason.INPUT)
    assert not (tmp_path / "out ü").exists()


def test_cancel_ends_it_within_a_second_and_keeps_the_stages(
    start: Start, request_line: Callable[..., str], tmp_path: Path
) -> None:
    process = start("worker")
    process.stdin.write(request_line(endless=True))
    process.stdin.flush()
    until_a_stage(process)
    process.stdin.write("something else\n cancel \n")
    process.stdin.flush()
    cancelled(process)
    stages = list((tmp_path / "out ü" / "stages").glob("*.png"))
    assert stages
    for path in stages:
        with Image.open(path) as image:
            image.load()
    assert not (tmp_path / "out ü" / "result.png").exists()


def test_a_cancel_that_comes_with_the_request_counts(start: Start, request_line: Callable[..., str]) -> None:
    process = start("worker")
    process.stdin.write(request_line(endless=True) + "cancel\n")
    process.stdin.flush()
    said = process.stdout.read()
    assert process.wait(timeout=30) == 130
    assert events_of(said)[-1] == Cancelled()


@pytest.mark.parametrize("farewell", ["cancel\n", ""])
def test_one_that_is_ready_can_be_sent_away(start: Start, farewell: str) -> None:
    process = start("worker", "--exit-with-stdin")
    assert from_line(Event, process.stdout.readline()) == Ready()
    process.stdin.write(farewell)
    process.stdin.close()
    process.stdin = None
    cancelled(process)


def test_once_ready_it_has_loaded_torch_and_rests_until_it_is_asked(
    start: Start, request_line: Callable[..., str]
) -> None:
    process = start("worker")
    assert from_line(Event, process.stdout.readline()) == Ready()
    assert any("torch" in Path(mapped.path).name for mapped in psutil.Process(process.pid).memory_maps())
    before = psutil.Process(process.pid).cpu_times()
    time.sleep(0.5)
    after = psutil.Process(process.pid).cpu_times()
    assert after.user + after.system - before.user - before.system < 0.2
    say(process, request_line())
    until(process, Finished)
    assert process.wait(timeout=60) == 0


def say(process: subprocess.Popen[str], text: str) -> None:
    process.stdin.write(text)
    process.stdin.flush()


def until(process: subprocess.Popen[str], kind: type) -> Event:
    for line in process.stdout:
        if isinstance(event := from_line(Event, line), kind):
            return event
    raise AssertionError(process.stderr.read())


def paused(start: Start, line: str, *flags: str) -> subprocess.Popen[str]:
    process = start("worker", *flags)
    say(process, line)
    until_a_stage(process)
    say(process, "pause\n")
    until(process, Paused)
    return process


def test_a_paused_job_rests_until_it_is_told_to_go_on(start: Start, request_line: Callable[..., str]) -> None:
    process = paused(start, request_line(endless=True))
    before = psutil.Process(process.pid).cpu_times()
    time.sleep(0.5)
    after = psutil.Process(process.pid).cpu_times()
    assert after.user + after.system - before.user - before.system < 0.2
    say(process, "continue\n")
    until(process, Continued)
    until(process, Progress)
    say(process, "cancel\n")
    cancelled(process)


def test_a_paused_job_can_be_cancelled(start: Start, request_line: Callable[..., str]) -> None:
    process = paused(start, request_line(endless=True))
    say(process, "cancel\n")
    cancelled(process)


def test_a_paused_job_ends_with_its_parent(start: Start, request_line: Callable[..., str]) -> None:
    process = paused(start, request_line(endless=True), "--exit-with-stdin")
    process.stdin.close()
    process.stdin = None
    cancelled(process)


def test_a_pause_that_nobody_can_end_any_more_is_over(start: Start, request_line: Callable[..., str]) -> None:
    process = paused(start, request_line(endless=True))
    process.stdin.close()
    process.stdin = None
    until(process, Continued)


@pytest.mark.parametrize("first", ["", "pause\n"])
def test_finish_ends_it_with_what_there_is(
    start: Start, request_line: Callable[..., str], tmp_path: Path, first: str
) -> None:
    process = start("worker")
    say(process, request_line(endless=True))
    until_a_stage(process)
    say(process, first + "finish\n")
    end = until(process, Finished)
    assert process.wait(timeout=60) == 0
    assert end.width < 1024
    with Image.open(tmp_path / "out ü" / "result.png") as image:
        assert image.size == (end.width, end.height)


def test_with_the_flag_the_end_of_stdin_ends_it(start: Start, request_line: Callable[..., str]) -> None:
    process = start("worker", "--exit-with-stdin")
    process.stdin.write(request_line(endless=True))
    process.stdin.flush()
    until_a_stage(process)
    process.stdin.close()
    cancelled(process)
    process.stdin = None


@pytest.mark.skipif(os.name != "posix", reason="Windows ends a process in another way")
@pytest.mark.parametrize("stop", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_in_order(start: Start, request_line: Callable[..., str], stop: str) -> None:
    process = start("worker")
    process.stdin.write(request_line(endless=True))
    process.stdin.flush()
    until_a_stage(process)
    process.send_signal(signal.Signals[stop])
    cancelled(process)


def test_whoever_prints_in_the_process_does_not_break_the_protocol(
    engine: Engine, request_line: Callable[..., str], tmp_path: Path
) -> None:
    """A library may: this one prints when it is imported, again and again, and from below Python too."""
    (tmp_path / "babble").mkdir()
    (tmp_path / "babble" / "PIL.py").write_text(
        "import os, sys, threading, time\n"
        "print('Hello from a library!')\n"
        "def talk():\n"
        "    while True:\n"
        '        print(\'{"type": "finished"}\', flush=True)\n'
        "        os.write(1, b'deep down\\n')\n"
        "        time.sleep(0.001)\n"
        "threading.Thread(target=talk, daemon=True).start()\n"
        "sys.path.remove(os.path.dirname(__file__))\n"
        "del sys.modules['PIL']\n"
        "import PIL\n"
        "sys.modules['PIL'] = PIL\n"
    )
    done = engine("worker", stdin=request_line(), PYTHONPATH=f"{tmp_path / 'babble'}:{ROOT}")
    assert done.returncode == 0, done.stderr[-500:]
    assert isinstance(events_of(done.stdout)[-1], Finished)
    assert "Hello from a library!" in done.stderr
    assert "deep down" in done.stderr


def test_a_reader_who_left_ends_it_without_a_word(start: Start, request_line: Callable[..., str]) -> None:
    process = start("worker")
    process.stdin.write(request_line(endless=True))
    process.stdin.flush()
    until_a_stage(process)
    process.stdout.close()
    assert process.wait(timeout=60) == 130
    assert "Traceback" not in process.stderr.read()
    process.stdout = None


def test_without_torch_it_says_what_is_missing(
    engine: Engine, request_line: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('No module named torch', name='torch')")
    done = engine("worker", stdin=request_line(), PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert done.returncode == 2
    (event,) = events_of(done.stdout)
    assert "lacks torch" in event.message
