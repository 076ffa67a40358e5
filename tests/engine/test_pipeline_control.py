"""What a person does with a job under way: look, pause, finish early."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from neural_texture_addon.engine import live_preview, pipeline
from neural_texture_addon.engine.control import Control
from neural_texture_addon.job.description import Device, Exemplar, Job, MapKind, Request, Tiling
from neural_texture_addon.job.events import Continued, Event, Finished, Paused, Previewed, Progress, StageSaved

Describe = Callable[..., Exemplar]
MakeJob = Callable[..., Job]


def begun(job: Job, out: Path, control: Control | None = None, **fields):
    return pipeline.run(Request(job=job, out=str(out), device=Device.CPU, **fields), control)


def files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def done_when(events, moment: Callable[[Event], bool], then: Callable[[], None]) -> list[Event]:
    """All events; something is done at the first that fits."""
    told = []
    for event in events:
        told.append(event)
        if moment(event) and then:
            then()
            then = None
    return told


@pytest.fixture
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """A preview after each iteration."""
    monkeypatch.setattr(live_preview, "_SECONDS_BETWEEN", 0)
    monkeypatch.setattr(live_preview, "_SHARE_OF_TIME", 1.0)


@pytest.mark.usefixtures("_eager")
def test_being_looked_at_changes_nothing(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    job = small_job(exemplar_file(), iterations=6)
    list(begun(job, tmp_path / "unseen"))
    seen = []
    for event in begun(job, tmp_path / "seen", preview_size=20):
        if isinstance(event, Previewed):
            assert Path(event.path).stat().st_size == event.width * event.height * 16
            seen.append((event.octave, event.width, event.height))
        if isinstance(event, Finished):
            assert not (tmp_path / "seen" / "preview.rgba").exists()
    assert files(tmp_path / "seen") == files(tmp_path / "unseen")
    assert seen == [(1, 12, 12)] * 7 + [(2, 20, 20)] * 6


def test_the_seed_is_shown_before_the_first_iteration(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    events = begun(small_job(exemplar_file()), tmp_path, preview_size=64)
    first = next(event for event in events if isinstance(event, Previewed | Progress | StageSaved))
    assert isinstance(first, Previewed)
    assert (first.octave, first.width, first.height) == (1, 12, 12)
    events.close()
    assert not Path(first.path).exists()


@pytest.mark.usefixtures("_eager")
def test_who_finishes_early_gets_what_was_shown_at_the_size_it_had(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    job, control = small_job(exemplar_file(), iterations=6, tiling=Tiling.NONE, growth=2**0.5), Control()
    kept, number = b"", 0
    for event in begun(job, tmp_path, control, preview_size=64):
        if isinstance(event, Previewed) and not control.finishing:
            kept, number = Path(event.path).read_bytes(), number + 1
            if number == 10:
                control.finish()
    assert isinstance(event, Finished)
    assert (event.width, event.height) == (17, 17)
    linear = np.frombuffer(kept, "<f4").reshape(17, 17, 4)[::-1, :, :3]
    shown = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    with Image.open(event.maps[MapKind.COLOUR]) as result:
        np.testing.assert_array_equal(np.asarray(result), (shown * 255).round())


def test_a_job_that_finished_early_can_still_be_brought_to_its_true_end(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    """The octave that was cut off leaves no stage."""
    job, control = small_job(exemplar_file(), growth=2**0.5), Control()
    list(begun(job, tmp_path / "whole"))
    second = lambda event: isinstance(event, StageSaved) and event.octave == 2  # noqa: E731
    *_, end = done_when(begun(job, tmp_path / "cut", control), second, control.finish)
    assert isinstance(end, Finished)
    assert end.width < job.canvas.width
    with Image.open(end.maps[MapKind.COLOUR]) as result:
        assert result.size == (end.width, end.height)
    assert len(list((tmp_path / "cut" / "stages").glob("*.safetensors"))) == 2
    list(begun(job, tmp_path / "cut", resume_from=2))
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_who_asks_before_it_began_gets_the_seed(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    control = Control()
    control.finish()
    *events, end = begun(small_job(exemplar_file()), tmp_path, control)
    assert (end.width, end.height) == (12, 12)
    assert not [event for event in events if isinstance(event, StageSaved)]


@pytest.mark.parametrize("word", ["resume", "finish"])
def test_a_pause_lasts_until_it_is_ended_and_is_no_working_time(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, word: str
) -> None:
    control, began = Control(), time.monotonic()
    control.pause()
    job = small_job(exemplar_file())
    events = begun(job, tmp_path / "out", control)
    told = []
    for event in events:
        told.append(event)
        if isinstance(event, Paused):
            threading.Timer(0.3, getattr(control, word)).start()
    kinds = [type(event) for event in told if isinstance(event, Paused | Continued)]
    assert kinds == [Paused, Continued]
    assert isinstance(told[-1], Finished)
    assert told[-1].seconds <= time.monotonic() - began - 0.3
    assert told[-1].width == (job.canvas.width if word == "resume" else 12)
    if word == "resume":
        list(begun(job, tmp_path / "never paused"))
        assert files(tmp_path / "out") == files(tmp_path / "never paused")


def test_the_end_tells_size_seam_and_memory(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    *_, end = begun(small_job(exemplar_file(64, 64), iterations=40, width=48, height=40), tmp_path / "a")
    assert (end.width, end.height) == (48, 40)
    assert 0 < end.seam < 1.5
    assert end.peak_memory > 2**26
    *_, end = begun(small_job(exemplar_file(), tiling=Tiling.NONE), tmp_path / "b")
    assert end.seam is None
