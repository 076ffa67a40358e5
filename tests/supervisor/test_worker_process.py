import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from neural_texture_addon.job.events import (
    Cancelled,
    Continued,
    Event,
    Failed,
    FailureReason,
    Finished,
    Forecast,
    Noted,
    Paused,
    Previewed,
    Progress,
    StageSaved,
    Started,
)
from neural_texture_addon.job.wire import to_line
from neural_texture_addon.supervisor import launch, worker_process
from neural_texture_addon.supervisor.worker_process import WorkerProcess

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="signals")
FINISHED = to_line(Finished(maps={}, seconds=1.0, width=8, height=8, seam=None, peak_memory=None))


def events_of(worker: WorkerProcess, seconds: float = 60) -> list[Event]:
    worker.join(seconds)
    assert not worker.alive
    events = []
    while not worker.events.empty():
        events.append(worker.events.get())
    return events


def python(code: str) -> launch.Piped:
    """A worker that misbehaves. It has read its request first, as any would."""
    return launch.piped([sys.executable, "-c", f"import os, sys, time; sys.stdin.readline()\n{code}"])


def wait_for(worker: WorkerProcess, kind: type) -> Event:
    while not isinstance(event := worker.events.get(timeout=60), kind):
        pass
    return event


def test_a_job_starts_progresses_and_finishes(engine_python, request_for):
    events = events_of(WorkerProcess.start(engine_python, request_for()))
    assert isinstance(events[0], Started)
    assert {Progress, StageSaved} <= {type(event) for event in events}
    assert isinstance(events[-1], Finished)
    assert all(Path(path).is_file() for path in events[-1].maps.values())


def test_a_cancel_ends_a_job_that_had_minutes_to_go_and_keeps_its_stages(engine_python, request_for):
    worker = WorkerProcess.start(engine_python, request_for(size=1024))
    stage = wait_for(worker, StageSaved)
    worker.cancel()
    assert isinstance(events_of(worker)[-1], Cancelled)
    assert all(Path(path).is_file() for path in stage.maps.values())


def test_a_job_is_shown_paused_continued_and_finished_early(engine_python, request_for):
    worker = WorkerProcess.start(engine_python, replace(request_for(size=1024), preview_size=64))
    wait_for(worker, StageSaved)
    shown = wait_for(worker, Previewed)
    assert shown.width <= 64
    worker.pause()
    wait_for(worker, Paused)
    worker.resume()
    wait_for(worker, Continued)
    worker.pause()
    worker.finish()
    end = events_of(worker)[-1]
    assert isinstance(end, Finished)
    assert end.width < 1024
    assert not Path(shown.path).exists()


@pytest.mark.parametrize("way", ["cancel", "kill"])
def test_a_paused_job_ends_when_asked_to_and_leaves_no_preview(engine_python, request_for, way):
    worker = WorkerProcess.start(engine_python, replace(request_for(size=128), preview_size=64))
    shown = wait_for(worker, Previewed)
    worker.pause()
    wait_for(worker, Paused)
    assert Path(shown.path).exists()
    getattr(worker, way)()
    assert events_of(worker)[-1] == Cancelled()
    assert not Path(shown.path).exists()


def test_a_forecast_is_a_single_ending_and_writes_nothing(engine_python, request_for):
    request = request_for(size=64)
    (end,) = events_of(WorkerProcess.forecast(engine_python, request))
    assert isinstance(end, Forecast)
    assert end.octaves[-1] == (64, 64)
    assert not Path(request.out).exists()


def test_a_forecast_can_be_cancelled(engine_python, request_for):
    worker = WorkerProcess.forecast(engine_python, request_for())
    worker.cancel()
    assert events_of(worker) == [Cancelled()]


def test_bad_input_is_told_by_the_engine_in_one_line(engine_python, request_for, tmp_path):
    (event,) = events_of(WorkerProcess.start(engine_python, request_for(image=tmp_path / "absent.png")))
    assert isinstance(event, Failed)
    assert event.reason is FailureReason.INPUT
    assert "absent.png" in event.message
    assert "\n" not in event.message


def test_a_death_without_an_ending_names_the_status_and_the_last_words(request_for):
    (event,) = events_of(
        WorkerProcess(python("sys.stderr.write('first\\nno memory left\\n\\n'); sys.exit(3)"), request_for())
    )
    assert isinstance(event, Failed)
    assert event.message == "The engine stopped without a result (exit status 3): no memory left"


@POSIX_ONLY
def test_a_worker_killed_from_outside_is_a_failure_in_words(request_for):
    worker = WorkerProcess(python("time.sleep(60)"), request_for())
    os.kill(worker.pid, signal.SIGKILL)
    (event,) = events_of(worker)
    assert "killed, perhaps because memory ran out, SIGKILL" in event.message


