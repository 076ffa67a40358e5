import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.job import presets
from neural_texture_addon.job.description import Canvas, Exemplar, Job, MapKind, Optimise, Vgg19
from neural_texture_addon.job.presets import Family, NeedsWeightsError, NotMadeForError, Preset
from neural_texture_addon.job.wire import WireError, job_from_json, job_to_json

MARKED = {family: Job(canvas=Canvas(random_seed=i)) for i, family in enumerate(Family)}
MADE_FOR = st.sets(st.sampled_from(Family), min_size=1)
ANY = pytest.mark.parametrize("name", presets.names())


def preset_for(families: set[Family]) -> Preset:
    jobs = {family: MARKED[family] for family in families}
    return Preset(name="dream", title="Dream", description="Of eyes", jobs=jobs)


@given(MADE_FOR, st.none() | st.sampled_from(Family), st.booleans())
def test_a_choice_is_a_job_that_can_run_or_says_why_there_is_none(
    families: set[Family], wanted: Family | None, weights: bool
) -> None:
    try:
        job = preset_for(families).choose(wanted, weights)
    except NotMadeForError as error:
        message = str(error)
        assert wanted not in families
        assert all(family in message for family in families)
    except NeedsWeightsError as error:
        message = str(error)
        assert not weights
        assert wanted is None or wanted.needs_weights
        assert wanted is not None or Family.PATCHES not in families
        assert "dream" in message
    else:
        (chosen,) = [family for family, marked in MARKED.items() if marked == job]
        assert chosen in families
        assert wanted in (None, chosen)
        assert weights or not chosen.needs_weights


@pytest.mark.parametrize(
    ("families", "chosen"),
    [
        ({Family.PATCHES, Family.VGG19, Family.BOTH}, Family.BOTH),
        ({Family.PATCHES, Family.VGG19}, Family.VGG19),
        ({Family.PATCHES}, Family.PATCHES),
    ],
)
def test_left_to_itself_it_takes_what_makes_most_of_the_weights(families: set[Family], chosen: Family) -> None:
    assert preset_for(families).choose(None, True) == MARKED[chosen]
    assert preset_for(families).choose(None, False) == MARKED[Family.PATCHES]


@given(MADE_FOR)
def test_it_gains_from_weights_exactly_if_they_would_change_the_choice(families: set[Family]) -> None:
    preset = preset_for(families | {Family.PATCHES})
    assert preset.gains_from_weights == (preset.choose(None, True) != preset.choose(None, False))
    assert not preset.needs_weights


@ANY
def test_every_preset_is_a_valid_job_once_it_has_an_exemplar(name: str) -> None:
    for plain in presets.load(name).jobs.values():
        job = dataclasses.replace(plain, exemplars=(Exemplar(maps={MapKind.COLOUR: "a.png"}),))
        assert job_from_json(job_to_json(job)) == job


@ANY
def test_a_job_looks_at_weights_exactly_if_its_family_needs_them(name: str) -> None:
    for family, job in presets.load(name).jobs.items():
        terms = [term for step in job.steps if isinstance(step, Optimise) for term in step.terms]
        looks = any(isinstance(getattr(term, "features", None), Vgg19) for term in terms)
        assert looks == family.needs_weights, family


@ANY
def test_every_preset_can_be_shown_to_an_artist(name: str) -> None:
    preset = presets.load(name)
    assert preset.name == name
    assert preset.title
    assert preset.description
    assert "\n" not in preset.title + preset.description


def test_the_default_comes_first_and_is_the_plain_job_without_weights() -> None:
    assert presets.names()[0] == presets.DEFAULT
    assert presets.load(presets.DEFAULT).choose(None, False) == Job()


def test_no_two_presets_are_the_same_job() -> None:
    jobs = [(family, job) for name in presets.names() for family, job in presets.load(name).jobs.items()]
    assert len(jobs) > 1
    assert all(a != b for a, b in itertools.combinations(jobs, 2))


@pytest.mark.parametrize("name", ["", "Default", "../default", "default.json", "nope"])
def test_an_unknown_preset_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        presets.load(name)


@given(MADE_FOR, st.text(max_size=20), st.text(max_size=20))
def test_a_preset_is_read_as_it_was_written(families: set[Family], title: str, description: str) -> None:
    preset = dataclasses.replace(preset_for(families), title=title, description=description)
    assert presets.from_json("dream", presets.to_json(preset)) == preset


def test_every_fault_of_a_preset_is_said_at_once() -> None:
    text = '{"titel": "A", "jobs": {"patches": {"version": 1, "canvas": {"width": 3}}, "both": 7}}'
    with pytest.raises(WireError) as caught:
        presets.from_json("a", text)
    for fault in (
        "titel is unknown",
        "title is missing",
        "jobs.patches.canvas.width is 3",
        "jobs.both is not an object",
    ):
        assert any(said.startswith(fault) for said in caught.value.faults), fault


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        "{",
        '{"title": "A"}',
        '{"title": "A", "jobs": {}}',
        '{"title": "A", "jobs": {"lace": {"version": 1}}}',
        '{"title": 3, "jobs": null}',
        '{"title": "A", "jobs": {"both": {"version": 2}}}',
        "[" * 99999,
    ],
)
def test_what_is_no_preset_is_a_fault_and_no_crash(text: str) -> None:
    with pytest.raises(WireError):
        presets.from_json("a", text)
