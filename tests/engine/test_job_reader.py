import dataclasses
import json
import typing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine import job_reader
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.job.description import (
    Adam,
    Bits,
    Canvas,
    Content,
    Exemplar,
    FileFormat,
    Flat,
    FromContent,
    Gram,
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
    Output,
    Patches,
    PatternAlignment,
    PatternEnhancement,
    Picture,
    Plasma,
    Request,
    Seed,
    Sharpen,
    SlicedWasserstein,
    Solver,
    Step,
    StyleTerm,
    Term,
    Texels,
    Tiling,
    TotalVariation,
    ValueRange,
    Vgg19,
)
from neural_texture_addon.job.wire import job_to_json, to_line, to_plain

STYLE = Exemplar(maps={MapKind.COLOUR: "style.png"})
SMALL = Job(exemplars=(STYLE,))


def refusal(job: Job) -> str:
    with pytest.raises(InputError) as caught:
        job_reader.checked(job)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@given(st.from_type(Job))
def test_any_job_fits_together_or_is_refused_in_one_line(job: Job) -> None:
    try:
        assert job_reader.checked(job) is job
    except InputError as error:
        message = str(error)
        assert len(message.splitlines()) == 1


@given(st.one_of(st.text(), st.from_type(Request).map(to_line)))
def test_any_line_is_a_request_or_bad_input(line: str) -> None:
    try:
        assert isinstance(job_reader.read_request(line), Request)
    except InputError as error:
        message = str(error)
        assert len(message.splitlines()) == 1


