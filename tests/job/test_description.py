import dataclasses
import typing

import pytest

from neural_texture_addon.job import description
from neural_texture_addon.job.description import Canvas, Exemplar, Job, MapKind, Plasma, Request, limits

CLASSES = [cls for cls in vars(description).values() if isinstance(cls, type) and dataclasses.is_dataclass(cls)]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_number_of_a_job_has_a_range_that_holds_its_default(cls: type) -> None:
    for name, kind in typing.get_type_hints(cls).items():
        if kind in (int, float):
            low, high = limits(cls, name)
            default = next(f.default for f in dataclasses.fields(cls) if f.name == name)
            assert low <= default <= high, name


@pytest.mark.parametrize("cls", CLASSES)
def test_a_description_never_changes(cls: type) -> None:
    value = cls(**{f.name: None for f in dataclasses.fields(cls)})
    for field in dataclasses.fields(cls):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field.name, 1)


def test_nothing_of_a_job_is_required_by_its_form() -> None:
    required = [f.name for f in dataclasses.fields(Job) if f.default is dataclasses.MISSING]
    assert required == []
    assert Job(exemplars=(Exemplar(maps={MapKind.COLOUR: "a.png"}),)).canvas == Canvas()


def test_device_and_folder_are_no_part_of_a_job() -> None:
    shapeless = {"out", "device", "weights", "resume_from", "preview_size", "up_to_size", "memory"}
    assert {f.name for f in dataclasses.fields(Request)} - {"job"} == shapeless
    assert not {f.name for f in dataclasses.fields(Job)} & shapeless


def test_every_kind_of_map_has_channels() -> None:
    assert all(kind.channels >= 1 for kind in MapKind)


def test_limits_are_looked_up_by_class_and_field() -> None:
    assert limits(Plasma, "roughness") == (0.0, 1.0)
