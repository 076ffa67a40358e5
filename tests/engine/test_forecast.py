import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from neural_texture_addon.engine import clock, forecast, memory, pipeline, schedule, solver
from neural_texture_addon.engine.plan import Plan
from neural_texture_addon.engine.step import Descent
from neural_texture_addon.job.description import (
    Blur,
    Canvas,
    Device,
    Exemplar,
    Job,
    Lbfgs,
    MapKind,
    MatchColours,
    Noise,
    Octaves,
    Optimise,
    Picture,
    Request,
    Sharpen,
    TotalVariation,
    ValueRange,
)
from neural_texture_addon.job.events import Event, Failed, FailureReason, Forecast, Started

Describe = Callable[..., Exemplar]
MakeJob = Callable[..., Job]
MAPS = (MapKind.COLOUR, MapKind.HEIGHT)


def ending(job: Job, out: Path, **fields) -> Event:
    (end,) = forecast.run(Request(job=job, out=str(out / "out"), device=Device.CPU, **fields))
    assert not (out / "out").exists()
    return end


def foreseen(job: Job, out: Path, **fields) -> Forecast:
    end = ending(job, out, **fields)
    assert isinstance(end, Forecast), end
    return end


def with_steps(job: Job, *steps) -> Job:
    return dataclasses.replace(job, steps=steps)


class Machine:
    """One on which all takes as long as it is told to, by a clock that is moved by hand."""

    now = 0.0
    setup = 0.0
    iteration = 0.0
    window = 0.0
    cold = 0.0
    texels_seen = 0

    def monotonic(self) -> float:
        return self.now

    def optimise(self, step: Optimise, canvas: torch.Tensor, octave, iterations: int) -> Iterator[torch.Tensor]:
        self.now += self.setup + self.cold
        self.cold = 0
        self.texels_seen = max(self.texels_seen, canvas.shape[2] * canvas.shape[3])

        def losses() -> Iterator[torch.Tensor]:
            for _ in range(iterations):
                self.now += self.iteration + self.window * clock.windows_seen(step, octave)
                yield torch.zeros(())

        return losses()

    def truth(self, job: Job, octaves: list[schedule.Octave]) -> float:
        """What the job takes."""
        return self.cold + sum(
            self.setup
            + (self.iteration + self.window * clock.windows_seen(step, octave))
            * schedule.iterations(step.solver, octave)
            for octave in octaves
            for step in job.steps
            if schedule.applies(step, octave)
        )


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(forecast, "time", made)
    monkeypatch.setattr(forecast, "optimise", made.optimise)
    monkeypatch.setattr(forecast, "Descent", lambda step, canvas, around, plan: around.octave)
    return made


FAST = {"iteration": 0.001, "window": 1e-6}
MACHINES = {
    "fast": FAST,
    "that starts slowly": FAST | {"cold": 5.0, "setup": 0.05},
    "so slow that only little can be tried": {"iteration": 0.02, "window": 3e-5},
    "that minds iterations more than windows": {"iteration": 0.1, "window": 1e-7},
}
JOBS = {
    "default": {},
    "of a single large octave": {"octaves": Octaves(start_size=4096)},
    "of several steps": {"steps": (Optimise(to_size=100), Optimise(from_size=100), Optimise())},
}


@pytest.mark.parametrize("described", JOBS.values(), ids=JOBS)
@pytest.mark.parametrize("speeds", MACHINES.values(), ids=MACHINES)
def test_on_a_machine_without_whims_the_time_is_foreseen(
    exemplar_file: Describe, tmp_path: Path, machine: Machine, speeds: dict, described: dict
) -> None:
    vars(machine).update(speeds)
    job = Job(exemplars=(exemplar_file(400, 400),), canvas=Canvas(width=512, height=300), **described)
    octaves = schedule.octaves(job.canvas, job.octaves, 400)
    truth = machine.truth(job, octaves)
    assert foreseen(job, tmp_path).seconds == pytest.approx(truth, rel=0.05)


def test_on_a_slow_machine_less_is_tried(exemplar_file: Describe, tmp_path: Path, machine: Machine) -> None:
    job = Job(exemplars=(exemplar_file(400, 400),), canvas=Canvas(width=1024, height=1024))
    tried = []
    for window in (1e-7, 1e-5, 1e-3):
        machine.window, machine.texels_seen = window, 0
        foreseen(job, tmp_path)
        tried.append(machine.texels_seen)
    assert tried[0] > tried[1] > tried[2]


def test_octaves_that_are_done_cost_nothing_more(exemplar_file: Describe, tmp_path: Path, machine: Machine) -> None:
    machine.iteration, machine.window = 0.001, 1e-6
    job = Job(exemplars=(exemplar_file(),))
    octaves = schedule.octaves(job.canvas, job.octaves, 40)
    left = foreseen(job, tmp_path, resume_from=2)
    assert left.seconds == pytest.approx(machine.truth(job, octaves[2:]), rel=0.05)
    assert len(left.octaves) == len(octaves)


