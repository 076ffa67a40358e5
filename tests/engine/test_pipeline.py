import dataclasses
import shutil
import weakref
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from neural_texture_addon.engine import clock, ingredients, job_reader, objective, pipeline
from neural_texture_addon.engine.step import Descent
from neural_texture_addon.engine.torus import HEIGHT, TORUS, WIDTH, roll
from neural_texture_addon.job.description import (
    Adam,
    Blur,
    Canvas,
    ChannelMean,
    Content,
    Crop,
    Device,
    Exemplar,
    Gram,
    Histogram,
    Job,
    Layer,
    Lbfgs,
    Levels,
    MapKind,
    MatchColours,
    Noise,
    Octaves,
    Offset,
    Optimise,
    Patches,
    PatternEnhancement,
    Picture,
    Request,
    Sharpen,
    SlicedWasserstein,
    Texels,
    Tiling,
    TotalVariation,
    ValueRange,
    Vgg19,
)
from neural_texture_addon.job.events import (
    Event,
    Failed,
    FailureReason,
    Finished,
    Noted,
    Progress,
    StageSaved,
    Started,
)

Describe = Callable[..., Exemplar]
MakeJob = Callable[..., Job]
SOME = (MapKind.COLOUR, MapKind.HEIGHT, MapKind.ROUGHNESS)


def run(job: Job, out: Path) -> list[Event]:
    return list(pipeline.run(Request(job=job, out=str(out), device=Device.CPU)))


def finished(job: Job, out: Path) -> Finished:
    events = run(job, out)
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1]


def result(job: Job, out: Path) -> bytes:
    return Path(finished(job, out).maps[MapKind.COLOUR]).read_bytes()


def texels(path: Path | str) -> torch.Tensor:
    with Image.open(path) as image:
        return torch.tensor(np.asarray(image, dtype=np.float32) / 255).movedim(2, 0)[None]