@given(st.binary(max_size=60))
def test_any_file_is_a_job_or_bad_input(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "job.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        job_reader.read_file(str(path))
    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_faults_between_fields_are_named_all_at_once() -> None:
    large = SlicedWasserstein(features=Patches(size=24))
    job = Job(
        exemplars=(dataclasses.replace(STYLE, weight=0.0),),
        canvas=Canvas(width=16, maps=(MapKind.COLOUR, MapKind.HEIGHT, MapKind.COLOUR)),
        steps=(Optimise(), Optimise(terms=(SlicedWasserstein(), large))),
    )
    message = refusal(job)
    assert "all weights are 0" in message
    assert "exemplars[0].maps lacks height" in message
    assert "canvas.maps names a map twice" in message
    assert "steps[1].terms[1].features.size is 24" in message
    assert "steps[0]" not in message


def test_a_window_may_not_be_larger_than_the_first_octave() -> None:
    def job(start_size: int) -> Job:
        terms = (SlicedWasserstein(features=Patches(size=20)),)
        return Job(exemplars=(STYLE,), octaves=Octaves(start_size=start_size), steps=(Optimise(terms=terms),))

    assert "octaves.start_size (19)" in refusal(job(19))
    assert job_reader.checked(job(20))


def test_a_webp_larger_than_webp_can_be_is_refused_before_the_work() -> None:
    def job(width: int) -> Job:
        return Job(exemplars=(STYLE,), canvas=Canvas(width=width), output=Output(format=FileFormat.WEBP))

    assert "webp" in refusal(job(16384))
    assert job_reader.checked(job(16383))


def test_more_bits_than_a_format_has_are_refused_before_the_work() -> None:
    said = {
        (FileFormat.WEBP, Bits.SIXTEEN): "output.bits is 16; webp has up to 8 (more: png, tiff, exr)",
        (FileFormat.WEBP, Bits.THIRTY_TWO): "output.bits is 32; webp has up to 8 (more: exr)",
        (FileFormat.PNG, Bits.THIRTY_TWO): "output.bits is 32; png has up to 16 (more: exr)",
        (FileFormat.TIFF, Bits.THIRTY_TWO): "output.bits is 32; tiff has up to 16 (more: exr)",
    }
    for file_format in FileFormat:
        for bits in Bits:
            job = Job(exemplars=(STYLE,), output=Output(format=file_format, bits=bits))
            if (file_format, bits) in said:
                assert refusal(job) == said[file_format, bits]
            else:
                assert job_reader.checked(job)


NEEDLESS = Canvas(seed=Flat())
"""A canvas that asks for no image."""
STYLE_FREE = (TotalVariation(), ValueRange(), PatternEnhancement())


@pytest.mark.parametrize("term", [*(kind() for kind in typing.get_args(StyleTerm)), PatternAlignment()], ids=repr)
def test_a_term_about_the_style_needs_an_exemplar(term: Term) -> None:
    job = Job(canvas=NEEDLESS, steps=(Optimise(terms=(ValueRange(), term)),))
    assert refusal(job) == "exemplars is empty; steps[0].terms[1] needs at least one"
    assert job_reader.checked(dataclasses.replace(job, exemplars=(STYLE,)))


def test_noise_needs_an_exemplars_colours() -> None:
    job = Job(canvas=Canvas(seed=Noise()), steps=(Sharpen(),))
    assert refusal(job) == "exemplars is empty; canvas.seed needs at least one"
    assert job_reader.checked(dataclasses.replace(job, exemplars=(STYLE,)))


def test_to_match_colours_needs_an_exemplar() -> None:
    assert "exemplars is empty; steps[1] needs" in refusal(Job(canvas=NEEDLESS, steps=(Sharpen(), MatchColours())))


@pytest.mark.parametrize("seed", [Plasma(), Flat(), Picture(path="a.png")], ids=repr)
def test_what_needs_no_style_needs_no_exemplar(seed: Seed) -> None:
    assert job_reader.checked(Job(canvas=Canvas(seed=seed), steps=(Optimise(terms=STYLE_FREE), Sharpen())))


@pytest.mark.parametrize(
    ("canvas", "term", "at"),
    [(NEEDLESS, Content(), "steps[0].terms[0]"), (Canvas(seed=FromContent()), ValueRange(), "canvas.seed")],
)
def test_what_follows_a_content_image_needs_one(canvas: Canvas, term: Term, at: str) -> None:
    job = Job(canvas=canvas, steps=(Optimise(terms=(term,)),))
    assert refusal(job) == f"content is missing; {at} needs it"
    assert job_reader.checked(dataclasses.replace(job, content=Picture(path="a.png")))


@given(st.integers(0, 9), st.integers(1, 5))
def test_a_term_names_exemplars_that_are_there(number: int, count: int) -> None:
    job = Job(exemplars=(STYLE,) * count, steps=(Optimise(terms=(SlicedWasserstein(exemplars=(number,)),)),))
    if number < count:
        assert job_reader.checked(job)
    else:
        assert f"steps[0].terms[0].exemplars names {number}; there are {count}" in refusal(job)


def test_a_term_names_no_exemplar_without_weight() -> None:
    exemplars = (STYLE, dataclasses.replace(STYLE, weight=0.0))
    job = Job(exemplars=exemplars, steps=(Optimise(terms=(SlicedWasserstein(exemplars=(0, 1)),)),))
    assert refusal(job) == "steps[0].terms[0].exemplars names 1, whose weight is 0"


@pytest.mark.parametrize("at", [Picture(path="a.png"), FromContent(), MatchColours(), Levels()], ids=repr)
def test_what_is_about_colour_needs_it_in_the_canvas(at: Seed | Step) -> None:
    def job(*maps: MapKind) -> Job:
        exemplar = Exemplar(maps=dict.fromkeys(maps, "a.png"))
        seed, steps = (Flat(), (Sharpen(), at)) if isinstance(at, Step) else (at, (Sharpen(),))
        canvas = Canvas(maps=maps, seed=seed)
        return Job(exemplars=(exemplar,), content=Picture(path="a.png"), canvas=canvas, steps=steps)

    place = "steps[1]" if isinstance(at, Step) else "canvas.seed"
    assert refusal(job(MapKind.HEIGHT)) == f"canvas.maps lacks colour, which {place} is about"
    assert job_reader.checked(job(MapKind.HEIGHT, MapKind.COLOUR))


DRAWN = [SlicedWasserstein(), SlicedWasserstein(features=Texels()), Gram(features=Patches(size=4))]


@pytest.mark.parametrize("term", DRAWN, ids=repr)
def test_lbfgs_takes_no_term_that_is_drawn_anew_at_each_iteration(term: Term) -> None:
    def job(solver: Solver) -> Job:
        return Job(exemplars=(STYLE,), steps=(Sharpen(), Optimise(terms=(Gram(), term), solver=solver)))

    assert "steps[1].solver is lbfgs, which can't follow terms[1]" in refusal(job(Lbfgs()))
    assert job_reader.checked(job(Adam()))


@pytest.mark.parametrize("term", [Gram(), ValueRange(), Gram(features=Texels())], ids=repr)
def test_lbfgs_takes_any_other_term(term: Term) -> None:
    assert job_reader.checked(Job(exemplars=(STYLE,), steps=(Optimise(terms=(term,), solver=Lbfgs()),)))


@given(st.floats(0, 1), st.floats(0, 1))
def test_black_is_darker_than_white(black: float, white: float) -> None:
    job = Job(canvas=NEEDLESS, steps=(Levels(black=black, white=white),))
    if black < white:
        assert job_reader.checked(job)
    else:
        assert refusal(job) == f"steps[0].white is {white}; allowed: more than its black ({black})"


@given(st.integers(0, 16384), st.integers(0, 16384))
def test_a_step_is_for_some_octave(from_size: int, to_size: int) -> None:
    job = Job(canvas=NEEDLESS, steps=(Sharpen(from_size=from_size, to_size=to_size),))
    if from_size < to_size or to_size == 16384:
        assert job_reader.checked(job)
    else:
        assert refusal(job) == f"steps[0].to_size is {to_size}; allowed: more than its from_size ({from_size})"


@pytest.mark.parametrize("tiling", Tiling)
def test_only_along_an_axis_that_wraps_the_canvas_may_be_rolled(tiling: Tiling) -> None:
    def job(x: float, y: float) -> Job:
        return Job(canvas=Canvas(seed=Flat(), tiling=tiling), steps=(Offset(x=x, y=y),))

    assert job_reader.checked(job(0.0, 0.0))
    for x, y, axis, wraps in ((-0.5, 0.0, "x", (Tiling.BOTH, Tiling.X)), (0.0, 1.0, "y", (Tiling.BOTH, Tiling.Y))):
        if tiling in wraps:
            assert job_reader.checked(job(x, y))
        else:
            assert f"steps[0].{axis} is {x or y}; allowed: 0, for canvas.tiling ({tiling.value})" in refusal(job(x, y))


MAPS = {MapKind.COLOUR: "c.png", MapKind.HEIGHT: "h.png"}


def test_some_map_that_is_made_has_a_weight() -> None:
    def job(**weights: float) -> Job:
        canvas = Canvas(maps=tuple(MAPS), map_weights={MapKind(kind): weight for kind, weight in weights.items()})
        return Job(exemplars=(Exemplar(maps=MAPS),), canvas=canvas)

    assert refusal(job(colour=0.0, height=0.0)).startswith("canvas.map_weights: all weights are 0")
    assert job_reader.checked(job(colour=0.0))
    assert job_reader.checked(job(normal=0.0))


def test_a_packed_file_has_the_maps_that_the_canvas_asks_for() -> None:
    canvas = Canvas(maps=(MapKind.COLOUR, MapKind.OCCLUSION, MapKind.HEIGHT))
    job = Job(exemplars=(Exemplar(maps={MapKind.COLOUR: "c.png"}, packed="arm.png"),), canvas=canvas)
    assert refusal(job) == "exemplars[0].maps lacks height, which canvas.maps asks for"


def test_a_colour_that_is_made_already_has_maps_that_follow_it_and_is_not_rolled_away_from() -> None:
    def job(*maps: MapKind, steps: tuple[Step, ...] = (Optimise(),)) -> Job:
        canvas = Canvas(maps=maps, colour=Picture(path="made.png"))
        return Job(exemplars=(Exemplar(maps=MAPS),), canvas=canvas, steps=steps)

    assert job_reader.checked(job(MapKind.COLOUR, MapKind.HEIGHT))
    assert refusal(job(MapKind.COLOUR)).startswith("canvas.colour is made already, and canvas.maps asks for nothing")
    assert refusal(job(MapKind.HEIGHT)) == "canvas.maps lacks colour, which canvas.colour is about"
    assert refusal(job(*MAPS, steps=(Optimise(), Offset()))).startswith("steps[1] is offset, which would roll")


def test_some_layer_has_a_weight() -> None:
    def job(*weights: float) -> Job:
        layers = dict(zip((Layer.RELU1_1, Layer.RELU2_1), weights, strict=True))
        return Job(exemplars=(STYLE,), steps=(Optimise(terms=(Gram(features=Vgg19(layers=layers)),)),))

    assert refusal(job(0.0, 0.0)) == "steps[0].terms[0].features.layers: all weights are 0; one at least must not be"
    assert job_reader.checked(job(0.0, -1.0))


def test_relative_paths_of_content_and_seed_count_from_the_job_file_too(tmp_path: Path) -> None:
    picture = Picture(path="face.png")
    job = dataclasses.replace(SMALL, content=picture, canvas=Canvas(seed=picture))
    (tmp_path / "job.json").write_text(job_to_json(job), encoding="utf-8")
    read = job_reader.read_file(str(tmp_path / "job.json"))
    assert read.content == read.canvas.seed == Picture(path=str(tmp_path / "face.png"))


def test_relative_paths_count_from_the_job_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "jobs ü"
    folder.mkdir()
    (folder / "job.json").write_text(job_to_json(SMALL), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for path in (str(folder / "job.json"), "jobs ü/job.json"):
        assert job_reader.read_file(path).exemplars[0].maps == {MapKind.COLOUR: str(folder / "style.png")}


def test_absolute_paths_stay(tmp_path: Path) -> None:
    absolute = str(tmp_path / "elsewhere" / "style.png")
    job = Job(exemplars=(Exemplar(maps={MapKind.COLOUR: absolute}),))
    (tmp_path / "job.json").write_text(job_to_json(job), encoding="utf-8")
    assert job_reader.read_file(str(tmp_path / "job.json")) == job


def test_relative_paths_of_a_document_count_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    job = job_reader.read_plain({"version": 1} | to_plain(SMALL))
    assert job.exemplars[0].maps == {MapKind.COLOUR: str(tmp_path / "style.png")}


def test_a_job_file_that_cannot_be_read_is_bad_input(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.json", tmp_path, "a\0b.json"):
        with pytest.raises(InputError, match="can't be read"):
            job_reader.read_file(str(path))


def test_a_request_with_faults_names_them_from_the_top() -> None:
    plain = json.loads(to_line(Request(job=SMALL, out="out")))
    plain["device"] = "abacus"
    plain["job"]["canvas"]["width"] = 0
    with pytest.raises(InputError, match=r"job\.canvas\.width is 0; .*; device is \"abacus\""):
        job_reader.read_request(json.dumps(plain))
