"""Job documents: whole, spoilt in some places, cut, with anything anywhere."""

import copy
import json
from typing import Any

from hypothesis import strategies as st
from spoilt_jobs import ANY_JSON, put, spots

from neural_texture_addon.engine import job_reader
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.job import presets
from neural_texture_addon.job.description import Job, Request
from neural_texture_addon.job.wire import WireError, from_plain, job_from_json, to_line, to_plain

CORPUS = [job for name in presets.names() for job in presets.load(name).jobs.values()]
"""What people start from."""


def case(data: st.DataObject) -> None:
    data.draw(st.sampled_from([spoilt_in_places, anything_somewhere, text_damaged, request_line]))(data)


def a_job(data: st.DataObject) -> Job:
    return data.draw(st.sampled_from(CORPUS) | st.from_type(Job))


def spoilt_in_places(data: st.DataObject) -> None:
    """Every place is named."""
    job = a_job(data)
    plain: Any = {"version": 1} | copy.deepcopy(to_plain(job))
    chosen = data.draw(st.lists(st.sampled_from(list(spots(job))), min_size=1, max_size=4, unique_by=lambda s: s.path))
    for spot in chosen:
        put(plain, spot.steps, data.draw(st.sampled_from(spot.spoilt)))
    said = refusal_of(json.dumps(plain))
    assert said, "it was read"
    for spot in chosen:
        assert f"{spot.path} " in said, (spot.path, said)
    assert said.count("allowed: ") >= len(chosen), said


def anything_somewhere(data: st.DataObject) -> None:
    """It is refused, or read as it stands there."""
    job = a_job(data)
    plain = {"version": 1} | copy.deepcopy(to_plain(job))
    spot = data.draw(st.sampled_from(list(spots(job))))
    put(plain, spot.steps[: data.draw(st.integers(1, len(spot.steps)))], data.draw(ANY_JSON))
    refusal_of(json.dumps(plain))


def text_damaged(data: st.DataObject) -> None:
    """Letters changed, left out, put in; cut off."""
    text = json.dumps({"version": 1} | to_plain(a_job(data)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    refusal_of(text[: data.draw(st.integers(0, len(text)))] if data.draw(st.booleans()) else text)


def request_line(data: st.DataObject) -> None:
    """What Blender sends, with anything somewhere."""
    plain: Any = to_plain(data.draw(st.from_type(Request)))
    put(plain, (data.draw(st.sampled_from(list(plain))),), data.draw(ANY_JSON))
    line = to_line(plain)
    try:
        request = job_reader.read_request(line)
    except InputError as error:
        in_one_line(error)
    else:
        assert says(to_plain(request), json.loads(line))


def refusal_of(text: str) -> str:
    """What is said of a document; empty if it was read, and as it stands there."""
    try:
        job = job_from_json(text)
    except WireError as error:
        return in_one_line(error)
    assert says(to_plain(job), {key: item for key, item in json.loads(text).items() if key != "version"})
    assert from_plain(Job, to_plain(job)) == job
    try:
        job_reader.checked(job)
    except InputError as error:
        return in_one_line(error)
    return ""


def in_one_line(error: Exception) -> str:
    text = str(error)
    assert text, "nothing was said"
    assert len(text.splitlines()) == 1, text
    assert text.isprintable(), text
    return text


def says(read: Any, written: Any) -> bool:
    """Whether all that was written was read so."""
    if isinstance(written, dict):
        return isinstance(read, dict) and all(key in read and says(read[key], item) for key, item in written.items())
    if isinstance(written, list):
        return (
            isinstance(read, list | tuple)
            and len(read) == len(written)
            and all(says(one, other) for one, other in zip(read, written, strict=True))
        )
    return read == written