def test_the_same_job_gives_the_same_bytes(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    job = small_job(exemplar_file())
    assert result(job, tmp_path / "a") == result(job, tmp_path / "b")


def test_another_seed_gives_other_bytes(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    one, other = (small_job(exemplar_file(), random_seed=seed) for seed in (1, 2))
    assert result(one, tmp_path / "a") != result(other, tmp_path / "b")


def test_the_saved_job_gives_the_same_bytes(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    job = small_job(exemplar_file(scale=0.7, crop=Crop(left=0.1, width=0.8)), growth=2**0.5, seed=Noise())
    first = result(job, tmp_path / "a")
    again = job_reader.read_file(str(tmp_path / "a" / "job.json"))
    assert again == job
    assert result(again, tmp_path / "b") == first


def files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def many_steps(job: Job) -> Job:
    """Steps of all kinds that draw random numbers, or start from what the step before left."""
    gram = Gram(features=Texels())
    sliced = SlicedWasserstein(features=Texels(), projections=8)
    smooth = Optimise(terms=(gram, TotalVariation()), solver=Lbfgs(iterations=2, coarse_iterations=2), to_size=20)
    mixed = Optimise(terms=(sliced, gram), solver=Adam(iterations=3, coarse_iterations=2, average_from=0.3))
    steps = (*job.steps, Blur(radius=0.7), MatchColours(), smooth, mixed, Sharpen(from_size=20), Levels(gamma=1.1))
    return dataclasses.replace(job, steps=steps)


def test_a_step_has_the_memory_that_the_one_before_it_took(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, descents, alive = Descent.__init__, [], []

    def spied(descent: Descent, *arguments: Any) -> None:
        alive.append(sum(each() is not None for each in descents))
        descents.append(weakref.ref(descent))
        opened(descent, *arguments)

    monkeypatch.setattr(Descent, "__init__", spied)
    finished(many_steps(small_job(exemplar_file())), tmp_path / "out")
    assert len(alive) > 3
    assert not any(alive)


RESUMED = {
    "patches": {},
    "patches along one axis": {"tiling": Tiling.X, "height": 26, "width": 45},
    "every kind of step": {"seed": Noise(), "tiling": Tiling.NONE},
    "several maps": {"maps": SOME},
}


@pytest.mark.parametrize("name", RESUMED)
def test_a_job_goes_on_from_any_stage_to_the_same_bytes(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, name: str
) -> None:
    job = small_job(exemplar_file(maps=SOME), iterations=5, growth=2**0.5, **RESUMED[name])
    job = many_steps(job) if "step" in name else job
    whole = finished(job, tmp_path / "whole").maps
    octaves = len(list((tmp_path / "whole" / "stages").glob("*.safetensors")))
    assert octaves >= 3
    out = tmp_path / "out"
    for number in range(1, octaves + 1):
        shutil.rmtree(out, ignore_errors=True)
        for event in (events := pipeline.run(Request(job=job, out=str(out), device=Device.CPU))):
            if isinstance(event, StageSaved) and event.octave == number:
                events.close()
                break
        assert not (out / "result.png").exists()
        ending = list(pipeline.run(Request(job=job, out=str(out), device=Device.CPU, resume_from=number)))[-1]
        assert isinstance(ending, Finished), ending
        assert ending.maps.keys() == whole.keys()
        assert files(out) == files(tmp_path / "whole"), number


def test_a_finished_job_goes_on_from_an_earlier_stage_to_the_same_bytes(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    job = small_job(exemplar_file(), growth=2**0.5)
    finished(job, tmp_path)
    before = files(tmp_path)
    events = list(pipeline.run(Request(job=job, out=str(tmp_path), device=Device.CPU, resume_from=2)))
    saved = [event.octave for event in events if isinstance(event, StageSaved)]
    assert saved == list(range(3, 3 + len(saved)))
    assert len(events[0].octaves) == saved[-1]
    assert files(tmp_path) == before


def test_in_each_octave_colours_are_matched_to_the_exemplar_at_its_scale(small_job: MakeJob, tmp_path: Path) -> None:
    """Seen from afar, black and white dots are grey."""
    dots = np.random.default_rng(1).integers(0, 2, (64, 64, 1), dtype=np.uint8).repeat(3, 2) * 255
    Image.fromarray(dots).save(tmp_path / "dots.png")
    job = small_job(Exemplar(maps={MapKind.COLOUR: str(tmp_path / "dots.png")}), width=64, height=64, growth=4.0)
    job = dataclasses.replace(job, steps=(MatchColours(),))
    stages = [event for event in run(job, tmp_path / "out") if isinstance(event, StageSaved)]
    spreads = [float(texels(stage.maps[MapKind.COLOUR]).std()) for stage in stages]
    assert spreads[0] < 0.2
    assert spreads[-1] > 0.45


@pytest.mark.usefixtures("_talkative")
def test_progress_goes_on_too(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    job = small_job(exemplar_file(), iterations=40)
    whole = [event for event in run(job, tmp_path) if isinstance(event, Progress)]
    events = pipeline.run(Request(job=job, out=str(tmp_path), device=Device.CPU, resume_from=1))
    rest = [event for event in events if isinstance(event, Progress)]
    later = [(p.octave, p.iteration, pytest.approx(p.fraction)) for p in whole if p.octave > 1]
    assert [(p.octave, p.iteration, p.fraction) for p in rest] == later


def test_what_cannot_be_resumed_is_bad_input_and_stays_as_it_was(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    job = small_job(exemplar_file())
    finished(job, out)
    before = files(out)
    other = small_job(exemplar_file(), random_seed=2)
    smaller = small_job(exemplar_file(scale=0.5))
    for asked, number in ((job, 99), (other, 1), (smaller, 1)):
        ending = list(pipeline.run(Request(job=asked, out=str(out), device=Device.CPU, resume_from=number)))
        assert [type(event) for event in ending] == [Failed]
        assert ending[0].reason is FailureReason.INPUT
        assert files(out) == before
    missing = list(pipeline.run(Request(job=job, out=str(tmp_path / "no"), device=Device.CPU, resume_from=1)))
    assert [type(event) for event in missing] == [Failed]
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("growth", [2.0, 2**0.5, 1 / 0.85, 4.0])
@pytest.mark.parametrize(("width", "height"), [(32, 32), (48, 20)])
def test_every_octave_is_saved_when_it_ends_and_announced(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, growth: float, width: int, height: int
) -> None:
    job = small_job(exemplar_file(), growth=growth, width=width, height=height, iterations=1)
    saved = []
    for event in pipeline.run(Request(job=job, out=str(tmp_path), device=Device.CPU)):
        if isinstance(event, Started):
            octaves = event.octaves
        if isinstance(event, StageSaved):
            path = Path(event.maps[MapKind.COLOUR])
            with Image.open(path) as image:
                assert image.size == (event.width, event.height) == octaves[event.octave - 1]
            saved.append(path)
            assert sorted((tmp_path / "stages").glob("*.png")) == saved
            assert len(list((tmp_path / "stages").iterdir())) == 2 * len(saved)
            assert not (tmp_path / "result.png").exists()
    assert len(saved) == len(octaves) > 1
    assert octaves[-1] == (width, height)
    last, made = texels(saved[-1]), texels(tmp_path / "result.png")
    rolls = [(dy, dx) for dy in range(height) for dx in range(width)]
    assert any(torch.equal(roll(last, *by), made) for by in rolls)


@pytest.fixture
def _talkative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress at each iteration."""
    monkeypatch.setattr(clock, "_SECONDS_BETWEEN_REPORTS", 0)


@pytest.mark.usefixtures("_talkative")
def test_events_come_in_order(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    job = small_job(exemplar_file(), iterations=40)
    job = dataclasses.replace(job, steps=job.steps * 2)
    events = run(job, tmp_path)
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert {type(event) for event in events[1:-1]} <= {Progress, StageSaved, Noted}
    progress = [event for event in events if isinstance(event, Progress)]
    places = [(p.octave, p.step, p.iteration) for p in progress]
    assert places == sorted(places)
    fractions = [p.fraction for p in progress]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    for p in progress:
        assert 1 <= p.octave <= p.octaves
        assert 1 <= p.step <= p.steps == 2
        assert 1 <= p.iteration <= p.iterations == 40
        assert 0 < p.fraction <= 1


@pytest.mark.usefixtures("_talkative")
def test_an_octave_that_has_converged_ends_before_its_time(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    """By a tolerance that any fall is within: after two windows of 10 iterations, and half of that."""
    job = small_job(exemplar_file())
    adam = Adam(iterations=80, coarse_iterations=80, tolerance=1.0)
    job = dataclasses.replace(job, steps=(dataclasses.replace(job.steps[0], solver=adam),))
    *events, end = run(job, tmp_path / "out")
    assert isinstance(end, Finished)
    progress = [event for event in events if isinstance(event, Progress)]
    assert {p.octave for p in progress} == set(range(1, progress[0].octaves + 1))
    for octave in range(1, progress[0].octaves + 1):
        assert [p.iteration for p in progress if p.octave == octave] == list(range(1, 31))
    fractions = [p.fraction for p in progress]
    assert fractions == sorted(fractions)
    step, jump = (after - before for before, after in pairwise(fractions[28:31]))
    assert jump > 2 * step  # what was spared is no longer ahead


def last_stage(job: Job, out: Path) -> torch.Tensor:
    """The canvas before its border is put where it shows least: there a measure would not find a seam."""
    saved = [event for event in run(job, out) if isinstance(event, StageSaved)]
    return texels(saved[-1].maps[MapKind.COLOUR])


@pytest.mark.parametrize("tiling", Tiling)
def test_the_canvas_has_no_seam_along_the_wrapped_axes(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, seam: Callable[..., float], tiling: Tiling
) -> None:
    job = small_job(exemplar_file(64, 64), iterations=40, width=64, height=48, tiling=tiling)
    made = last_stage(job, tmp_path)
    if tiling in (Tiling.BOTH, Tiling.X):
        assert seam(made, WIDTH) < 1.1
    if tiling in (Tiling.BOTH, Tiling.Y):
        assert seam(made, HEIGHT) < 1.1


def test_along_an_axis_with_an_end_the_two_ends_are_free(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, seam: Callable[..., float]
) -> None:
    """What the wrap does: without it, the ends of some canvas differ more than any two neighbours."""
    jumps = []
    for seed in range(3):
        job = small_job(exemplar_file(64, 64), iterations=40, width=48, height=48, tiling=Tiling.X, random_seed=seed)
        jumps.append(seam(last_stage(job, tmp_path), HEIGHT))
    assert max(jumps) > 1.2


def test_the_results_border_is_the_calmest_of_the_wrapped_axes_only(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    job = small_job(exemplar_file(), tiling=Tiling.X)
    stage, made = last_stage(job, tmp_path), texels(tmp_path / "result.png")
    jumps = (made.roll(-1, WIDTH) - made).abs().mean((0, 1, 2))
    assert float(jumps[-1]) < float(jumps.min()) + 1 / 255
    assert any(torch.equal(roll(stage, 0, dx), made) for dx in range(32))


def test_each_map_is_written(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    events = run(small_job(exemplar_file(maps=SOME), maps=SOME), tmp_path)
    stages = [event for event in events if isinstance(event, StageSaved)]
    for maps in [*(stage.maps for stage in stages), events[-1].maps]:
        assert set(maps) == set(SOME)
        for kind, path in maps.items():
            with Image.open(path) as image:
                assert image.mode == ("RGB" if kind.channels == 3 else "L")
    with Image.open(tmp_path / "result_height.png") as height, Image.open(tmp_path / "result_roughness.png") as rough:
        assert height.size == rough.size == (32, 32)
        assert height.tobytes() != rough.tobytes()


def test_a_job_without_colour_is_a_job(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    maps = (MapKind.HEIGHT,)
    assert set(finished(small_job(exemplar_file(maps=maps), maps=maps), tmp_path).maps) == {MapKind.HEIGHT}


def test_two_exemplars_leave_each_its_trace(tmp_path: Path, small_job: MakeJob) -> None:
    paths = {}
    for name, colour in (("dark", 20), ("light", 230)):
        noise = np.random.default_rng(1).integers(colour - 20, colour + 20, (40, 40, 3)).astype(np.uint8)
        Image.fromarray(noise).save(tmp_path / f"{name}.png")
        paths[name] = {MapKind.COLOUR: str(tmp_path / f"{name}.png")}
    job = small_job(Exemplar(maps=paths["dark"], weight=3), Exemplar(maps=paths["light"], weight=1), iterations=30)
    made = texels(finished(job, tmp_path / "out").maps[MapKind.COLOUR])
    assert 0.1 < float((made > 0.5).float().mean()) < 0.45


@pytest.mark.parametrize("first", [True, False])
def test_an_exemplar_without_weight_leaves_no_trace(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, first: bool
) -> None:
    """Not in the colours, not in the patterns, and not in the pyramid, which the smallest exemplar governs."""
    one, none = exemplar_file(), exemplar_file(20, 20, seed=5, weight=0.0)
    alone = result(small_job(one), tmp_path / "a")
    both = (none, one) if first else (one, none)
    assert result(small_job(*both), tmp_path / "b") == alone


@pytest.mark.usefixtures("_talkative")
def test_the_loss_falls(exemplar_file: Describe, tmp_path: Path) -> None:
    job = Job(
        exemplars=(exemplar_file(48, 48),),
        canvas=dataclasses.replace(Job(exemplars=()).canvas, width=48, height=48, seed=Noise()),
        octaves=Octaves(start_size=48),
        steps=(Optimise(solver=Adam(iterations=150)),),
    )
    losses = [event.loss for event in run(job, tmp_path) if isinstance(event, Progress)]
    assert len(losses) == 150
    assert sum(losses[-10:]) < 0.5 * sum(losses[:10])


def test_stopping_early_keeps_the_stages(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    events = pipeline.run(Request(job=small_job(exemplar_file()), out=str(tmp_path), device=Device.CPU))
    saved = next(event for event in events if isinstance(event, StageSaved))
    events.close()
    assert texels(saved.maps[MapKind.COLOUR]).shape == (1, 3, saved.height, saved.width)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir() or path.name != "colour.png")
    assert not (tmp_path / "result.png").exists()
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]


EXTREMES: dict[str, tuple[dict, dict]] = {
    "a tiny canvas": ({"width": 16, "height": 16}, {}),
    "a narrow canvas": ({"width": 16, "height": 300}, {}),
    "a flat canvas": ({"width": 300, "height": 16}, {}),
    "a narrow exemplar": ({}, {"height": 16, "width": 500}),
    "the smallest exemplar": ({}, {"height": 16, "width": 16}),
    "a canvas larger than the exemplar": ({"width": 80, "height": 72}, {"height": 18, "width": 24}),
    "an exemplar larger than the canvas": ({"width": 16, "height": 16}, {"height": 300, "width": 200}),
    "a start beyond the canvas": ({"start_size": 4096}, {}),
    "the least growth": ({"growth": 1.05, "iterations": 1}, {}),
    "the most growth": ({"growth": 4.0, "start_size": 8}, {}),
    "one iteration": ({"iterations": 1}, {}),
    "a stride always": ({"stride_from": 0}, {}),
}


@pytest.mark.parametrize("name", EXTREMES)
@pytest.mark.parametrize("tiling", [Tiling.BOTH, Tiling.X])
def test_extremes_end_well(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, name: str, tiling: Tiling
) -> None:
    fields, picture = EXTREMES[name]
    job = small_job(exemplar_file(**picture), tiling=tiling, **fields)
    made = texels(finished(job_reader.checked(job), tmp_path).maps[MapKind.COLOUR])
    assert made.shape == (1, 3, job.canvas.height, job.canvas.width)
    assert float(made.std()) > 0.02


@pytest.mark.parametrize("stride", [1, 8])
@pytest.mark.parametrize("size", [2, 16])
def test_windows_and_strides_at_their_limits_end_well(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, stride: int, size: int
) -> None:
    features = Patches(size=size, filters=1, stride=stride, stride_from=0)
    step = Optimise(terms=(SlicedWasserstein(features=features),), solver=Adam(iterations=2, coarse_iterations=2))
    for tiling in (Tiling.BOTH, Tiling.Y):
        job = small_job(exemplar_file(16, 90), width=16, height=40, start_size=16, tiling=tiling)
        finished(job_reader.checked(dataclasses.replace(job, steps=(step,))), tmp_path)


def test_a_window_larger_than_an_exemplar_is_bad_input(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    exemplar = exemplar_file(16, 90)
    step = Optimise(terms=(SlicedWasserstein(features=Patches(size=20)),))
    job = dataclasses.replace(small_job(exemplar, start_size=32), steps=(step,))
    ending = run(job_reader.checked(job), tmp_path)[-1]
    assert isinstance(ending, Failed)
    assert ending.reason is FailureReason.INPUT
    assert exemplar.maps[MapKind.COLOUR] in ending.message


@pytest.mark.parametrize("weights", [(0.0,), (-1.0,), (1.0, -1.0), (1000.0,), (-1000.0, 0.0)])
def test_any_weights_of_terms_end_well(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path, weights: tuple[float, ...]
) -> None:
    terms = tuple(SlicedWasserstein(weight=w, features=Patches(size=4, filters=4)) for w in weights)
    step = Optimise(terms=terms, solver=Adam(iterations=4, coarse_iterations=2, average_from=1.0, learning_rate=1.0))
    finished(dataclasses.replace(small_job(exemplar_file()), steps=(step,)), tmp_path)


def test_an_exemplar_of_one_colour_ends_well(small_job: MakeJob, tmp_path: Path) -> None:
    Image.new("RGB", (32, 32), (100, 150, 200)).save(tmp_path / "flat.png")
    job = small_job(Exemplar(maps={MapKind.COLOUR: str(tmp_path / "flat.png")}), iterations=20)
    made = texels(finished(job, tmp_path / "out").maps[MapKind.COLOUR])
    wanted = torch.tensor([100, 150, 200]).view(1, 3, 1, 1) / 255
    assert float((made - wanted).abs().mean()) < 0.05


def test_bad_input_fails_as_such_before_a_folder_is_made(small_job: MakeJob, tmp_path: Path) -> None:
    events = run(small_job(Exemplar(maps={MapKind.COLOUR: str(tmp_path / "missing.png")})), tmp_path / "out")
    assert [type(event) for event in events] == [Failed]
    assert events[0].reason is FailureReason.INPUT
    assert not (tmp_path / "out").exists()


def test_a_scale_that_makes_nothing_of_the_exemplar_is_bad_input(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    ending = run(small_job(exemplar_file(scale=0.01)), tmp_path / "out")[-1]
    assert isinstance(ending, Failed)
    assert ending.reason is FailureReason.INPUT


def test_a_much_larger_exemplar_is_noted(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    events = run(small_job(exemplar_file(200, 200), width=16, height=16, iterations=1), tmp_path)
    assert next(event.message for event in events if isinstance(event, Noted)).endswith("would show all of it")
    assert not [e for e in run(small_job(exemplar_file(), iterations=1), tmp_path) if isinstance(e, Noted)]


def test_what_has_its_place_is_not_rolled(exemplar_file: Describe, tmp_path: Path) -> None:
    """A picture on the torus stays where it is, and goes where an Offset step puts it."""
    path = exemplar_file(32, 32).maps[MapKind.COLOUR]
    canvas = Canvas(width=32, height=32, seed=Picture(path=path))
    with Image.open(path) as image:
        picture = np.asarray(image)
    for step, expected in ((Levels(), picture), (Offset(x=0.25, y=0.0), np.roll(picture, 8, 1))):
        job = Job(canvas=canvas, octaves=Octaves(start_size=32), steps=(step,))
        *_, ending = pipeline.run(Request(job=job, out=str(tmp_path / "out"), device=Device.CPU))
        assert isinstance(ending, Finished), ending
        with Image.open(ending.maps[MapKind.COLOUR]) as image:
            assert np.array_equal(np.asarray(image), expected)


WEIGHTS = Path(__file__).parents[3] / "shared" / "weights" / "vgg19_features_conv1_1_to_conv3_4.pth"


def picture_job(path: str, *terms: object, iterations: int = 8, **fields: object) -> Job:
    """A job that starts from a picture, in one octave."""
    solver = Adam(iterations=iterations, average_from=1.0)
    return Job(
        canvas=Canvas(width=48, height=40, seed=Picture(path=path)),
        octaves=Octaves(start_size=64),
        steps=(Optimise(terms=terms, solver=solver),),
        **fields,
    )


def contrast(image: torch.Tensor) -> float:
    """Root mean square of its texels: what pattern enhancement of texels is about."""
    return float(image.square().mean().sqrt())


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_job_of_pattern_enhancement_alone_enhances(exemplar_file: Describe, tmp_path: Path, sign: float) -> None:
    """Without an exemplar; a negative weight turns it around."""
    path = exemplar_file().maps[MapKind.COLOUR]
    job = job_reader.checked(picture_job(path, PatternEnhancement(weight=sign, features=Texels())))
    made = texels(finished(job, tmp_path / "out").maps[MapKind.COLOUR])
    assert sign * (contrast(made) - contrast(texels(path))) > 0.05


@pytest.mark.weights
@pytest.mark.skipif(not WEIGHTS.is_file(), reason=f"{WEIGHTS.name} is not in the folder beside the repository's")
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_patterns_of_the_trained_network_are_enhanced_too(exemplar_file: Describe, tmp_path: Path, sign: float) -> None:
    path, layers = exemplar_file().maps[MapKind.COLOUR], [Layer.RELU1_2, Layer.RELU2_1]
    job = picture_job(path, PatternEnhancement(weight=sign, features=Vgg19(layers=dict.fromkeys(layers, 1.0))))
    request = Request(job=job, out=str(tmp_path / "out"), device=Device.CPU, weights=str(WEIGHTS))
    *_, ending = pipeline.run(request)
    network = ingredients.vgg.load(str(WEIGHTS), layers, job.canvas.maps, torch.device("cpu"))
    start, made = (
        network.on_canvas(texels(p), layers, Vgg19().pooling, TORUS) for p in (path, ending.maps[MapKind.COLOUR])
    )
    for layer in layers:
        assert sign * (contrast(made[layer]) / contrast(start[layer]) - 1) > 0.05


@pytest.mark.parametrize("named", ["", "missing.pth"])
def test_a_job_without_the_weights_that_it_needs_ends_in_one_line(
    exemplar_file: Describe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setattr(ingredients.weight_files, "default_path", lambda: tmp_path / "none.safetensors")
    job = picture_job(exemplar_file().maps[MapKind.COLOUR], PatternEnhancement())
    weights = named and str(tmp_path / named)
    (ending,) = pipeline.run(Request(job=job, out=str(tmp_path / "out"), device=Device.CPU, weights=weights))
    assert isinstance(ending, Failed)
    assert ending.reason is FailureReason.INPUT
    assert len(ending.message.splitlines()) == 1
    assert "weights" in ending.message
    assert not (tmp_path / "out").exists()


def test_terms_follow_the_exemplars_that_they_name(small_job: MakeJob, tmp_path: Path) -> None:
    """Of three, the middle one has no weight: the last is still number 2."""
    described = []
    for number, (colour, weight) in enumerate([((200, 60, 60), 1.0), ((60, 200, 60), 0.0), ((60, 60, 200), 1.0)]):
        Image.new("RGB", (40, 40), colour).save(tmp_path / f"{number}.png")
        described.append(Exemplar(maps={MapKind.COLOUR: str(tmp_path / f"{number}.png")}, weight=weight))
    plain = small_job(*described, iterations=60)
    for chosen, colour in (
        ((0,), (200, 60, 60)),
        ((2,), (60, 60, 200)),
        ((0, 2), (130, 60, 130)),
        ((), (130, 60, 130)),
    ):
        term = ChannelMean(features=Texels(), exemplars=chosen)
        step = Optimise(terms=(term,), solver=Adam(iterations=60, coarse_iterations=60))
        job = job_reader.checked(dataclasses.replace(plain, steps=(step,)))
        made = texels(finished(job, tmp_path / "out").maps[MapKind.COLOUR]).mean((0, 2, 3))
        torch.testing.assert_close(made, torch.tensor(colour) / 255, atol=0.03, rtol=0)


def test_two_terms_may_each_follow_its_own_exemplar(small_job: MakeJob, tmp_path: Path) -> None:
    """Equal terms meet half way; a share of the weight is a share of the way."""
    described = []
    for level in (50, 200):
        Image.new("RGB", (40, 40), (level,) * 3).save(tmp_path / f"{level}.png")
        described.append(Exemplar(maps={MapKind.COLOUR: str(tmp_path / f"{level}.png")}))
    means = []
    for weight in (0.05, 1.0, 20.0):
        terms = (
            ChannelMean(features=Texels(), exemplars=(0,)),
            ChannelMean(weight=weight, features=Texels(), exemplars=(1,)),
        )
        step = Optimise(terms=terms, solver=Adam(iterations=60, coarse_iterations=60))
        job = job_reader.checked(dataclasses.replace(small_job(*described), steps=(step,)))
        means.append(255 * float(texels(finished(job, tmp_path / "out").maps[MapKind.COLOUR]).mean()))
    expected = [(50 / 50**2 + w * 200 / 200**2) / (1 / 50**2 + w / 200**2) for w in (0.05, 1.0, 20.0)]
    assert means == pytest.approx(expected, abs=5)


def test_more_weight_on_content_leads_nearer_to_it(exemplar_file: Describe, tmp_path: Path) -> None:
    path, style = exemplar_file(40, 48, seed=3).maps[MapKind.COLOUR], exemplar_file()
    apart = []
    for weight in (0.01, 0.3, 10.0):
        terms = Histogram(features=Texels()), Content(weight=weight, features=Texels())
        job = picture_job(path, *terms, iterations=40, exemplars=(style,), content=Picture(path=path))
        job = dataclasses.replace(job, canvas=dataclasses.replace(job.canvas, seed=Noise()))
        made = texels(finished(job_reader.checked(job), tmp_path / "out").maps[MapKind.COLOUR])
        apart.append(float((made - texels(path)).square().mean()))
    assert apart[0] > apart[1] > apart[2]
    assert apart[2] < 0.1 * apart[0]


def test_each_magnification_shows_in_the_target(exemplar_file: Describe, small_job: MakeJob, tmp_path: Path) -> None:
    one, many = exemplar_file(64, 64), exemplar_file(64, 64, magnifications=(1.0, 0.5))
    assert result(small_job(one), tmp_path / "a") != result(small_job(many), tmp_path / "b")


def test_a_step_is_left_out_in_octaves_of_other_sizes(
    exemplar_file: Describe, small_job: MakeJob, tmp_path: Path
) -> None:
    job = small_job(exemplar_file(), iterations=2)
    (step,) = job.steps
    never, late = (dataclasses.replace(step, from_size=size) for size in (4000, 20))
    plain = result(job, tmp_path / "a")
    assert result(dataclasses.replace(job, steps=(step, never)), tmp_path / "b") == plain
    assert result(dataclasses.replace(job, steps=(step, late)), tmp_path / "c") != plain
    finished(dataclasses.replace(job, steps=(never,)), tmp_path / "d")


@pytest.mark.parametrize("solver", [Adam(iterations=1), Lbfgs(iterations=1)])
def test_a_canvas_that_became_no_number_ends_clearly(
    exemplar_file: Describe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, solver: Adam | Lbfgs
) -> None:
    """Also where every loss was one: the slope of a root at zero isn't."""
    monkeypatch.setattr(objective.Objective, "__call__", lambda _self, canvas, _drawn: (0 * canvas).sqrt().sum())
    job = picture_job(exemplar_file().maps[MapKind.COLOUR], ValueRange())
    job = dataclasses.replace(job, steps=(Optimise(terms=(ValueRange(),), solver=solver),))
    ending = run(job, tmp_path / "out")[-1]
    assert isinstance(ending, Failed)
    assert ending.reason is FailureReason.FAILURE
    assert "octave 1" in ending.message
    assert len(ending.message.splitlines()) == 1
