import pytest

from neural_texture_addon.job import map_names
from neural_texture_addon.job.description import (
    PACKED,
    Canvas,
    Exemplar,
    Green,
    Job,
    MapKind,
    Naming,
    Output,
    PackedAs,
    Packing,
)

EXPECTED = {
    Naming.PLAIN: {MapKind.COLOUR: "wall", MapKind.NORMAL: "wall_normal", None: "wall_arm"},
    Naming.BLENDER: {
        MapKind.COLOUR: "wall_Color",
        MapKind.NORMAL: "wall_Normal",
        MapKind.HEIGHT: "wall_Displacement",
        MapKind.ROUGHNESS: "wall_Roughness",
        MapKind.OCCLUSION: "wall_AmbientOcclusion",
        MapKind.METALNESS: "wall_Metalness",
        None: "wall_ARM",
    },
    Naming.UNREAL: {MapKind.COLOUR: "T_wall_BC", MapKind.NORMAL: "T_wall_N", None: "T_wall_ORM"},
    Naming.UNITY: {MapKind.COLOUR: "wall_BaseMap", MapKind.METALNESS: "wall_MetallicSmoothness", None: "wall_MaskMap"},
    Naming.GODOT: {MapKind.COLOUR: "wall_albedo", MapKind.OCCLUSION: "wall_ao", None: "wall_orm"},
    Naming.GLTF: {MapKind.COLOUR: "wall_baseColor", None: "wall_occlusionRoughnessMetallic"},
}


def files(naming: Naming, *kinds: MapKind, packing: Packing = Packing.SEPARATE) -> dict[str, map_names.Channels]:
    return map_names.files(naming, packing, "wall", kinds)


@pytest.mark.parametrize("naming", Naming)
@pytest.mark.parametrize("packing", Packing)
def test_each_map_is_in_one_file_and_no_two_files_have_one_name(naming: Naming, packing: Packing) -> None:
    found = files(naming, *MapKind, packing=packing)
    assert sorted(kind for channels in found.values() for kind in map_names.held(channels)) == sorted(MapKind)
    assert len({name.lower() for name in found}) == len(found)
    assert all("wall" in name for name in found)


@pytest.mark.parametrize("naming", Naming)
def test_names_are_as_the_program_has_them(naming: Naming) -> None:
    for kind, name in EXPECTED[naming].items():
        found = files(naming, kind) if kind else files(naming, *PACKED, packing=Packing.PACKED)
        assert list(found) == [name]


@pytest.mark.parametrize("packed_as", PackedAs)
def test_each_map_of_a_packed_file_has_a_channel_there(packed_as: PackedAs) -> None:
    found = {kind: map_names.in_packed(packed_as, kind) for kind in packed_as.maps}
    assert len({number for number, _ in found.values()}) == len(found)
    assert all(channel.kind is kind for kind, (_, channel) in found.items())
    smooth = packed_as is not PackedAs.ARM
    assert found[MapKind.ROUGHNESS] == ((3, 1)[not smooth], map_names.Channel(kind=MapKind.ROUGHNESS, inverted=smooth))


def test_unity_has_smoothness_in_alpha() -> None:
    """Of URP's and the built-in Lit shader: metallic in red; HDRP's mask map: occlusion in green, detail in blue."""
    (apart,) = files(Naming.UNITY, MapKind.ROUGHNESS).values()
    (mask,) = files(Naming.UNITY, *PACKED, packing=Packing.PACKED).values()
    metalness, occlusion, roughness = MapKind.METALNESS, MapKind.OCCLUSION, MapKind.ROUGHNESS
    assert [(channel.kind, channel.inverted) for channel in apart] == [(metalness, False)] * 3 + [(roughness, True)]
    assert [(channel.kind, channel.inverted) for channel in mask] == [
        (metalness, False),
        (occlusion, False),
        (None, False),
        (roughness, True),
    ]


def test_the_place_of_a_map_in_a_shared_file_is_known() -> None:
    assert map_names.place(Naming.UNREAL, Packing.SEPARATE, MapKind.ROUGHNESS) is None
    number, _ = map_names.place(Naming.UNREAL, Packing.PACKED, MapKind.ROUGHNESS) or (None, ())
    assert number == 1
    number, channels = map_names.place(Naming.UNITY, Packing.SEPARATE, MapKind.ROUGHNESS) or (None, ())
    assert (number, channels[-1].inverted) == (3, True)
    assert map_names.place(Naming.UNITY, Packing.PACKED, MapKind.COLOUR) is None


@pytest.mark.parametrize(
    ("output", "names"),
    [
        (Output(), ["result", "result_roughness"]),
        (Output(packing=Packing.PACKED), ["result", "result_arm"]),
        (Output(naming=Naming.UNREAL), ["T_brick_BC", "T_brick_R"]),
    ],
)
def test_a_result_is_called_as_the_job_says(output: Output, names: list[str]) -> None:
    canvas = Canvas(maps=(MapKind.COLOUR, MapKind.ROUGHNESS))
    job = Job(exemplars=(Exemplar(maps={MapKind.COLOUR: "/a/brick_diff.png"}),), canvas=canvas, output=output)
    assert list(map_names.result(job)) == names


def test_only_unreal_has_its_green_downwards() -> None:
    assert [naming for naming in Naming if map_names.green(naming) is Green.DIRECTX] == [Naming.UNREAL]


@pytest.mark.parametrize("naming", Naming)
@pytest.mark.parametrize("name", ["wall", "old_wall", "T_wall", "wall 2", "Ziegel ü"])
def test_a_material_is_known_by_its_colour_map(naming: Naming, name: str) -> None:
    assert map_names.material(next(iter(map_names.files(naming, Packing.SEPARATE, name, [MapKind.COLOUR])))) == name


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("brick_wall_Color", "brick_wall"),
        ("rock_diff", "rock"),
        ("rock_base_color", "rock"),
        ("IMG_1234", "IMG_1234"),
        ("result", "result"),
        ("colour", "colour"),
        ("_Color", "_Color"),
        ("discolor", "discolor"),
    ],
)
def test_of_another_image_the_name_is_its_own(stem: str, name: str) -> None:
    assert map_names.material(stem) == name


def test_a_packed_image_holds_occlusion_roughness_and_metalness_in_this_order() -> None:
    assert PACKED == (MapKind.OCCLUSION, MapKind.ROUGHNESS, MapKind.METALNESS)
    assert all(kind.channels == 1 for kind in PACKED)
