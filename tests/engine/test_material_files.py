import json
from dataclasses import replace
from pathlib import Path

import OpenImageIO
import pytest
import torch
from PIL import Image

from neural_texture_addon.engine import exemplar, image_file, material_files, normals, stacked
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.engine.material_files import Files
from neural_texture_addon.job import map_files, map_names
from neural_texture_addon.job.description import Bits, FileFormat, Green, MapKind, Naming, PackedAs, Packing

ALL = tuple(MapKind)
SAYS = {kind: f"{kind.value} by guess" for kind in ALL}
PACKED = (MapKind.OCCLUSION, MapKind.ROUGHNESS, MapKind.METALNESS)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(folder=tmp_path / "out", material="wall")


def maps(seed: int = 0) -> dict[MapKind, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {kind: torch.rand(1, kind.channels, 20, 30, generator=generator) for kind in ALL}


def written(files: Files, made: dict[MapKind, torch.Tensor]) -> list[Path]:
    material_files.check(files, made, Path("elsewhere.png"))
    return material_files.write(files, made, SAYS, Green.OPENGL, {"image": "photo.jpg"})


def depth(path: Path) -> str:
    return str(OpenImageIO.ImageBuf(str(path)).spec().format)


@pytest.mark.parametrize(
    ("file_format", "bits", "colour_bits", "depths", "steps"),
    [
        (FileFormat.PNG, 16, 8, ("uint16", "uint8"), (1 / 65535, 1 / 255)),
        (FileFormat.PNG, 8, 16, ("uint8", "uint16"), (1 / 255, 1 / 65535)),
        (FileFormat.TIFF, 16, 8, ("uint16", "uint8"), (1 / 65535, 1 / 255)),
        (FileFormat.EXR, 32, 16, ("float", "half"), (1e-6, 2**-11)),
    ],
)
def test_maps_are_read_again_to_within_half_a_step(
    files: Files,
    file_format: FileFormat,
    bits: int,
    colour_bits: int,
    depths: tuple[str, str],
    steps: tuple[float, float],
) -> None:
    files = replace(files, format=file_format, bits=Bits(bits), colour_bits=Bits(colour_bits))
    made = maps()
    for path, (kind, texels) in zip(written(files, made), made.items(), strict=True):
        coarse = kind not in (MapKind.HEIGHT, MapKind.NORMAL)
        assert depth(path) == depths[coarse]
        again = image_file.read(str(path), kind).values
        assert float((again - texels).abs().max()) <= steps[coarse] / 2 + 1e-6, kind


@pytest.mark.parametrize("naming", [naming for naming in Naming if naming is not Naming.UNITY])
def test_a_packed_image_holds_three_maps_exactly(files: Files, naming: Naming) -> None:
    made = maps()
    paths = written(replace(files, naming=naming, packing=Packing.PACKED), made)
    assert len(paths) == 4
    channels = image_file.read(str(paths[-1]), MapKind.NORMAL).values
    for place, kind in enumerate(PACKED):
        torch.testing.assert_close(channels[:, place], made[kind][:, 0], rtol=0, atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize("packing", Packing)
@pytest.mark.parametrize(
    ("file_format", "bits", "step"),
    [
        (FileFormat.PNG, 8, 1 / 255),
        (FileFormat.PNG, 16, 1 / 65535),
        (FileFormat.TIFF, 8, 1 / 255),
        (FileFormat.TIFF, 16, 1 / 65535),
        (FileFormat.WEBP, 8, 1 / 255),
        (FileFormat.EXR, 32, 1e-6),
    ],
)
def test_unity_reads_metallic_and_smoothness(
    files: Files, packing: Packing, file_format: FileFormat, bits: int, step: float
) -> None:
    made = maps()
    made[MapKind.ROUGHNESS][0, 0, :5] = 1.0  # where alpha is 0
    unity = replace(files, naming=Naming.UNITY, packing=packing, format=file_format, colour_bits=Bits(bits))
    unity = replace(unity, bits=min(unity.bits, file_format.most_bits))
    name = "wall_MaskMap" if packing is Packing.PACKED else "wall_MetallicSmoothness"
    (path,) = (path for path in written(unity, made) if path.stem == name)
    as_stored = OpenImageIO.ImageSpec()
    as_stored["oiio:UnassociatedAlpha"] = 1
    texels = torch.tensor(OpenImageIO.ImageBuf(str(path), 0, 0, as_stored).get_pixels(OpenImageIO.FLOAT))
    red, green, _, alpha = texels.movedim(2, 0)
    assert float((red - made[MapKind.METALNESS][0, 0]).abs().max()) <= step / 2 + 1e-6
    assert float((1 - alpha - made[MapKind.ROUGHNESS][0, 0]).abs().max()) <= step / 2 + 1e-6
    second = MapKind.OCCLUSION if packing is Packing.PACKED else MapKind.METALNESS
    assert float((green - made[second][0, 0]).abs().max()) <= step / 2 + 1e-6


@pytest.mark.parametrize("packing", Packing)
@pytest.mark.parametrize("naming", Naming)
@pytest.mark.parametrize(
    ("file_format", "bits", "step"),
    [
        (FileFormat.PNG, 8, 1 / 255),
        (FileFormat.PNG, 16, 1 / 65535),
        (FileFormat.TIFF, 16, 1 / 65535),
        (FileFormat.WEBP, 8, 1 / 255),
        (FileFormat.EXR, 32, 1e-6),
    ],
)
def test_what_is_written_for_any_program_is_read_again_as_a_style_image(
    files: Files, naming: Naming, packing: Packing, file_format: FileFormat, bits: int, step: float
) -> None:
    made = maps()
    made[MapKind.NORMAL] = normals.renormalised(made[MapKind.NORMAL])
    made[MapKind.ROUGHNESS][0, 0, :5] = 1.0  # a smoothness of 0, as alpha
    files = replace(files, naming=naming, packing=packing, format=file_format, bits=Bits(bits), colour_bits=Bits(bits))
    material_files.check(files, made, Path("elsewhere.png"))
    turned = {**made, MapKind.NORMAL: normals.flipped(made[MapKind.NORMAL])}
    green = map_names.green(naming)
    material_files.write(files, turned if green is Green.DIRECTX else made, SAYS, green, {})
    described = map_files.in_folder(str(files.folder))
    assert map_files.kinds_of(described) == ALL
    (read,) = exemplar.load([described], ALL, torch.device("cpu"))
    assert read.notes == ()
    for kind in ALL:
        texels = read.texels[:, stacked.channels_of(kind, ALL)]
        most = step * (1 if kind is MapKind.NORMAL else 0.5)  # a normal is of unit length again
        assert float((texels - made[kind]).abs().max()) <= most + 2e-6, kind


def test_smoothness_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "wall_MaskMap.png"
    Image.new("RGB", (20, 20), "grey").save(path)
    with pytest.raises(InputError, match=r"wall_MaskMap\.png: has no alpha channel, .* smoothness"):
        image_file.read_packed(str(path), PackedAs.MASK_MAP)


def test_a_map_that_is_not_there_changes_nothing_in_a_shared_file() -> None:
    roughness = maps()[MapKind.ROUGHNESS]
    ((_, channels),) = map_names.files(Naming.GLTF, Packing.PACKED, "wall", PACKED).items()
    occlusion, same, metalness = stacked.in_one_file(channels, {MapKind.ROUGHNESS: roughness})[0]
    assert torch.equal(same, roughness[0, 0])
    assert float(occlusion.min()) == 1
    assert float(metalness.max()) == 0


def test_a_packed_exr_is_data(files: Files) -> None:
    """No curve is laid over it as over colours."""
    made = maps()
    paths = written(replace(files, packing=Packing.PACKED, format=FileFormat.EXR, colour_bits=Bits.THIRTY_TWO), made)
    channels = image_file.read(str(paths[-1]), MapKind.NORMAL).values
    torch.testing.assert_close(channels, torch.cat([made[kind] for kind in PACKED], 1), rtol=0, atol=1e-6)


@pytest.mark.parametrize("file_format", [FileFormat.PNG, FileFormat.TIFF, FileFormat.EXR])
def test_each_file_says_what_it_is(files: Files, file_format: FileFormat) -> None:
    for path, kind in zip(written(replace(files, format=file_format), maps()), ALL, strict=True):
        said = OpenImageIO.ImageBuf(str(path)).spec().getattribute("ImageDescription")
        assert said == f"{kind.value}: {kind.value} by guess", path


def test_a_png_says_it_to_whoever_reads_text_chunks(files: Files) -> None:
    for path in written(replace(files, packing=Packing.PACKED), maps()):
        with Image.open(path) as image:
            assert "by guess" in image.info["Description"], path


def test_a_report_lies_beside_them(files: Files) -> None:
    paths = written(replace(files, packing=Packing.PACKED, naming=Naming.GODOT), maps())
    report = json.loads((files.folder / "wall_maps.json").read_text(encoding="utf-8"))
    assert report["image"] == "photo.jpg"
    assert [entry["file"] for entry in report["files"]] == [path.name for path in paths]
    assert report["files"][1] == {
        "file": "wall_normal.png",
        "channels": {"normal": "normal by guess"},
        "green": "opengl",
    }
    assert list(report["files"][-1]["channels"]) == ["occlusion", "roughness", "metalness"]


def test_the_same_maps_are_the_same_bytes(files: Files) -> None:
    first, again = ([path.read_bytes() for path in written(files, maps())] for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"bits": Bits.THIRTY_TWO}, "32 bits a channel in png; allowed: up to 16"),
        ({"format": FileFormat.WEBP}, "16 bits a channel in webp; allowed: up to 8"),
        ({"material": "a/b"}, "the material's name is 'a/b'"),
        ({"material": ""}, "the material's name is ''"),
        ({"material": ".."}, "the material's name is '..'"),
        ({"material": "C:wall"}, "the material's name is 'C:wall'"),
        ({"material": "a\0b"}, r"the material's name is 'a.x00b'"),
    ],
)
def test_what_can_not_be_written_is_refused(files: Files, change: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named.replace("..", r"\.\.")):
        material_files.check(replace(files, **change), ALL, Path("elsewhere.png"))
    assert not files.folder.exists()


def test_the_image_itself_is_spared(files: Files) -> None:
    mine = files.folder / "wall_Color.png"
    files.folder.mkdir()
    mine.write_bytes(b"mine")
    link = files.folder.parent / "link.png"
    link.symlink_to(mine)
    for image in (mine, link):
        with pytest.raises(InputError, match="would be lost"):
            material_files.check(files, ALL, image)
    material_files.check(files, (MapKind.HEIGHT,), mine)


def test_a_folder_that_is_a_file_is_bad_input(files: Files) -> None:
    files.folder.write_bytes(b"")
    with pytest.raises(InputError, match="can't be written to"):
        material_files.check(files, ALL, Path("elsewhere.png"))
