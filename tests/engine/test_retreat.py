"""Numbers that run away in the midst of a step: the job goes back to where they held, and on by smaller steps."""

import dataclasses
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from neural_texture_addon.engine import cli, lbfgs, objective, pipeline
from neural_texture_addon.engine.errors import EngineError
from neural_texture_addon.engine.retreat import Retreat
from neural_texture_addon.engine.solver import Seen
from neural_texture_addon.job.description import (
    Adam,
    Canvas,
    Device,
    Exemplar,
    Gram,
    Job,
    Lbfgs,
    MapKind,
    Octaves,
    Optimise,
    Request,
    SlicedWasserstein,
    Texels,
)
from neural_texture_addon.job.events import Event, Failed, Finished, Noted, Progress
from neural_texture_addon.job.wire import job_to_json

Describe = Callable[..., Exemplar]
SOLVERS = [Adam(iterations=9, coarse_iterations=9), Lbfgs(iterations=9, coarse_iterations=9)]
FAULTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "a loss of nan": lambda loss: loss * math.nan,
    "a loss of infinity": lambda loss: loss + math.inf,
    "a gradient of nan": lambda loss: loss + (0 * loss).sqrt(),  # the slope of a root at zero
}


@pytest.fixture
def break_call(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, set[int]], None]:
    """Lets the objective come to such a number in some of its calls, counted from 0."""

    def do(fault: str, calls: set[int]) -> None:
        original, count = objective.Objective.__call__, iter(range(10**6))

        def faulty(*given: Any) -> torch.Tensor:
            loss = original(*given)
            return FAULTS[fault](loss) if next(count) in calls else loss

        monkeypatch.setattr(objective.Objective, "__call__", faulty)

    return do


def job(exemplar: Exemplar, solver: Adam | Lbfgs = SOLVERS[0]) -> Job:
    term = SlicedWasserstein(features=Texels(), projections=4) if isinstance(solver, Adam) else Gram(features=Texels())
    return Job(
        exemplars=(exemplar,),
        canvas=Canvas(width=24, height=24),
        octaves=Octaves(start_size=12, growth=2.0),
        steps=(Optimise(terms=(term,), solver=solver),),
    )


def run(wanted: Job, out: Path) -> Iterator[Event]:
    return pipeline.run(Request(job=wanted, out=str(out), device=Device.CPU))


def notes(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Noted) and "octave" in event.message]


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: type(solver).__name__)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_job_goes_on_from_where_the_numbers_held(
    exemplar_file: Describe, tmp_path: Path, break_call: Any, fault: str, solver: Adam | Lbfgs
) -> None:
    made, span = [], 1 if isinstance(solver, Adam) else lbfgs._MOST  # all of a line search
    for name in ("a", "b"):
        with pytest.MonkeyPatch.context() as undone:
            undone.setattr(objective.Objective, "__call__", objective.Objective.__call__)
            break_call(fault, set(range(4, 4 + span)))
            events = list(run(job(exemplar_file(), solver), tmp_path / name))
        assert isinstance(events[-1], Finished), events[-1]
        made.append(Path(events[-1].maps[MapKind.COLOUR]).read_bytes())
        said, *_ = notes(events)  # a line search may need more than one
        assert said.startswith("octave 1: ")
        assert said.endswith("4 times smaller")
    assert made[0] == made[1]


def test_again_and_again_it_ends_in_one_line(exemplar_file: Describe, tmp_path: Path, break_call: Any) -> None:
    break_call("a loss of nan", set(range(12, 10**4)))
    events = list(run(job(exemplar_file()), tmp_path / "out"))
    assert isinstance(events[-1], Failed)
    assert events[-1].message.startswith("the loss became nan in octave 2, again and again")
    assert len(events[-1].message.splitlines()) == 1
    assert (tmp_path / "out" / "stages" / "octave_001.safetensors").exists()


def test_a_learning_rate_that_is_far_too_high_is_lowered(exemplar_file: Describe, tmp_path: Path) -> None:
    """Such a step leaves a canvas of one colour, black or white."""
    wild = Adam(iterations=30, coarse_iterations=30, learning_rate=1.0, final_learning_rate=1.0)
    wanted = job(exemplar_file(), wild)
    wanted = dataclasses.replace(wanted, steps=(Optimise(terms=(Gram(features=Texels()),), solver=wild),))
    events = list(run(wanted, tmp_path / "out"))
    assert isinstance(events[-1], Finished), events[-1]
    assert "the loss rose from" in notes(events)[0]
    with Image.open(events[-1].maps[MapKind.COLOUR]) as image:
        assert max(high - low for low, high in image.getextrema()) > 50


