from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.job import map_names
from neural_texture_addon.job.description import Green, MapKind, Naming, PackedAs, Packing
from neural_texture_addon.job.map_files import MapFilesError, Tag, in_folder, kinds_of, read, sets_of

COLOUR, NORMAL, HEIGHT, ROUGHNESS, OCCLUSION, METALNESS = MapKind
OPENGL, DIRECTX = Green.OPENGL, Green.DIRECTX
ARM, MASK_MAP, METALLIC_SMOOTHNESS = PackedAs
Fill = Callable[..., str]

AMBIENT_CG = {
    "Color": COLOUR,
    "NormalGL": NORMAL,
    "Roughness": ROUGHNESS,
    "Displacement": HEIGHT,
    "AmbientOcclusion": OCCLUSION,
    "Metalness": METALNESS,
}
POLY_HAVEN = {"diff": COLOUR, "nor_gl": NORMAL, "rough": ROUGHNESS, "disp": HEIGHT, "ao": OCCLUSION, "metal": METALNESS}
SUBSTANCE = {
    "Base_Color": COLOUR,
    "Normal_OpenGL": NORMAL,
    "Roughness": ROUGHNESS,
    "Height": HEIGHT,
    "Ambient_Occlusion": OCCLUSION,
    "Metallic": METALNESS,
}
QUIXEL = {"Albedo": COLOUR, "Normal": NORMAL, "Roughness": ROUGHNESS, "Displacement": HEIGHT, "AO": OCCLUSION}
OURS = {"": COLOUR, "normal": NORMAL, "height": HEIGHT, "roughness": ROUGHNESS, "occlusion": OCCLUSION}
CONVENTIONS = {
    "ambientCG": ("{name}_2K-PNG_{tag}", AMBIENT_CG),
    "Poly Haven": ("{name}_{tag}_4k", POLY_HAVEN),
    "Substance": ("{name}_{tag}", SUBSTANCE),
    "Quixel": ("{name}_8K_{tag}", QUIXEL),
    "with spaces": ("{name} {tag} 1024x1024", SUBSTANCE),
    "this program": ("{name}_{tag}", OURS),
}
NAMES = st.from_regex(r"[A-Za-z][a-z]{2,8}([_ \-][0-9]{1,2})?([_ ][a-z]{4,7})?", fullmatch=True).filter(
    lambda name: read(name)[1] is None
)


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """A folder with empty files of these names."""

    def make(*names: str) -> str:
        for name in names:
            (tmp_path / name).touch()
        return str(tmp_path)

    return make


@pytest.mark.parametrize("convention", CONVENTIONS)
@given(name=NAMES, suffix=st.sampled_from([".png", ".jpg", ".EXR", ".tif"]), upper=st.booleans())
def test_a_set_is_told_by_its_names_whatever_the_surface_is_called(
    convention: str, name: str, suffix: str, upper: bool
) -> None:
    pattern, tags = CONVENTIONS[convention]
    wanted = {}
    for tag, kind in tags.items():
        stem = pattern.format(name=name, tag=tag).rstrip("_")
        wanted[kind] = (stem.upper() if upper else stem) + suffix
    ((_, found),) = sets_of(sorted(wanted.values())).items()
    assert {tag.kind: path for tag, path in found} == wanted


@given(NAMES, st.sampled_from(Naming))
def test_whatever_this_program_calls_the_files_of_a_material_is_told_again(name: str, naming: Naming) -> None:
    named = {}
    for packing in Packing:
        named |= map_names.files(naming, packing, name, MapKind)
    paths = {f"{stem}.png": map_names.held(channels) for stem, channels in named.items()}
    ((_, found),) = sets_of(paths).items()
    assert {path: {tag.kind} if tag.kind else {*tag.packed.maps} for tag, path in found} == {
        path: {*held} for path, held in paths.items()
    }
    green = next(tag.green for tag, _ in found if tag.kind is NORMAL)
    assert (green or Green.OPENGL) is map_names.green(naming)


@given(NAMES, st.sampled_from(["NormalDX", "nor_dx", "normal-dx", "Normal_DirectX"]))
def test_a_name_says_which_way_the_green_of_a_normal_map_goes(name: str, tag: str) -> None:
    assert read(f"{name}_{tag}_2k")[1] == Tag(kind=NORMAL, green=DIRECTX)
    assert read(f"{name}_{tag.lower().replace('dx', 'gl').replace('directx', 'opengl')}")[1] == Tag(
        kind=NORMAL, green=OPENGL
    )


@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_names_at_all_make_sets_of_different_files(names: Sequence[str]) -> None:
    paths = sorted({f"{name}.png".replace("/", "").replace("\0", "") for name in names})
    found = [path for files in sets_of(paths).values() for _, path in files]
    assert len(found) == len(set(found))
    assert set(found) <= set(paths)


