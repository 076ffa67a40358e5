import gc
import threading
import time
import weakref

import psutil
import pytest

from neural_texture_addon.job.events import Event, Finished, Ready, Started
from neural_texture_addon.job.wire import from_line
from neural_texture_addon.supervisor.spare import Spare


@pytest.fixture
def room():
    room = Spare()
    yield room
    room.drop()


def test_the_one_that_waits_makes_the_texture(room, engine_python, request_for):
    room.keep(engine_python)
    kept = room.pid
    room.keep(engine_python)
    assert room.pid == kept, "one is enough"
    worker = room.start(engine_python, request_for())
    assert worker.pid == kept
    assert not room.waits
    assert isinstance(worker.events.get(timeout=60), Started)
    worker.join(60)
    assert isinstance(last_of(worker), Finished)


def test_it_has_loaded_the_engine_before_it_is_asked(room, engine_python):
    room.keep(engine_python)
    assert from_line(Event, room._process.stdout.readline().decode()) == Ready()


def test_without_one_another_is_started(room, engine_python, request_for):
    worker = room.start(engine_python, request_for())
    worker.join(60)
    assert isinstance(last_of(worker), Finished)


def test_one_that_died_is_told_by_nobody_and_not_replaced_but_by_a_texture(room, engine_python, request_for):
    room.keep(engine_python)
    psutil.Process(room.pid).kill()
    until_it_waits_no_more(room)
    room.keep(engine_python)
    assert not room.waits
    worker = room.start(engine_python, request_for())
    worker.join(60)
    assert isinstance(last_of(worker), Finished)


@pytest.mark.parametrize("change", ["python", "environment"])
def test_one_of_another_engine_is_replaced(room, engine_python, request_for, change, monkeypatch, tmp_path):
    room.keep(engine_python)
    first, python = room.pid, engine_python
    if change == "python":
        python = tmp_path / "python"
        python.symlink_to(engine_python)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    worker = room.start(python, request_for())
    worker.kill()
    assert worker.pid != first
    assert not psutil.pid_exists(first)


def test_dropped_it_is_gone_and_another_may_be_kept(room, engine_python):
    room.keep(engine_python)
    first = room.pid
    room.drop()
    assert not psutil.pid_exists(first)
    assert room.pid is None
    room.keep(engine_python)
    assert room.waits


def test_nothing_is_left_to_be_done_at_the_exit(engine_python, request_for):
    """It would keep an extension alive that was taken out of Blender."""
    room = Spare()
    room.keep(engine_python)
    worker = room.start(engine_python, request_for())
    worker.kill()
    worker.join(30)
    room.keep(engine_python)
    room.drop()
    left = weakref.ref(room)
    del room
    gc.collect()
    assert left() is None


def test_a_python_that_is_not_there_is_an_os_error(room, tmp_path):
    with pytest.raises(OSError, match="absent"):
        room.keep(tmp_path / "absent")
    assert not room.waits


def test_no_thread_of_ours_listens_to_one_that_waits(room, engine_python):
    before = threading.enumerate()
    room.keep(engine_python)
    assert room.waits
    assert threading.enumerate() == before


def last_of(worker):
    events = []
    while not worker.events.empty():
        events.append(worker.events.get())
    return events[-1]


def until_it_waits_no_more(room):
    end = time.monotonic() + 30
    while room.waits and time.monotonic() < end:
        time.sleep(0.05)
    assert not room.waits
