import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from neural_texture_addon.job.description import (
    Canvas,
    Exemplar,
    FileFormat,
    Flat,
    Job,
    MapKind,
    Octaves,
    Optimise,
    Output,
    Sharpen,
)
from neural_texture_addon.job.revision import PLACES, revised, unknown
from neural_texture_addon.job.wire import WireError, to_plain


def fault(**said: Any) -> str:
    with pytest.raises(WireError) as caught:
        revised(Job(), said)
    return str(caught.value)


@given(...)
def test_saying_nothing_or_everything_that_is_so_changes_nothing(job: Job):
    assert revised(job, {}) == job
    assert revised(Job(), {field.name: getattr(job, field.name) for field in dataclasses.fields(Job)}) == job
    assert revised(Job(), {name: to_plain(getattr(job, name)) for name in vars(job)}) == job
    parts = {name: getattr(getattr(job, part) if part else job, name) for name, part in PLACES.items()}
    assert revised(Job(), parts) == job


def test_a_name_has_one_place():
    parts = [field.name for cls in (Job, Canvas, Octaves, Output) for field in dataclasses.fields(cls)]
    assert sorted(parts) == sorted(PLACES)


def test_what_a_script_has_at_hand_is_taken():
    made = revised(
        Job(),
        {
            "exemplars": [Exemplar(maps={MapKind.COLOUR: Path("a.png")}), {"maps": {"colour": "b.png"}, "scale": 2}],
            "width": np.int64(64),
            "maps": ["colour", MapKind.HEIGHT],
            "seed": Flat(colour=[0, 0.5, np.float32(1)]),
            "growth": 2,
            "format": "webp",
            "steps": [Optimise(), {"type": "sharpen", "amount": 1}],
        },
    )
    assert made == Job(
        exemplars=(
            Exemplar(maps={MapKind.COLOUR: "a.png"}),
            Exemplar(maps={MapKind.COLOUR: "b.png"}, scale=2.0),
        ),
        canvas=Canvas(width=64, maps=(MapKind.COLOUR, MapKind.HEIGHT), seed=Flat(colour=(0.0, 0.5, 1.0))),
        octaves=Octaves(growth=2.0),
        output=Output(format=FileFormat.WEBP),
        steps=(Optimise(), Sharpen(amount=1.0)),
    )
    assert isinstance(made.canvas.width, int)


def test_of_a_part_the_other_fields_stay_and_a_field_wins_over_its_part():
    job = Job(octaves=Octaves(start_size=40), canvas=Canvas(width=64, height=32))
    assert revised(job, {"octaves": {"growth": 1.5}}).octaves == Octaves(start_size=40, growth=1.5)
    assert revised(job, {"height": 48, "canvas": {"height": 99, "random_seed": 3}}).canvas == Canvas(
        width=64, height=48, random_seed=3
    )


def test_a_wrong_value_is_named_with_what_is_allowed():
    assert fault(width=7, tiling="all") == (
        'canvas.width is 7; allowed: a whole number from 16 to 16384; canvas.tiling is "all"; allowed: both, x, y, none'
    )
    assert fault(canvas=3, width=64) == "canvas is 3; allowed: an object"
    assert fault(steps=[object()]) == "steps[0] is of type object; allowed: an object"
    assert fault(width=None) == "canvas.width is null; allowed: a whole number from 16 to 16384"
    assert fault(seed=3) == "seed is 3, but is what the picture starts from; random_seed is the number"


def test_of_an_unknown_name_the_one_that_may_be_meant_is_named():
    assert unknown("hieght", PLACES) == "hieght is unknown: is height meant?"
    assert unknown("zzz", ["b", "a"]) == "zzz is unknown; allowed: a, b"
