import dataclasses
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from neural_texture_addon.engine import pipeline, survey
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.engine.stage import JobFolder
from neural_texture_addon.engine.survey import Axis
from neural_texture_addon.job.description import Canvas, Exemplar, Job, MapKind, Request, Tiling
from neural_texture_addon.job.events import Event, Failed, FailureReason, Finished, Started
from neural_texture_addon.job.wire import to_plain

JOB = Job(exemplars=(Exemplar(maps={MapKind.COLOUR: "/style.png"}),), canvas=Canvas(width=16, height=24))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


def refusal(*varied: str, job: Job = JOB) -> str:
    with pytest.raises(InputError) as caught:
        survey.plan(job, [survey.parse(text) for text in varied])
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def planned(*varied: str, job: Job = JOB) -> survey.Survey:
    return survey.plan(job, [survey.parse(text) for text in varied])


@given(st.lists(SCALARS, min_size=1, unique_by=json.dumps))
def test_values_written_as_json_are_read_back(values: list[object]) -> None:
    assert survey.parse(f"a.b={','.join(map(json.dumps, values))}") == Axis(path="a.b", values=tuple(values))


@given(st.integers(-500, 500), st.integers(-400, 400))
def test_a_range_holds_every_whole_number_from_one_end_to_the_other(first: int, length: int) -> None:
    values = survey.parse(f"a={first}..{first + length}").values
    assert (values[0], values[-1], len(values)) == (first, first + length, abs(length) + 1)
    assert {abs(b - a) for a, b in itertools.pairwise(values)} <= {1}


def test_words_need_no_quotation_marks() -> None:
    assert survey.parse("canvas.tiling=both, none").values == ("both", "none")
    assert survey.parse('a="x, y",1,1.5,4..5').values == ("x, y", 1, 1.5, 4, 5)


@given(st.text())
def test_any_text_is_an_axis_or_is_refused_in_one_line(text: str) -> None:
    try:
        assert survey.parse(text).values
    except InputError as error:
        message = str(error)
        assert len(message.splitlines()) == 1


def _places(plain: object, path: str = "") -> Iterator[str]:
    """The path of every single value."""
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else None
    if inner is None:
        yield path
    for name, item in inner or ():
        yield from _places(item, f"{path}.{name}" if path else str(name))


@pytest.mark.parametrize("path", list(_places(to_plain(JOB))))
def test_every_single_value_of_a_job_can_be_varied(path: str) -> None:
    at = to_plain(JOB)
    for part in path.split("."):
        at = at[int(part) if isinstance(at, list) else part]
    (only,) = survey.plan(JOB, [Axis(path=path, values=(at,))]).combinations
    assert only.job == JOB


def test_all_combinations_are_made_and_nothing_else_is_changed() -> None:
    made = planned("seed=1..3", "canvas.tiling=both,x").combinations
    assert [(c.job.canvas.random_seed, c.job.canvas.tiling.value) for c in made] == [
        (1, "both"), (1, "x"), (2, "both"), (2, "x"), (3, "both"), (3, "x"),
    ]  # fmt: skip
    assert [c.place for c in made] == list(itertools.product(range(3), range(2)))
    for c in made:
        canvas = dataclasses.replace(c.job.canvas, random_seed=1, tiling=Tiling.BOTH)
        assert dataclasses.replace(c.job, canvas=canvas) == JOB


def test_labels_name_the_fields_as_shortly_as_can_be_told_apart() -> None:
    assert planned("seed=1", "canvas.seed.roughness=0.5").combinations[0].label == "seed=1_roughness=0.5"
    two = planned("exemplars.0.weight=1", "steps.0.terms.0.weight=-2").combinations[0]
    assert two.label == "exemplars.0.weight=1_steps.0.terms.0.weight=-2"


