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
    assert found["cancelled"] == "Cancelled. What was made so far is kept in its folder"
    assert found["cancelled: stages"] >= 1
    assert found["cancelled: threads"] == ["MainThread"], "what Blender does next it does without Python's lock"
    assert found["timer asks to go on"] is None
    assert found["rendered"]
    assert found["rendered: goes on"]
    assert found["saved: materials"] == ["Material"]
    assert found["saved: goes on"]
    for what in ("worker", "running", "timer"):
        assert not found[f"file load: {what}"]
    assert found["file load: still enabled"]
    assert found["file load: data"] == found["data before"], "a file that was saved meanwhile is put in order"
    assert not found["disabled: worker"]
    assert found["disabled: data"] == found["data before"]
    assert not found["disabled: timer"]


@pytest.mark.parametrize(("how", "status"), [("killed", -signal.SIGKILL), ("quit", 0)])
def test_no_worker_outlives_a_blender_that_was(how, status, blender, style, tmp_path, gone):
    with blender.start("leave", style, tmp_path / "out", how) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == status, output
    assert "Traceback" not in output
    pid = int(output.split("worker ")[1].split()[0])
    end = time.monotonic() + 20
    while not gone(pid) and time.monotonic() < end:
        time.sleep(0.2)
    assert gone(pid)
