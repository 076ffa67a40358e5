import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_whatever_happens_to_blender_the_job_ends_in_order(blender, style, tmp_path):
    found = blender.run("lifecycle", style, tmp_path)
    assert found["a handler in C is followed by"] == signal.SIG_DFL
    assert found["killed"].startswith("The engine stopped without a result (killed")
    assert found["killed: stages"] >= 1
    assert found["killed: said after"] < 10, "two seconds on a machine that is not busy"
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
    pids = [int(pid) for pid in output.split("workers ")[1].split()[:2]]
    end = time.monotonic() + 20
    while not all(map(gone, pids)) and time.monotonic() < end:
        time.sleep(0.2)
    assert all(map(gone, pids))


def test_what_a_killed_blender_had_made_is_whole_and_gone_on_from(blender, style, tmp_path):
    out = tmp_path / "out"
    with blender.start("leave", style, out, "killed") as process:
        process.communicate(timeout=60)
    for path in out.rglob("*.png"):
        Image.open(path).load()
    assert not (out / "result.png").exists()
    engine(blender, "resume", out)
    assert result(out) == made_anew(blender, out)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a pipe can be made small")
@pytest.mark.parametrize("seconds", [5, pytest.param(60, marks=pytest.mark.slow)])
def test_a_blender_that_is_stopped_for_a_while_hears_of_the_same_end(seconds, blender, style, tmp_path):
    with blender.start("frozen", style, tmp_path / "out") as process:
        while not (line := process.stdout.readline()).startswith("worker"):
            assert line, "it ended before"
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        assert not (tmp_path / "out" / "result.png").exists(), "the worker waits at a full pipe"
        process.send_signal(signal.SIGCONT)
        output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    assert json.loads(blender.findings.read_text())["ending"] == "Finished"
    assert result(tmp_path / "out") == made_anew(blender, tmp_path / "out")


def result(folder):
    return (folder / "result.png").read_bytes()


def made_anew(blender, folder):
    """The result of the same job, undisturbed."""
    again = folder.with_name("again")
    engine(blender, "run", folder / "job.json", "--out", again)
    return result(again)


def engine(blender, *arguments):
    command = [blender.engine, "-m", "neural_texture_addon.engine", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