def test_a_person_at_a_terminal_reads_of_it(
    exemplar_file: Describe, tmp_path: Path, break_call: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    break_call("a loss of nan", {4})
    (tmp_path / "job.json").write_text(job_to_json(job(exemplar_file())), encoding="utf-8")
    assert cli.main(["run", str(tmp_path / "job.json"), "--device", "cpu", "--out", str(tmp_path / "out")]) == 0
    said = "note: octave 1: the loss became nan; goes on from iteration 3 by steps 4 times smaller"
    assert said in capfd.readouterr().err.splitlines()


class Descent:
    """Each iteration adds its share to the canvas. The loss is what the canvas was, or what is set."""

    def __init__(self, losses: dict[int, float] | None = None, device: str = "cpu") -> None:
        self.canvas = torch.zeros(1, 1, 2, 2)
        self.losses, self.device = losses or {}, device
        self.begun: list[tuple[int, float, float]] = []
        self.count = 0
        self.looks = 0

    def begin(self, iterations: int, share: float, seen: Seen) -> Iterator[torch.Tensor]:
        self.begun.append((iterations, share, float(self.canvas[0, 0, 0, 0])))
        for _ in range(iterations):
            self.count += 1
            loss = torch.tensor(self.losses.get(self.count, float(self.canvas.mean())))
            seen(loss)
            self.canvas += share
            yield loss

    def retreat(self, iterations: int, weights: float = 1e6) -> Retreat:
        return Retreat(self.canvas, iterations, weights, self.begin, 1)


def test_it_goes_back_to_the_last_canvas_whose_loss_was_good() -> None:
    """The fourth loss is of the canvas after three iterations: that one is not to be gone back to."""
    descent = Descent({4: math.nan})
    retreat = descent.retreat(6)
    assert len(list(retreat)) == 3 + 4
    assert descent.begun == [(6, 1.0, 0.0), (4, 0.25, 2.0)]
    (said,) = retreat.notes()
    assert said.message == "octave 1: the loss became nan; goes on from iteration 2 by steps 4 times smaller"
    assert float(descent.canvas[0, 0, 0, 0]) == 3.0
    assert retreat.done == 6


def test_a_loss_that_is_far_off_in_the_end_leads_back_to_before_it_was() -> None:
    far = dict.fromkeys(range(3, 7), 102.0)
    descent = Descent({1: 1.0, 2: 1.0} | far)
    list(descent.retreat(6, weights=1.0))
    assert descent.begun == [(6, 1.0, 0.0), (5, 0.25, 1.0)]


@pytest.mark.parametrize(("first", "weights", "allowed"), [(0.0, 2.0, 0.2), (-5.0, 2.0, 495.0), (3.0, 1.0, 303.0)])
def test_how_far_is_counted_from_the_first_loss(first: float, weights: float, allowed: float) -> None:
    for last, times in ((0.99 * allowed, 1), (1.01 * allowed, 2)):
        descent = Descent({1: first, 2: first, 3: last, 4: first, 5: first, 6: first})
        list(descent.retreat(3, weights))
        assert len(descent.begun) == times


def test_a_loss_that_is_far_off_on_the_way_comes_down_again() -> None:
    descent = Descent({1: 1.0, 2: 1e9})
    list(descent.retreat(4))
    assert len(descent.begun) == 1


def test_a_canvas_that_became_no_number_by_the_last_change_is_noticed() -> None:
    descent, changed = Descent(), iter([math.nan])

    def begin(*given: Any) -> Iterator[torch.Tensor]:
        for loss in descent.begin(*given):
            if descent.count == 4:
                descent.canvas += next(changed)
            yield loss

    list(retreat := Retreat(descent.canvas, 4, 1e6, begin, 1))
    assert descent.begun == [(4, 1.0, 0.0), (1, 0.25, 3.0)]
    assert "the canvas became nan" in next(retreat.notes()).message


def test_who_leaves_early_takes_numbers_along() -> None:
    descent = Descent()
    retreat = descent.retreat(6)
    for _ in retreat:
        if retreat.done == 3:
            descent.canvas += math.nan
            break
    retreat.leave()
    assert float(descent.canvas[0, 0, 0, 0]) == 2.0


def test_no_more_than_so_many_times() -> None:
    descent = Descent(dict.fromkeys(range(3, 100), math.nan))
    with pytest.raises(EngineError, match="in octave 1, again and again"):
        list(descent.retreat(6))
    assert [share for _, share, _ in descent.begun] == [4.0**-times for times in range(6)]


def test_elsewhere_than_on_a_cpu_it_looks_when_asked_and_in_the_end() -> None:
    """A meta tensor has no numbers to be looked at, as a busy card has none yet: asking it for one is an error."""
    canvas, looks = torch.zeros(1, 1, 2, 2), []

    class Loss:
        device = torch.device("meta")

        def __float__(self) -> float:
            looks.append(retreat.done)
            return 1.0

    def begin(iterations: int, _share: float, seen: Any) -> Iterator[Any]:
        for _ in range(iterations):
            seen(Loss())
            yield Loss()

    retreat = Retreat(canvas, 9, 1.0, begin, 1)
    for _ in retreat:
        if retreat.done == 4:
            retreat.ask()
    assert looks == [0, 4, 8]


def test_progress_tells_of_numbers_only(
    exemplar_file: Describe, tmp_path: Path, break_call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline.Clock, "advance", lambda *_: True)
    break_call("a loss of nan", {4})
    told = [event for event in run(job(exemplar_file()), tmp_path / "out") if isinstance(event, Progress)]
    assert all(math.isfinite(event.loss) for event in told)
    assert [event.iteration for event in told if event.octave == 1] == [1, 2, 3, 4, 4, 5, 6, 7, 8, 9]