def test_the_examples_are_sets() -> None:
    examples = Path(__file__).resolve().parents[2] / "examples"
    folders = [folder for folder in examples.iterdir() if folder.is_dir()]
    assert folders
    for folder in folders:
        exemplar = in_folder(str(folder))
        assert kinds_of(exemplar) == (COLOUR, NORMAL, HEIGHT, ROUGHNESS)
        assert exemplar.maps[COLOUR] == str(folder / f"{folder.name}_Color.png")
        assert exemplar.green is OPENGL


def test_a_packed_file_fills_in_what_has_no_file_of_its_own(fill: Fill) -> None:
    folder = fill("wall_diff_2k.jpg", "wall_arm_2k.jpg", "wall_rough_2k.jpg", "wall_spec_2k.jpg", "wall_2k.blend")
    exemplar = in_folder(folder)
    assert exemplar.packed == str(Path(folder, "wall_arm_2k.jpg"))
    assert kinds_of(exemplar) == (COLOUR, ROUGHNESS, OCCLUSION, METALNESS)
    assert exemplar.path_of(ROUGHNESS) == str(Path(folder, "wall_rough_2k.jpg"))
    assert exemplar.path_of(METALNESS) == exemplar.packed


def test_unitys_files_hold_smoothness(fill: Fill) -> None:
    exemplar = in_folder(fill("Wall_BaseMap.png", "Wall_MetallicSmoothness.png", "Wall_Occlusion.png"))
    assert (Path(exemplar.packed).stem, exemplar.packed_as) == ("Wall_MetallicSmoothness", METALLIC_SMOOTHNESS)
    assert kinds_of(exemplar) == (COLOUR, ROUGHNESS, OCCLUSION, METALNESS)
    Path(exemplar.maps[OCCLUSION]).unlink()
    assert kinds_of(in_folder(fill())) == (COLOUR, ROUGHNESS, METALNESS)
    exemplar = in_folder(fill("Wall_Mask_Map.png"))
    assert (Path(exemplar.packed).stem, exemplar.packed_as) == ("Wall_Mask_Map", MASK_MAP), "it holds more"
    assert kinds_of(exemplar) == (COLOUR, ROUGHNESS, OCCLUSION, METALNESS)


def test_unreals_letters_count_after_its_prefix_only(fill: Fill) -> None:
    exemplar = in_folder(fill("T_Wall_BC.tga", "T_Wall_N.tga", "T_Wall_ORM.tga", "T_Wall_H.tga"))
    assert kinds_of(exemplar) == (COLOUR, NORMAL, HEIGHT, ROUGHNESS, OCCLUSION, METALNESS)
    assert exemplar.green is DIRECTX
    assert read("plan_n")[1] is None


def test_of_normal_maps_in_both_conventions_opengls_is_taken(fill: Fill) -> None:
    folder = fill("b_Color.png", "b_NormalDX.png", "b_NormalGL.png", "b.png")
    exemplar = in_folder(folder)
    assert (exemplar.maps[NORMAL], exemplar.green) == (str(Path(folder, "b_NormalGL.png")), OPENGL)
    (Path(folder) / "b_NormalGL.png").unlink()
    assert in_folder(folder).green is DIRECTX


def test_a_colour_may_be_named_like_its_surface_even_if_that_is_metal(fill: Fill) -> None:
    exemplar = in_folder(fill("rusty_metal.png", "rusty_metal_normal.png"))
    assert Path(exemplar.maps[COLOUR]).name == "rusty_metal.png"
    assert kinds_of(exemplar) == (COLOUR, NORMAL)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "holds no maps"),
        (("photo.png", "notes.txt", ".b_Color.png"), "holds no maps"),
        (("a_Color.png", "b_Color.png", "b_Height.png"), r"several surfaces \(a, b\)"),
        (("a_1k_Color.png", "a_4k_Color.png"), r"several surfaces \(a_1k, a_4k\)"),
        (("a_Height.png", "a_arm.png"), "no colour map .* only height, packed"),
        (("a_Color.png", "a_albedo.png"), "its colour map may be a_Color.png or a_albedo.png"),
        (("a_Color.png", "a_disp.png", "a_disp.exr"), "its height map may be a_disp.exr or a_disp.png"),
        (("a_Color.png", "a_arm.png", "a_ORM.png"), "its packed map may be"),
    ],
)
def test_what_is_not_one_set_is_refused_in_a_line(fill: Fill, names: Sequence[str], message: str) -> None:
    folder = fill(*names)
    with pytest.raises(MapFilesError, match=message) as caught:
        in_folder(folder)
    assert str(caught.value).startswith(f"{folder}: ")
    assert len(str(caught.value).splitlines()) == 1


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MapFilesError, match="nowhere: can't be read"):
        in_folder(str(tmp_path / "nowhere"))