def test_lines_that_are_no_events_are_passed_over(request_for):
    code = (
        "out = sys.stdout.buffer\n"
        "out.write(b'hello\\n\\xff\\xfe\\x00\\n{\"type\": \"finish\"}\\n[]\\n\\n' + b'x' * 3_000_000 + b'\\n')\n"
        f"out.write({FINISHED!r}.encode())"
    )
    assert [type(event) for event in events_of(WorkerProcess(python(code), request_for()))] == [Finished]


@pytest.mark.parametrize("words", ['"seconds": 1.0', '"seconds": 1.0, "mood": "good"', '"maps": {}, "colours": 3'])
def test_an_ending_of_another_version_is_said_to_be_one(request_for, words):
    worker = WorkerProcess(python(f"""print('{{"type": "finished", {words}}}')"""), request_for())
    (event,) = events_of(worker)
    assert isinstance(event, Failed)
    assert "its version is another than Blender's; restart Blender" in event.message


def test_a_flood_of_errors_neither_blocks_nor_fills_memory(request_for):
    code = f"sys.stderr.write('complaint\\n' * 200_000); sys.stderr.flush(); sys.stdout.write({FINISHED!r})"
    worker = WorkerProcess(python(code), request_for())
    assert isinstance(events_of(worker)[-1], Finished)
    assert len(worker._errors) <= 50


def test_while_nobody_listens_no_more_than_so_many_events_wait(request_for):
    at = {"octave": 1, "octaves": 1, "step": 1, "steps": 1, "iteration": 1, "iterations": 1}
    progress = to_line(Progress(**at, loss=0.0, fraction=0.0, seconds_left=None))
    noted = to_line(Noted(message="this counts"))
    code = f"sys.stdout.write({progress!r} * 5000 + {noted!r} + {FINISHED!r})"
    events = events_of(WorkerProcess(python(code), request_for()))
    assert len(events) == worker_process._MOST_WAITING + 2
    assert [type(event) for event in events[-3:]] == [Progress, Noted, Finished]


def test_a_deaf_worker_is_killed_after_the_grace(request_for):
    worker = WorkerProcess(python("time.sleep(60)"), request_for())
    worker.cancel(grace=0.2)
    assert [type(event) for event in events_of(worker, 5)] == [Cancelled]


def test_a_worker_that_lingers_after_its_ending_is_killed(request_for, monkeypatch):
    monkeypatch.setattr(worker_process, "_EXIT_TIME", 0.2)
    worker = WorkerProcess(python(f"print({FINISHED!r}, flush=True); time.sleep(60)"), request_for())
    assert [type(event) for event in events_of(worker, 5)] == [Finished]


def test_a_request_larger_than_the_pipe_to_a_deaf_worker_blocks_nobody(request_for, tmp_path):
    worker = WorkerProcess(
        launch.piped([sys.executable, "-c", "import time; time.sleep(60)"]), request_for(image=Path("x" * 1_000_000))
    )
    assert worker.alive, "it was waited for until its end"
    worker.cancel(grace=0.2)
    assert [type(event) for event in events_of(worker)] == [Cancelled]


def test_a_program_that_is_not_there_is_an_os_error(request_for, tmp_path):
    with pytest.raises(OSError, match="absent"):
        WorkerProcess.start(tmp_path / "absent", request_for())


@POSIX_ONLY
@pytest.mark.parametrize("state", ["Started", "Paused"])
def test_no_worker_outlives_a_parent_that_was_killed(engine_python, request_for, tmp_path, state):
    job = tmp_path / "request.json"
    job.write_text(to_line(request_for(size=2048)))
    code = (
        f"import sys, time; sys.path.append({str(launch.PACKAGE.parent)!r})\n"
        "from pathlib import Path\n"
        "from neural_texture_addon.job.description import Request\n"
        "from neural_texture_addon.job.wire import from_line\n"
        "from neural_texture_addon.supervisor.worker_process import WorkerProcess\n"
        f"request = from_line(Request, Path({str(job)!r}).read_text())\n"
        f"worker = WorkerProcess.start(Path({str(engine_python)!r}), request)\n"
        f"worker.pause() if {state!r} == 'Paused' else None\n"
        f"while type(worker.events.get(timeout=60)).__name__ != {state!r}: pass\n"
        "print(worker.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.kill()
    assert gone(pid, seconds=5)


def gone(pid: int, seconds: float) -> bool:
    """Whether the process has ended; one that nobody has waited for yet counts as ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
        if not state or state.startswith("Z"):
            return True
        time.sleep(0.1)
    return False
