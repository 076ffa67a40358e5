import pytest

from neural_texture_addon.job import map_names
from neural_texture_addon.job.description import Green, MapKind, Naming

EXPECTED = {
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
    Naming.UNITY: {MapKind.COLOUR: "wall_BaseMap", MapKind.METALNESS: "wall_Metallic", None: "wall_ORM"},
    Naming.GODOT: {MapKind.COLOUR: "wall_albedo", MapKind.OCCLUSION: "wall_ao", None: "wall_orm"},
    Naming.GLTF: {MapKind.COLOUR: "wall_baseColor", None: "wall_occlusionRoughnessMetallic"},
}


@pytest.mark.parametrize("naming", Naming)
def test_no_two_files_of_a_material_have_one_name(naming: Naming) -> None:
    names = [map_names.stem(naming, "wall", kind).lower() for kind in (*MapKind, None)]
    assert len(set(names)) == len(names)
    assert all("wall" in name for name in names)


@pytest.mark.parametrize("naming", Naming)
def test_names_are_as_the_program_has_them(naming: Naming) -> None:
    for kind, name in EXPECTED[naming].items():
        assert map_names.stem(naming, "wall", kind) == name


def test_only_unreal_has_its_green_downwards() -> None:
    assert [naming for naming in Naming if map_names.green(naming) is Green.DIRECTX] == [Naming.UNREAL]


@pytest.mark.parametrize("naming", Naming)
@pytest.mark.parametrize("name", ["wall", "old_wall", "T_wall", "wall 2", "Ziegel ü"])
def test_a_material_is_known_by_its_colour_map(naming: Naming, name: str) -> None:
    assert map_names.material(map_names.stem(naming, name, MapKind.COLOUR)) == name


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
    assert map_names.PACKED == (MapKind.OCCLUSION, MapKind.ROUGHNESS, MapKind.METALNESS)
    assert all(kind.channels == 1 for kind in map_names.PACKED)
