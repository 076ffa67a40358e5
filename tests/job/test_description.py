import dataclasses
import typing

import pytest

from neural_texture_addon.job import description
from neural_texture_addon.job.description import (
    Canvas,
    Exemplar,
    Job,
    MapKind,
    Picture,
    Plasma,
    Request,
    images,
    limits,
    relocated,
)

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


def test_a_map_without_a_file_of_its_own_may_be_packed() -> None:
    exemplar = Exemplar(maps={MapKind.COLOUR: "c.png", MapKind.ROUGHNESS: "r.png"}, packed="arm.png")
    wanted = {MapKind.COLOUR: "c.png", MapKind.ROUGHNESS: "r.png", MapKind.OCCLUSION: "arm.png"}
    wanted |= {MapKind.METALNESS: "arm.png"}
    assert {kind: path for kind in MapKind if (path := exemplar.path_of(kind))} == wanted


def test_all_images_of_a_job_are_found_and_can_be_placed_elsewhere() -> None:
    exemplar = Exemplar(maps={MapKind.COLOUR: "c.png", MapKind.HEIGHT: "h.png"}, packed="arm.png")
    colour = Picture(path="made.png")
    job = Job(exemplars=(exemplar, Exemplar(maps={MapKind.COLOUR: "d.png"})), canvas=Canvas(colour=colour))
    job = dataclasses.replace(job, content=Picture(path="content.png"))
    names = ["c.png", "h.png", "arm.png", "d.png", "content.png", "made.png"]
    assert images(job) == names
    assert images(relocated(job, lambda path: f"there/{path}")) == [f"there/{name}" for name in names]
