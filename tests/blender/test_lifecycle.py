import signal
import time

import pytest

pytestmark = pytest.mark.blender


def test_whatever_happens_to_blender_the_job_ends_in_order(blender, style, tmp_path):
    found = blender.run("lifecycle", style, tmp_path)
    assert found["a handler in C is followed by"] == signal.SIG_DFL
    assert found["killed"].startswith("The engine stopped without a result (killed")
    assert found["killed: stages"] >= 1
    assert found["timer while it runs"]
    assert found["cancelled"] == "Cancelled. The stages so far are kept"
    assert found["cancelled: stages"] >= 1
    assert found["timer asks to go on"] is None
    for what in ("worker", "running", "timer"):
        assert not found[f"file load: {what}"]
    assert found["file load: still enabled"]
    assert not found["disabled: worker"]
    assert not found["disabled: timer"]


def test_no_worker_outlives_a_blender_that_was_killed(blender, style, tmp_path, gone):
    with blender.start("die", style, tmp_path / "out") as process:
        output, _ = process.communicate(timeout=60)
    pid = int(output.split("worker ")[1].split()[0])
    end = time.monotonic() + 20
    while not gone(pid) and time.monotonic() < end:
        time.sleep(0.2)
    assert gone(pid)