@pytest.mark.parametrize("exemplars", [0, 1])
def test_of_a_job_that_has_all_its_stages_only_the_result_is_left(
    small_job: MakeJob, exemplar_file: Describe, tmp_path: Path, exemplars: int
) -> None:
    made = small_job(*[exemplar_file()] * exemplars)
    job = made if exemplars else with_steps(made, Blur())
    octaves = len(foreseen(job, tmp_path).octaves)
    left = foreseen(job, tmp_path, resume_from=octaves)
    assert left.seconds > 0
    assert left.memory > 0
    assert len(left.octaves) == octaves


def test_it_speaks_of_the_same_octaves_and_device_as_the_job(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    job = small_job(exemplar_file(), width=48)
    said = foreseen(job, tmp_path)
    started = next(iter(pipeline.run(Request(job=job, out=str(tmp_path / "job"), device=Device.CPU))))
    assert isinstance(started, Started)
    assert (said.octaves, said.device) == (started.octaves, started.device)
    assert said.refusal is None
    assert 0 < said.memory < said.memory_free
    assert said.seconds > 0


def test_larger_canvases_take_more(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    few, many = (foreseen(small_job(exemplar_file(), width=side, height=side), tmp_path) for side in (32, 4096))
    assert many.seconds > 10 * few.seconds
    assert many.memory > few.memory + 4096**2 * 3 * 4


OTHER_JOBS = {
    "adjustments alone": (Blur(), MatchColours(), Sharpen()),
    "L-BFGS": (Optimise(terms=(TotalVariation(), ValueRange()), solver=Lbfgs(iterations=4)),),
    "a step for no octave": (Optimise(from_size=5000), Blur(from_size=16)),
    "nothing at all": (Blur(from_size=5000),),
}


@pytest.mark.parametrize("steps", OTHER_JOBS.values(), ids=OTHER_JOBS)
def test_any_job_can_be_foreseen(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, steps: tuple) -> None:
    job = small_job(exemplar_file(maps=MAPS), maps=MAPS, seed=Noise())
    assert foreseen(with_steps(job, *steps), tmp_path).seconds > 0


def test_a_job_without_exemplars_too(tmp_path: Path) -> None:
    smooth = Optimise(terms=(TotalVariation(),))
    assert foreseen(Job(canvas=Canvas(width=32, height=32), steps=(smooth,)), tmp_path).seconds > 0


def test_a_long_thin_canvas_too(exemplar_file: Describe, tmp_path: Path) -> None:
    job = Job(
        exemplars=(exemplar_file(200, 200),), canvas=Canvas(width=4096, height=64), octaves=Octaves(start_size=64)
    )
    assert foreseen(job, tmp_path).seconds > 0


def test_a_job_that_would_be_refused_is_foreseen_with_the_reason(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_free", lambda device: 2**20)
    job = small_job(exemplar_file(), width=1024, height=1024)
    said = foreseen(job, tmp_path)
    (refused,) = pipeline.run(Request(job=job, out=str(tmp_path / "out"), device=Device.CPU))
    assert said.refusal == refused.message
    assert said.pieces is None  # no way to do what is not done
    assert said.memory > said.memory_free - 2**30


def test_what_the_job_cannot_read_is_bad_input(small_job: MakeJob, tmp_path: Path) -> None:
    end = ending(small_job(Exemplar(maps={MapKind.COLOUR: str(tmp_path / "absent.png")})), tmp_path)
    assert end == Failed(message=f"{tmp_path / 'absent.png'}: there is no such file", reason=FailureReason.INPUT)


def test_a_job_that_does_not_fit_as_a_whole_is_foreseen_in_pieces(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    job = small_job(exemplar_file(), width=6144, height=6144, stride_from=16384, filters=24)
    limit = memory.held(torch.device("cpu")) / 1e9 + 6
    whole, pieces = (foreseen(job, tmp_path, memory=memory_) for memory_ in (0.0, limit))
    assert pieces.memory < whole.memory - 2e9
    assert pieces.memory_free <= round(limit * 1e9)
    assert pieces.pieces
    assert pieces.pieces.startswith("too large to look at as a whole: works in pieces of ")
    assert pieces.refusal is whole.refusal is whole.pieces is None


def test_its_trials_know_what_they_need_as_a_job_that_runs_short_must(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a processor and on Apple's devices lack of memory has no name: it is told by what is there."""
    opened, needs = Descent.__init__, []

    def spied(descent: Descent, step: Any, canvas: torch.Tensor, around: Any, plan: Plan) -> None:
        needs.append(plan.need)
        opened(descent, step, canvas, around, plan)

    monkeypatch.setattr(Descent, "__init__", spied)
    assert foreseen(small_job(exemplar_file()), tmp_path).seconds > 0
    assert len(needs) > 2
    assert min(needs) > 0


def test_a_colour_that_is_made_already_is_held_in_its_trials_too(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exemplar = exemplar_file(maps=MAPS)
    job = small_job(exemplar, maps=MAPS, colour=Picture(path=exemplar.maps[MapKind.COLOUR]))
    minimise, channels = solver.minimise, set()

    def spied(canvas: torch.Tensor, *arguments, **options) -> Iterator[torch.Tensor]:
        channels.add(canvas.shape[1])
        return minimise(canvas, *arguments, **options)

    monkeypatch.setattr(solver, "minimise", spied)
    assert foreseen(job, tmp_path).seconds > 0
    assert channels == {MapKind.HEIGHT.channels}
