import copy
import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from spoilt_jobs import ANY_JSON, put, spots

from neural_texture_addon.job.description import Exemplar, Job, MapKind, Request
from neural_texture_addon.job.wire import (
    WireError,
    from_line,
    from_plain,
    job_from_file,
    job_from_json,
    job_from_plain,
    job_to_json,
    parse,
    to_line,
    to_plain,
)

SMALL = Job(exemplars=(Exemplar(maps={MapKind.COLOUR: "a.png"}),))


@given(st.from_type(Job))
def test_a_job_survives_the_round_trip(job: Job) -> None:
    assert job_from_json(job_to_json(job)) == job


@given(st.from_type(Job))
def test_a_job_survives_a_file(job: Job) -> None:
    content = job_to_json(job).encode("utf-8", "backslashreplace")
    assert job_from_json(content.decode()) == job


@given(st.from_type(Request))
def test_a_request_survives_the_pipe(request: Request) -> None:
    line = to_line(request)
    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert from_line(Request, line) == request


def test_a_job_file_leaves_nothing_to_a_default() -> None:
    def check(value: Any, plain: Any) -> None:
        if dataclasses.is_dataclass(value):
            assert {f.name for f in dataclasses.fields(value)} <= plain.keys()
            for f in dataclasses.fields(value):
                check(getattr(value, f.name), plain[f.name])
        elif isinstance(value, tuple):
            for item, entry in zip(value, plain, strict=True):
                check(item, entry)

    check(SMALL, json.loads(job_to_json(SMALL)))


@given(job=st.from_type(Job), data=st.data())
def test_a_job_with_faults_is_refused_with_every_one_of_them_named(job: Job, data: st.DataObject) -> None:
    plain = copy.deepcopy({"version": 1} | to_plain(job))
    chosen = data.draw(
        st.lists(st.sampled_from(list(spots(job))), min_size=1, max_size=6, unique_by=lambda spot: spot.path)
    )
    for spot in chosen:
        put(plain, spot.steps, data.draw(st.sampled_from(spot.spoilt), label=spot.path))
    with pytest.raises(WireError) as caught:
        job_from_plain(plain)
    assert len(caught.value.faults) == len(chosen)
    for spot in chosen:
        assert any(fault.startswith(f"{spot.path} ") for fault in caught.value.faults), spot.path
        assert f"{spot.path} " in str(caught.value)


def test_faults_of_every_kind_are_named_at_once() -> None:
    plain = {
        "version": 2,
        "exemplar": [],
        "exemplars": [{"weight": 1.0}, {"maps": {}}],
        "canvas": {"width": 7, "height": "tall", "seed": {"type": "plasma", "roughness": math.nan}},
        "steps": [{"type": "optimise", "terms": [{"weight": 1}]}, {"type": "optimise", "terms": []}, {}],
        "output": {"format": "gif", "bits": 12},
    }
    with pytest.raises(WireError) as caught:
        job_from_plain(plain)
    assert caught.value.faults == [
        "version is 2; this program reads version 1",
        "exemplar is unknown; allowed: exemplars, content, canvas, octaves, steps, output",
        "exemplars[0].maps is missing",
        "exemplars[1].maps is empty; allowed: colour, normal, height, roughness, occlusion, metalness",
        "canvas.width is 7; allowed: a whole number from 16 to 16384",
        'canvas.height is "tall"; allowed: a whole number from 16 to 16384',
        "canvas.seed.roughness is NaN; allowed: a number from 0.0 to 1.0",
        "steps[0].terms[0].type is missing; allowed: sliced_wasserstein, channel_mean, moments, gram, histogram, "
        "power_spectrum, autocorrelation, nearest_patches, pattern_enhancement, pattern_alignment, content, "
        "total_variation, value_range",
        "steps[1].terms has 0 entries; allowed: at least 1",
        "steps[2].type is missing; allowed: optimise, sharpen, blur, match_colours, levels, offset",
        'output.format is "gif"; allowed: png, tiff, webp, exr',
        "output.bits is 12; allowed: 8, 16, 32",
    ]


@given(ANY_JSON)
@example({"version": 1, "two\nlines": 1})
@example({"version": 1, "exemplars": [{"maps": {"colour": "a"}, "\u2028": 1}]})
@example({"version": float("nan"), "exemplars": []})
def test_any_json_is_a_job_or_refused_in_one_line(plain: Any) -> None:
    with pytest.raises(WireError) as caught:
        job_from_json(json.dumps(plain))
    assert len(str(caught.value).splitlines()) == 1


