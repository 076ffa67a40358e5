import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from weights_server import HUB_PATH, OFFICIAL_PATH, WebServer

from neural_texture_addon.engine.features import weights
from neural_texture_addon.job.events import Cancelled, Event, Failed, FailureReason, Fetched, Fetching, Noted
from neural_texture_addon.job.wire import from_line

Engine = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
Serve = Callable[[str], dict[str, object]]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def here(server: WebServer, tmp_path: Path) -> dict[str, str]:
    """The environment in which the server stands for both sources and the user's folder is ours."""
    return {
        "NEURAL_TEXTURE_WEIGHTS_URL": server.url,
        "NO_PROXY": "127.0.0.1",
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "HOME": str(tmp_path),
    }


def test_show_says_where_and_how_deep(engine: Engine, serve_vgg: Serve, here: dict[str, str]) -> None:
    serve_vgg("relu2_2")
    before = engine("weights", "show", **here)
    assert before.returncode == 1
    assert "not there; 'neural-texture weights fetch' brings 9 MB" in before.stdout
    fetched = engine("weights", "fetch", "--yes", "--up-to", "relu2_1", **here)
    assert fetched.returncode == 0, fetched.stderr
    path = fetched.stdout.split(": ready for the layers up to relu2_1")[0]
    shown = engine("weights", "show", **here)
    assert shown.returncode == 0
    assert shown.stdout == f"{path}: reaches conv2_1, ready for the layers relu1_1 to relu2_1\n"
    doctor = engine("doctor", **here)
    assert f"Features of VGG-19: ready up to relu2_1 ({path})" in doctor.stdout


def test_the_doctor_says_that_there_are_none(engine: Engine, here: dict[str, str]) -> None:
    said = engine("doctor", **here).stdout
    assert "not there: a download of 9 MB (neural-texture weights fetch) makes clearly better textures" in said


def test_what_is_deep_enough_is_not_fetched_again(
    engine: Engine, server: WebServer, serve_vgg: Serve, here: dict[str, str]
) -> None:
    serve_vgg("relu2_2")
    assert engine("weights", "fetch", "--yes", "--up-to", "relu2_1", **here).returncode == 0
    asked = len(server.asked)
    assert engine("weights", "fetch", "--up-to", "relu1_2", **here).returncode == 0
    assert len(server.asked) == asked
    assert engine("weights", "fetch", "--yes", "--up-to", "relu2_2", **here).returncode == 0
    assert "conv2_2" in engine("weights", "show", **here).stdout


def test_without_a_terminal_a_yes_is_needed(engine: Engine, server: WebServer, here: dict[str, str]) -> None:
    done = engine("weights", "fetch", "--up-to", "relu4_2", stdin="y\n", **here)
    assert done.returncode == 2
    host = server.url[7:]
    assert f"this would download 23 MB from {host} (VGG-19 up to relu4_2); say --yes" in done.stderr
    assert not server.asked


def test_the_official_file_follows_where_the_hub_fails(
    engine: Engine, server: WebServer, serve_vgg: Serve, here: dict[str, str]
) -> None:
    """Its numbers are random ones: it comes, and its checksum is found wrong."""
    serve_vgg("relu1_2")
    del server.files[HUB_PATH]
    done = engine("weights", "fetch", "--yes", "--up-to", "relu1_2", **here)
    assert done.returncode == 1
    note, last = done.stderr.splitlines()[-3::2]
    assert "the server answers 404 Not Found; next: 127.0.0.1" in note
    assert "fetching 575 MB from 127.0.0.1" in done.stderr
    assert "came damaged (SHA-256 " in last
    assert "not dcbb9e9d" in last
    assert "Traceback" not in done.stderr


def test_one_source_alone_is_asked_if_so_said(
    engine: Engine, server: WebServer, serve_vgg: Serve, here: dict[str, str]
) -> None:
    serve_vgg("relu1_1")
    for name, path in (("hub", HUB_PATH), ("official", OFFICIAL_PATH)):
        del server.files[path]
        server.asked.clear()
        done = engine("weights", "fetch", "--yes", "--up-to", "relu1_1", "--source", name, **here)
        assert done.returncode == 1
        assert {asked for asked, _ in server.asked} == {path}


