import json
import string
import typing
from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from neural_texture_addon.job.description import Job, MapKind
from neural_texture_addon.job.wire import job_from_json, job_from_plain, to_plain

pytestmark = pytest.mark.blender


def test_every_preset_and_any_job_come_out_of_the_panel_as_they_went_in(blender, tmp_path):
    jobs = any_jobs()
    drawn = tmp_path / "drawn.json"
    drawn.write_text(json.dumps([{"version": 1} | to_plain(job) for job in jobs]), "utf-8")
    found = blender.run("round_trip", drawn, tmp_path)
    assert found["presets"] > 3
    assert found["changed presets"] == []
    for job, plain in zip(jobs, found["jobs"], strict=True):
        assert job_from_plain(plain) == job
    assert found["saved"] == ["FINISHED"]
    assert job_from_json((tmp_path / "again.json").read_text("utf-8")) == jobs[-1]
    assert job_from_plain(found["from the .blend"]) == jobs[-1]


def test_everything_has_its_words_and_nothing_else(blender, tmp_path):
    drawn = tmp_path / "drawn.json"
    drawn.write_text(json.dumps([{"version": 1}]), "utf-8")
    found = blender.run("round_trip", drawn, tmp_path)
    assert found["without words"] == found["words of nothing"] == []
    assert found["silent about more and less"] == []


def any_jobs() -> list[Job]:
    """Jobs that the panel can say: with absolute paths, each map once, numbers that fit Blender's."""
    jobs: list[Job] = []

    @settings(max_examples=80, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.from_type(Job))
    def draw(job: Job) -> None:
        jobs.append(sayable(job))

    draw()
    return jobs


def sayable(job: Job) -> Job:
    canvas = job.canvas
    maps = tuple(kind for kind in MapKind if kind in canvas.maps)
    job = replace(job, canvas=replace(canvas, maps=maps, random_seed=canvas.random_seed % 2**31))
    exemplars = tuple(replace(e, maps={MapKind.COLOUR: "c.png"} | e.maps) for e in job.exemplars)
    return named(replace(job, exemplars=exemplars))


def named(value: typing.Any) -> typing.Any:
    """With plain names in place of any texts."""
    if type(value) is str:
        return "/" + "".join(c for c in value if c in string.ascii_letters) + ".png"
    if is_dataclass(value):
        return replace(value, **{f.name: named(getattr(value, f.name)) for f in fields(value)})
    if isinstance(value, dict):
        return {key: named(item) for key, item in value.items()}
    return tuple(map(named, value)) if isinstance(value, tuple) else value