@given(job=st.from_type(Job), data=st.data(), other=ANY_JSON)
def test_a_job_with_anything_anywhere_is_a_job_or_refused_in_one_line(
    job: Job, data: st.DataObject, other: Any
) -> None:
    plain = {"version": 1} | to_plain(job)
    spot = data.draw(st.sampled_from(list(spots(job))))
    length = data.draw(st.integers(1, len(spot.steps)))
    put(plain, spot.steps[:length], other)
    try:
        job_from_json(json.dumps(plain))
    except WireError as error:
        message = str(error)
        assert len(message.splitlines()) == 1


@given(st.text())
def test_any_text_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(WireError) as caught:
        job_from_json(text)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_is_too_long_for_a_job_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(job_to_json(SMALL) + " " * 2**22)
    with pytest.raises(WireError, match="more than 4 MiB"):
        job_from_file(tmp_path / "a.json")


def test_a_job_that_windows_notepad_has_saved_is_read(tmp_path: Path) -> None:
    """With a byte order mark, and other ends of lines."""
    content = job_to_json(SMALL).replace("\n", "\r\n").encode("utf-8-sig")
    (tmp_path / "job.json").write_bytes(content)
    assert job_from_file(tmp_path / "job.json") == SMALL


def test_a_cut_job_is_refused() -> None:
    text = job_to_json(SMALL).strip()
    for length in range(len(text)):
        with pytest.raises(WireError, match="not JSON"):
            job_from_json(text[:length])


@pytest.mark.parametrize("depth", [*range(300, 1100, 7), 100_000])
def test_a_job_nested_too_deeply_is_refused(depth: int) -> None:
    with pytest.raises(WireError):
        job_from_json('{"version": 1, "exemplars": ' + "[" * depth + "]" * depth + "}")


@pytest.mark.parametrize("number", ["1e999", "NaN", "-Infinity", "9" * 4000, "9" * 5000, "-0.5e400"])
def test_a_number_beyond_all_ranges_is_refused_in_a_short_line(number: str) -> None:
    text = job_to_json(SMALL).replace('"width": 512', f'"width": {number}')
    with pytest.raises(WireError) as caught:
        job_from_json(text)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("version", ["0", "2", "-1", '"1"', "true", "null", "[1]", "NaN", "1.5", "9" * 400])
def test_another_version_is_refused(version: str) -> None:
    text = job_to_json(SMALL).replace('"version": 1', f'"version": {version}')
    with pytest.raises(WireError, match=r"^version is .*; this program reads version 1$"):
        job_from_json(text)


def test_a_job_without_a_version_is_refused() -> None:
    with pytest.raises(WireError, match=r"^version is missing; allowed: 1$"):
        job_from_plain(to_plain(SMALL))


@pytest.mark.parametrize(
    ("once", "twice"),
    [('"version": 1', '"version": 1, "version": 2'), ('"width": 512', '"width": 512, "width": 256')],
)
def test_a_field_that_stands_twice_is_refused(once: str, twice: str) -> None:
    with pytest.raises(WireError, match="stands twice"):
        job_from_json(job_to_json(SMALL).replace(once, twice))


@pytest.mark.parametrize("text", ["[]", "3", "null", '"job"', "true"])
def test_a_job_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(WireError, match="the job is"):
        job_from_json(text)


def test_a_whole_number_serves_as_a_number_but_not_the_other_way_round() -> None:
    plain = {"version": 1} | to_plain(SMALL)
    plain["octaves"]["growth"] = 2
    assert type(job_from_plain(plain).octaves.growth) is float
    plain["canvas"]["width"] = 64.0
    with pytest.raises(WireError, match=r"canvas\.width is 64\.0; allowed: a whole number"):
        job_from_plain(plain)


def test_both_ends_of_a_range_are_allowed() -> None:
    plain = {"version": 1} | to_plain(SMALL)
    for width in (16, 16384):
        plain["canvas"]["width"] = width
        assert job_from_plain(plain).canvas.width == width


def test_a_fault_at_the_top_names_the_document() -> None:
    with pytest.raises(WireError, match="the document is 3; allowed: an object"):
        from_plain(Request, 3)


def test_parsing_says_where_the_json_breaks() -> None:
    with pytest.raises(WireError, match=r"not JSON: .* in line 2, column 7"):
        parse('{\n  "a" 1}')
