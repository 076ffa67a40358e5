import dataclasses

import pytest

from neural_texture_addon.job import presets
from neural_texture_addon.job.description import Exemplar, Job, MapKind
from neural_texture_addon.job.wire import job_from_json, job_to_json


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_is_a_valid_job_once_it_has_an_exemplar(name: str) -> None:
    preset = presets.load(name)
    job = dataclasses.replace(preset.job, exemplars=(Exemplar(maps={MapKind.COLOUR: "a.png"}),))
    assert job_from_json(job_to_json(job)) == job


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_can_be_shown_to_an_artist(name: str) -> None:
    preset = presets.load(name)
    assert preset.name == name
    assert preset.title
    assert preset.description
    assert "\n" not in preset.title + preset.description


def test_the_default_comes_first_and_is_the_plain_job() -> None:
    assert presets.names()[0] == presets.DEFAULT
    default = presets.load(presets.DEFAULT).job
    assert default == Job(exemplars=default.exemplars)


def test_no_two_presets_are_the_same_job() -> None:
    jobs = [presets.load(name).job for name in presets.names()]
    assert len(jobs) > 1
    assert all(a != b for i, a in enumerate(jobs) for b in jobs[:i])


@pytest.mark.parametrize("name", ["", "Default", "../default", "default.json", "nope"])
def test_an_unknown_preset_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        presets.load(name)