@given(st.lists(st.text(), min_size=1, max_size=4, unique=True))
@example(["a.", "A.", "ä/b"])
def test_labels_differ_and_are_names_of_folders_everywhere(texts: list[str]) -> None:
    made = survey.plan(JOB, [Axis(path="exemplars.0.maps.colour", values=tuple(texts))]).combinations
    labels = [c.label for c in made]
    assert len({label.casefold() for label in labels}) == len(texts)
    for label in labels:
        assert not set(label) & set('<>:"/\\|?*\0\n')
        assert not label.endswith(".")
        assert len(label.encode()) <= 255


def test_a_name_too_long_for_a_folder_is_its_place() -> None:
    exemplars = tuple(Exemplar(maps={MapKind.COLOUR: f"/{i}.png"}) for i in range(5))
    axes = [Axis(path=f"exemplars.{i}.maps.colour", values=("a.png", f"{i}{'ü' * 39}")) for i in range(5)]
    labels = [c.label for c in survey.plan(dataclasses.replace(JOB, exemplars=exemplars), axes).combinations]
    assert labels[-1] == "1_1_1_1_1"
    assert len(set(labels)) == 32
    assert max(len(label.encode()) for label in labels) <= 255


REFUSED = {
    "an unknown field": (
        ("canvas.with=1",),
        "--vary canvas.with: there is no 'with' in canvas; allowed: width, height",
    ),
    "an unknown beginning": (("sed=1",), "there is no 'sed' in the job; allowed: exemplars, content, canvas"),
    "an index too large": (("steps.0.terms.1.weight=1",), "there is no '1' in steps.0.terms; allowed: 0"),
    "a negative index": (("steps.-1.from_size=1",), "there is no '-1' in steps; allowed: 0"),
    "more than a value": (("canvas=1",), "canvas: is no single value; allowed: canvas.width, canvas.height"),
    "less than a value": (("canvas.width.x=1",), "there is no 'x' in canvas.width, which is a single value"),
    "a value out of range": (("canvas.width=32,1",), "width=1: canvas.width is 1; allowed: a whole number from 16"),
    "a value of another type": (("canvas.tiling=5",), "canvas.tiling is 5; allowed: both, x, y, none"),
    "a list": (("seed=[1]",), "[1] is no single value"),
    "no values": (("seed=",), "allowed: a field of the job and its values"),
    "no field": (("=1",), "allowed: a field of the job and its values"),
    "no equals sign": (("seed",), "allowed: a field of the job and its values"),
    "a hole": (("seed=1,,2",), "allowed: a field of the job and its values"),
    "a value twice": (("seed=1..3,2",), "names a value twice"),
    "a field twice": (("seed=1", "canvas.random_seed=2"), "names canvas.random_seed twice"),
    "a long range": (("seed=0..1000",), "more than 1000 numbers"),
    "too many": (("seed=1..50", "canvas.width=20..69"), "makes 2500 combinations; allowed: up to 1000"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_varied_is_refused_in_a_line_that_says_what_can(name: str) -> None:
    varied, message = REFUSED[name]
    assert message in refusal(*varied)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """In place of the pipeline: a job saves a picture of the colour of its seed; seed 13 fails, seed 99 is Ctrl-C.

    Returns the seeds that were asked for.
    """
    asked = []

    def run(request: Request) -> Iterator[Event]:
        seed = request.job.canvas.random_seed
        asked.append(seed)
        JobFolder(request.out, request.job)
        yield Started(device="CPU", octaves=((16, 24),))
        if seed == 99:
            raise KeyboardInterrupt
        if seed == 13:
            yield Failed(message="bad luck", reason=FailureReason.FAILURE)
            return
        picture = Image.new("RGB", (16, 24), colour_of(seed))
        picture.save(Path(request.out) / "result.png")
        maps = {MapKind.COLOUR: str(Path(request.out) / "result.png")}
        yield Finished(maps=maps, seconds=1.0, width=16, height=24, seam=None, peak_memory=None)

    monkeypatch.setattr(pipeline, "run", run)
    return asked


def colour_of(seed: int) -> tuple[int, int, int]:
    return (200, seed, 100)


def conduct(out: Path, *varied: str) -> list[tuple[str, Event]]:
    return [(c.label, e) for c, e in survey.run(planned(*varied), Request(job=JOB, out=str(out)))]


def shown(out: Path) -> set[int]:
    """The seeds whose pictures are on the sheet."""
    with Image.open(out / "sheet.png") as image:
        colours = np.asarray(image).reshape(-1, 3)
    return {seed for seed in range(100) if (colours == colour_of(seed)).all(1).any()}


def test_each_result_has_its_folder_and_its_place_on_the_sheet(work: list[int], tmp_path: Path) -> None:
    endings = [label for label, event in conduct(tmp_path, "seed=1..3") if isinstance(event, Finished)]
    assert endings == ["seed=1", "seed=2", "seed=3"]
    assert all((tmp_path / label / "result.png").exists() for label in endings)
    assert shown(tmp_path) == {1, 2, 3}


def test_what_is_done_is_not_done_again_but_shown(work: list[int], tmp_path: Path) -> None:
    conduct(tmp_path, "seed=1..2")
    conduct(tmp_path, "seed=1..3")
    assert work == [1, 2, 3]
    assert shown(tmp_path) == {1, 2, 3}
    conduct(tmp_path, "canvas.random_seed=2")
    assert work == [1, 2, 3]
    assert shown(tmp_path) == {2}


def test_a_folder_of_another_job_or_without_its_result_is_done_again(work: list[int], tmp_path: Path) -> None:
    conduct(tmp_path, "seed=1..2")
    (tmp_path / "seed=1" / "result.png").unlink()
    text = (tmp_path / "seed=2" / "job.json").read_text(encoding="utf-8")
    (tmp_path / "seed=2" / "job.json").write_text(text.replace('"width": 16', '"width": 17'), encoding="utf-8")
    conduct(tmp_path, "seed=1..2")
    assert work == [1, 2, 1, 2]


def test_ctrl_c_keeps_what_is_done_and_the_sheet_of_it(work: list[int], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        conduct(tmp_path, "seed=1,99,3")
    assert shown(tmp_path) == {1}
    assert work == [1, 99]


def test_the_result_of_another_job_is_not_taken_for_an_interrupted_ones(work: list[int], tmp_path: Path) -> None:
    (tmp_path / "seed=99").mkdir()
    (tmp_path / "seed=99" / "result.png").write_bytes(b"old")
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            conduct(tmp_path, "seed=99")
    assert work == [99, 99]


def test_a_job_that_fails_is_marked_and_the_others_are_made(work: list[int], tmp_path: Path) -> None:
    endings = dict(conduct(tmp_path, "seed=1,13,3"))
    assert [type(event) for event in endings.values()] == [Finished, Failed, Finished]
    assert shown(tmp_path) == {1, 3}
    with Image.open(tmp_path / "sheet.png") as image:
        reds = {(r, g, b) for r, g, b in np.asarray(image).reshape(-1, 3).tolist() if r > 150 and g < 130 and b < 95}
    assert reds, "a word in red"


def test_there_is_a_sheet_before_anything_is_done(work: list[int], tmp_path: Path) -> None:
    next(survey.run(planned("seed=1..2"), Request(job=JOB, out=str(tmp_path / "new"))))
    assert shown(tmp_path / "new") == set()


def test_a_file_in_the_folders_place_is_bad_input(work: list[int], tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    with pytest.raises(InputError, match="out is"):
        conduct(tmp_path / "out", "seed=1")


def test_a_path_that_can_never_be_one_is_bad_input(work: list[int], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="out is"):
        conduct(tmp_path / "\0", "seed=1")


def test_relative_paths_among_the_values_count_from_the_working_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    made = planned("exemplars.0.maps.colour=a.png,b.png").combinations
    assert [c.job.exemplars[0].maps[MapKind.COLOUR] for c in made] == [str(tmp_path / n) for n in ("a.png", "b.png")]
    assert [c.label for c in made] == ["colour=a.png", "colour=b.png"]