@pytest.mark.parametrize(
    ("name", "words"), [("vgg.pth", "allowed: a file that ends in .safetensors"), ("x.safetensors", "Delete it, or")]
)
def test_a_file_that_is_something_else_is_not_lost(
    name: str, words: str, engine: Engine, server: WebServer, here: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / name).write_text("precious")
    done = engine("weights", "fetch", "--yes", "--to", name, **here)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / name).read_text() == "precious"
    assert not server.asked


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("yes", 0), ("n", 130), ("", 130)])
def test_a_terminal_is_asked(
    answer: str, status: int, server: WebServer, serve_vgg: Serve, here: dict[str, str], tmp_path: Path
) -> None:
    serve_vgg("relu1_2")
    ours, theirs = pytest.importorskip("pty").openpty()
    command = [sys.executable, "-m", "neural_texture_addon.engine", "weights", "fetch", "--up-to", "relu1_2"]
    environ = os.environ | here | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, cwd=tmp_path, text=True
    ) as process:
        os.write(ours, f"{answer}\n".encode())
        _, errors = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == status
    assert f"Download 155 kB from {server.url[7:]} (VGG-19 up to relu1_2)? [y/N]" in errors
    assert bool(server.asked) == (status == 0)


def test_control_c_keeps_what_has_come(
    start: Start, engine: Engine, server: WebServer, serve_vgg: Serve, here: dict[str, str], wait_for, tmp_path: Path
) -> None:
    serve_vgg("relu3_1")
    server.stalls[HUB_PATH] = 1_000_000
    process = start("weights", "fetch", "--yes", "--up-to", "relu3_1", "--to", "x.safetensors", **here)
    wait_for(lambda: sum(part.stat().st_size for part in tmp_path.glob(".x.*.part")) > 500_000)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert "cancelled; fetch again to go on where this ended" in process.stderr.read()
    (part,) = tmp_path.glob(".x.*.part")
    kept = part.stat().st_size
    server.stalls.clear()
    server.sent = 0
    assert engine("weights", "fetch", "--yes", "--up-to", "relu3_1", "--to", "x.safetensors", **here).returncode == 0
    assert server.sent < weights.bytes_up_to("relu3_1") - kept + 200_000
    assert weights.depth(tmp_path / "x.safetensors") == "conv3_1"


def events_of(process: subprocess.Popen[str]) -> list[Event]:
    return [from_line(Event, line) for line in process.stdout]


def test_a_program_gets_events(
    start: Start, server: WebServer, serve_vgg: Serve, here: dict[str, str], tmp_path: Path
) -> None:
    serve_vgg("relu2_1")
    process = start("weights", "fetch", "--yes", "--events", "--up-to", "relu2_1", "--to", "x.safetensors", **here)
    *progress, last = events_of(process)
    assert process.wait() == 0
    assert last == Fetched(path=str(tmp_path / "x.safetensors"), up_to="relu2_1")
    assert all(isinstance(event, Fetching) for event in progress)
    assert progress[-1].done == progress[-1].total


def test_a_program_gets_the_failure_as_an_event(
    start: Start, server: WebServer, here: dict[str, str], tmp_path: Path
) -> None:
    process = start("weights", "fetch", "--yes", "--events", **here)
    note, last = events_of(process)
    assert process.wait() == 1
    assert isinstance(note, Noted)
    assert isinstance(last, Failed)
    assert last.reason is FailureReason.FAILURE
    assert last.message.endswith("the server answers 404 Not Found")
    process = start("weights", "fetch", "--yes", "--events", "--to", "x.pth", **here)
    (last,) = events_of(process)
    assert process.wait() == 2
    assert last.reason is FailureReason.INPUT


def test_without_a_yes_a_program_gets_nothing(start: Start, server: WebServer, here: dict[str, str]) -> None:
    process = start("weights", "fetch", "--events", **here)
    assert events_of(process) == [Cancelled()]
    assert process.wait() == 130
    assert not server.asked


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_a_program_cancels_by_a_word_or_by_leaving(
    how: str, start: Start, server: WebServer, serve_vgg: Serve, here: dict[str, str], tmp_path: Path
) -> None:
    serve_vgg("relu3_1")
    server.stalls[HUB_PATH] = 1_000_000
    process = start("weights", "fetch", "--yes", "--events", "--up-to", "relu3_1", "--to", "x.safetensors", **here)
    for line in process.stdout:
        event = from_line(Event, line)
        if isinstance(event, Fetching) and event.done > 500_000:
            break
    if how == "cancel":
        process.stdin.write("cancel\n")
        process.stdin.flush()
    else:
        process.stdin.close()
        process.stdin = None
    assert events_of(process)[-1] == Cancelled()
    assert process.wait(timeout=30) == 130
    (part,) = tmp_path.glob(".x.*.part")
    assert part.stat().st_size > 500_000
