import io
import os
import struct
import sys
import time
import warnings
import zlib
from pathlib import Path

import numpy as np
import OpenImageIO
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from neural_texture_addon.engine import deep_image, image_file
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.job.description import Bits, FileFormat, MapKind, Output

COLOURS = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
GREYS = COLOURS[:, :, 0]
PICTURE = Image.fromarray(COLOURS)


def read(path: Path, kind: MapKind = MapKind.COLOUR) -> np.ndarray:
    """Height, width, channel; 0 to 255."""
    values = image_file.read(str(path), kind).values
    assert values.dtype == torch.float32
    assert values.shape[:2] == (1, kind.channels)
    return values[0].movedim(0, 2).numpy() * 255


def notes(path: Path) -> tuple[str, ...]:
    return image_file.read(str(path), MapKind.COLOUR).notes


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        image_file.read(str(path), MapKind.COLOUR)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert str(path) in message
    return message


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", ["a.png", "a.tiff", "a.webp", "a.bmp", "a.tga", "a.ppm", "mit Leerzeichen ü 木.png"])
def test_a_lossless_colour_picture_is_read_to_the_last_bit(tmp_path: Path, name: str) -> None:
    PICTURE.save(tmp_path / name, **({"lossless": True} if name.endswith("webp") else {}))
    np.testing.assert_allclose(read(tmp_path / name), COLOURS, atol=1e-4)
    assert notes(tmp_path / name) == ()


def test_a_jpeg_is_read_almost_to_the_last_bit(tmp_path: Path) -> None:
    smooth = Image.linear_gradient("L").resize((40, 30)).convert("RGB")
    smooth.save(tmp_path / "a.jpg", quality=95)
    np.testing.assert_allclose(read(tmp_path / "a.jpg"), np.asarray(smooth), atol=4)


@pytest.mark.parametrize("kind", MapKind)
def test_greys_are_read_into_every_channel_of_the_map(tmp_path: Path, kind: MapKind) -> None:
    Image.fromarray(GREYS).save(tmp_path / "a.png")
    expected = np.repeat(GREYS[:, :, None], kind.channels, 2)
    np.testing.assert_allclose(read(tmp_path / "a.png", kind), expected, atol=1e-4)


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
@pytest.mark.parametrize("kind", [MapKind.COLOUR, MapKind.HEIGHT])
def test_sixteen_bits_of_grey_keep_their_fineness(tmp_path: Path, name: str, kind: MapKind) -> None:
    deep = np.random.default_rng(2).integers(0, 65536, (20, 30), dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / name)
    expected = np.repeat(deep[:, :, None] / 65535 * 255, kind.channels, 2)
    np.testing.assert_allclose(read(tmp_path / name, kind), expected, atol=1e-3)


DEEP = np.random.default_rng(4).integers(0, 65536, (20, 30, 4), dtype=np.uint16)


def deep_png(channels: int, picture: np.ndarray = DEEP) -> bytes:
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in picture[:, :, :channels])
    return png(picture.shape[1], picture.shape[0], 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], rows)


@pytest.mark.parametrize("kind", [MapKind.COLOUR, MapKind.NORMAL])
@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
def test_sixteen_bits_of_colour_keep_their_fineness(tmp_path: Path, name: str, kind: MapKind) -> None:
    (tmp_path / name).write_bytes(deep_png(3) if name == "a.png" else deep_image.encode(DEEP[:, :, :3], "tiff"))
    np.testing.assert_allclose(read(tmp_path / name, kind), DEEP[:, :, :3] / 65535 * 255, atol=1e-3)


DEPTHS = {
    "12 bits": (np.uint16, 65535, 12),
    "16 bits": (np.uint16, 65535, 16),
    "32 bits": (np.uint32, 2**32 - 1, 32),
    "floats": (np.float32, 1, 32),
}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("depth", DEPTHS)
def test_a_tiff_of_any_depth_is_read(tmp_path: Path, depth: str, channels: int) -> None:
    """Of which Pillow knows some, and of others too little."""
    kind, white, bits = DEPTHS[depth]
    values = DEEP[:, :, :channels] / 65535
    write_by_openimageio(tmp_path / "a.tiff", (values * white).astype(kind), bits=bits)
    expected = np.broadcast_to(values * 255, (20, 30, 3))
    np.testing.assert_allclose(read(tmp_path / "a.tiff"), expected, atol=255 / 2 ** min(bits, 15))


def test_what_begins_as_a_tiff_and_is_none_is_refused(tmp_path: Path) -> None:
    for head in (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        (tmp_path / "a.tiff").write_bytes(head + bytes(100))
        assert "the image is damaged" in refusal(tmp_path / "a.tiff")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
@pytest.mark.parametrize("suffix", ["png", "tiff", "exr"])
def test_a_deep_picture_may_have_a_name_that_is_no_unicode(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9." + suffix.encode())
    whole = DEEP[:, :, :3] if suffix != "exr" else (DEEP[:, :, :3] / 65535).astype(np.float32)
    path.write_bytes(deep_image.encode(whole, suffix))
    np.testing.assert_allclose(read(path, MapKind.NORMAL), DEEP[:, :, :3] / 65535 * 255, atol=1e-3)


def test_a_deep_picture_makes_a_deep_grey(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(deep_png(3))
    grey = DEEP[:, :, :3] / 65535 * 255 @ (0.299, 0.587, 0.114)
    np.testing.assert_allclose(read(tmp_path / "a.png", MapKind.HEIGHT)[:, :, 0], grey, atol=1e-3)


def test_without_openimageio_deep_colours_are_read_at_eight_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "OpenImageIO", None)
    (tmp_path / "a.png").write_bytes(deep_png(3))
    np.testing.assert_allclose(read(tmp_path / "a.png"), DEEP[:, :, :3] / 65535 * 255, atol=1)
    (tmp_path / "a.exr").write_bytes(b"\x76\x2f\x31\x01" + b"\0" * 100)
    assert "needs OpenImageIO" in refusal(tmp_path / "a.exr")
    image_file.check_can_encode(Output())
    for output in (Output(format=FileFormat.EXR), Output(bits=Bits.SIXTEEN)):
        with pytest.raises(InputError, match="needs OpenImageIO, which the engine's Python lacks"):
            image_file.check_can_encode(output)


def test_deep_colours_with_a_profile_are_turned_into_srgb_too(tmp_path: Path) -> None:
    """At the 8 bits that there are converters for."""
    red = np.broadcast_to(np.array([200, 30, 40], np.uint16) * 257, (20, 20, 3))
    plain = deep_png(3, red)
    profile = chunk(b"iCCP", b"swapped\0\0" + zlib.compress(profile_with_red_and_green_swapped()))
    (tmp_path / "a.png").write_bytes(plain[:33] + profile + plain[33:])
    np.testing.assert_allclose(read(tmp_path / "a.png")[3, 3], (30, 200, 40), atol=2)


def half_transparent(tmp_path: Path, name: str) -> Path:
    """Left 0.75 and half of it seen, right 0.25 and all of it."""
    values = np.full((20, 30, 4), 0.25, np.float32)
    values[:, :15] = 0.75
    values[:, :15, 3], values[:, 15:, 3] = 0.5, 1.0
    path = tmp_path / name
    if "associated" in name:
        values[:, :, :3] *= values[:, :, 3:]
    levels = (values * 65535).round().astype(np.uint16)
    match path.suffix:
        case ".exr":
            write_by_openimageio(path, values)
        case ".tiff":
            write_by_openimageio(path, levels, associated="associated" in name)
        case _:
            path.write_bytes(deep_png(4, levels))
    return path


def write_by_openimageio(path: Path, values: np.ndarray, *, associated: bool = True, bits: int = 0) -> None:
    """As it writes files of itself: with colours that are multiplied by alpha already."""
    depth = {"float32": "float", "uint32": "uint"}.get(values.dtype.name, values.dtype.name)
    spec = OpenImageIO.ImageSpec(values.shape[1], values.shape[0], values.shape[2], depth)
    spec["oiio:UnassociatedAlpha"] = int(not associated)
    if bits:
        spec["oiio:BitsPerSample"] = bits
    output = OpenImageIO.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image(values)
    assert output.close()


@pytest.mark.parametrize("name", ["a.png", "associated.exr", "a.tiff", "associated.tiff"])
def test_transparent_parts_of_deep_pictures_take_the_average_too(tmp_path: Path, name: str) -> None:
    path = half_transparent(tmp_path, name)
    average = (0.75 * 0.5 + 0.25) / 1.5
    values = read(path, MapKind.NORMAL) / 255
    np.testing.assert_allclose(values[:, :15], 0.5 * 0.75 + 0.5 * average, atol=1e-4)
    np.testing.assert_allclose(values[:, 15:], 0.25, atol=1e-4)
    assert notes(path) == (f"{path}: its transparency is left out",)


@pytest.mark.parametrize("depth", [np.float16, np.float32])
def test_light_is_read_as_colours_and_data_as_they_are(tmp_path: Path, depth: type) -> None:
    light = np.random.default_rng(5).uniform(-0.2, 1.2, (20, 30, 3)).astype(depth)
    (tmp_path / "a.exr").write_bytes(deep_image.encode(light, "exr"))
    held = light.astype(np.float32).clip(0, 1)
    np.testing.assert_allclose(read(tmp_path / "a.exr", MapKind.NORMAL), held * 255, atol=1e-3)
    shown = np.where(held <= 0.0031308, 12.92 * held, 1.055 * held ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(read(tmp_path / "a.exr"), shown * 255, atol=1e-3)


def test_light_that_is_no_number_is_not_passed_on(tmp_path: Path) -> None:
    light = np.full((4, 4, 3), 0.5, np.float32)
    light[0, 0], light[1, 1], light[2, 2] = np.nan, np.inf, -np.inf
    (tmp_path / "a.exr").write_bytes(deep_image.encode(light, "exr"))
    values = read(tmp_path / "a.exr")
    assert np.isfinite(values).all()
    assert values.max() <= 255


@pytest.mark.parametrize("channel", ["colours", "alpha"])
@pytest.mark.parametrize("strange", [np.inf, -np.inf, np.nan])
def test_one_texel_that_is_no_number_does_not_change_the_others(tmp_path: Path, channel: str, strange: float) -> None:
    """Though the transparent ones take the average of all."""
    light = np.full((20, 30, 4), 0.25, np.float32)
    light[:, :15, 3] = 0.5
    write_by_openimageio(tmp_path / "plain.exr", light)
    light[0, 0, {"colours": slice(0, 3), "alpha": 3}[channel]] = strange
    write_by_openimageio(tmp_path / "strange.exr", light)
    plain, read_beside_it = read(tmp_path / "plain.exr"), read(tmp_path / "strange.exr")
    np.testing.assert_allclose(read_beside_it[1:], plain[1:], atol=1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_deep_pictures_are_turned_upright_too(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    plain = deep_png(3)
    (tmp_path / "a.png").write_bytes(plain[:33] + chunk(b"eXIf", exif.tobytes()[6:]) + plain[33:])
    Image.fromarray((DEEP[:, :, :3] >> 8).astype(np.uint8)).save(tmp_path / "shallow.png", exif=exif)
    np.testing.assert_allclose(read(tmp_path / "a.png"), read(tmp_path / "shallow.png"), atol=1)


def test_floats_are_read_as_they_are_within_0_and_1(tmp_path: Path) -> None:
    values = np.random.default_rng(3).uniform(-0.5, 1.5, (20, 30)).astype(np.float32)
    Image.fromarray(values).save(tmp_path / "a.tiff")
    expected = values.clip(0, 1)[:, :, None] * 255
    np.testing.assert_allclose(read(tmp_path / "a.tiff", MapKind.HEIGHT), expected, atol=1e-3)


def test_floats_that_are_no_numbers_are_not_passed_on(tmp_path: Path) -> None:
    values = np.full((20, 30), 0.5, np.float32)
    values[3, 4], values[5, 6] = np.nan, np.inf
    Image.fromarray(values).save(tmp_path / "a.tiff")
    try:
        assert np.isfinite(read(tmp_path / "a.tiff", MapKind.HEIGHT)).all()
    except InputError:
        refusal(tmp_path / "a.tiff")


def test_a_palette_is_looked_up(tmp_path: Path) -> None:
    few = PICTURE.quantize(16)
    few.save(tmp_path / "a.png")
    assert few.mode == "P"
    np.testing.assert_allclose(read(tmp_path / "a.png"), np.asarray(few.convert("RGB")), atol=1e-4)


def test_black_and_white_is_read_as_0_and_1(tmp_path: Path) -> None:
    two = Image.fromarray(GREYS).convert("1", dither=Image.Dither.NONE)
    two.save(tmp_path / "a.png")
    expected = np.repeat((GREYS[:, :, None] > 127) * 255, 3, 2)
    np.testing.assert_allclose(read(tmp_path / "a.png"), expected, atol=1e-4)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_take_the_average_of_the_others(tmp_path: Path, mode: str) -> None:
    picture = Image.new("RGB", (30, 20), (200, 200, 200))
    picture.paste((100, 100, 100), (15, 0, 30, 20))
    alpha = Image.new("L", (30, 20), 255)
    alpha.paste(0, (0, 0, 30, 5))
    if mode == "P":
        picture = picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=2)
        picture.putpixel((0, 0), 2)  # a third colour, which is transparent
        picture.putpalette([*picture.getpalette()[:6], 0, 255, 0])
        picture.save(tmp_path / "a.png", transparency=2)
        assert notes(tmp_path / "a.png") == (f"{tmp_path / 'a.png'}: its transparency is left out",)
        values = read(tmp_path / "a.png")
        np.testing.assert_allclose(values[0, 0], 150, atol=1)
        np.testing.assert_allclose(values[1:, :15], 200, atol=1e-4)
        return
    picture = picture.convert(mode)
    picture.putalpha(alpha)
    picture.save(tmp_path / "a.png")
    assert notes(tmp_path / "a.png") == (f"{tmp_path / 'a.png'}: its transparency is left out",)
    values = read(tmp_path / "a.png")
    np.testing.assert_allclose(values[5:, :15], 200, atol=1e-4)
    np.testing.assert_allclose(values[5:, 15:], 100, atol=1e-4)
    np.testing.assert_allclose(values[:5], 150, atol=1)


def test_nothing_is_said_of_an_alpha_that_is_opaque_all_over(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (9, 8, 7, 255)).save(tmp_path / "a.png")
    assert notes(tmp_path / "a.png") == ()
    np.testing.assert_allclose(read(tmp_path / "a.png"), np.broadcast_to((9, 8, 7), (20, 20, 3)), atol=1e-4)


def test_a_picture_transparent_all_over_is_read(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (9, 9, 9, 0)).save(tmp_path / "a.png")
    assert np.isfinite(read(tmp_path / "a.png")).all()


def test_a_cmyk_jpeg_is_read_in_its_colours(tmp_path: Path) -> None:
    picture = Image.new("CMYK", (32, 32), (0, 255, 255, 0))  # red
    picture.paste((255, 0, 0, 0), (16, 0, 32, 32))  # cyan
    picture.save(tmp_path / "a.jpg", quality=95)
    values = read(tmp_path / "a.jpg")
    np.testing.assert_allclose(values[8:24, 4:12].mean((0, 1)), (255, 0, 0), atol=6)
    np.testing.assert_allclose(values[8:24, 20:28].mean((0, 1)), (0, 255, 255), atol=6)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tiff"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_picture_is_read_upright(tmp_path: Path, orientation: int, name: str, mode: str) -> None:
    upright = Image.new("RGB", (40, 24), (255, 0, 0))
    upright.paste((0, 255, 0), (20, 0, 40, 12))
    upright.paste((0, 0, 255), (0, 12, 20, 24))
    upright = upright.convert(mode)
    as_stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright if as_stored is None else upright.transpose(as_stored)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / name, exif=exif, **({"quality": 100, "subsampling": 0} if name == "a.jpg" else {}))
    np.testing.assert_allclose(read(tmp_path / name), np.asarray(upright.convert("RGB")), atol=4)


def test_deep_greys_are_turned_upright_too(tmp_path: Path) -> None:
    deep = np.random.default_rng(2).integers(0, 65536, (20, 30), dtype=np.uint16)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(deep).copy()).save(tmp_path / "a.png", exif=exif)
    values = read(tmp_path / "a.png", MapKind.HEIGHT)[:, :, 0]
    np.testing.assert_allclose(values, deep / 65535 * 255, atol=1e-3)


def profile_with_red_and_green_swapped() -> bytes:
    """sRGB's, the primaries' tags renamed."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_another_colour_profile_is_turned_into_srgb(tmp_path: Path, mode: str) -> None:
    picture = Image.new("RGB", (20, 20), (200, 30, 40)).convert(mode, palette=Image.Palette.ADAPTIVE)
    picture.save(tmp_path / "a.png", icc_profile=profile_with_red_and_green_swapped())
    np.testing.assert_allclose(read(tmp_path / "a.png")[3, 3], (30, 200, 40), atol=2)


def test_numbers_that_are_no_colours_have_no_colour_profile(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.png", icc_profile=profile_with_red_and_green_swapped())
    np.testing.assert_allclose(read(tmp_path / "a.png", MapKind.NORMAL), COLOURS, atol=1e-4)


@pytest.mark.parametrize(
    "profile", [b"rubbish", b"\0" * 200, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()]
)
def test_a_profile_that_fits_nothing_is_left_out(tmp_path: Path, profile: bytes) -> None:
    PICTURE.save(tmp_path / "a.png", icc_profile=profile)
    np.testing.assert_allclose(read(tmp_path / "a.png"), COLOURS, atol=1e-4)


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.tiff"])
def test_the_first_picture_of_an_animation_is_read_and_that_is_said(tmp_path: Path, name: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ((200, 0, 0), (0, 200, 0), (0, 0, 200))]
    extra = {"lossless": True} if name == "a.webp" else {}
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **extra)
    np.testing.assert_allclose(read(tmp_path / name), np.asarray(frames[0]), atol=1e-4)
    assert notes(tmp_path / name) == (f"{tmp_path / name}: only the first of its 3 pictures is used",)


def test_one_texel_is_read(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1), (1, 2, 3)).save(tmp_path / "a.png")
    np.testing.assert_allclose(read(tmp_path / "a.png"), [[[1, 2, 3]]], atol=1e-4)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "nothing here ü.png")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    assert "is a folder" in refusal(tmp_path / "a.png")


@pytest.mark.parametrize(
    "content", [b"", b"This is no picture.\n", b"\0" * 5000, b"<svg xmlns='...'/>", b"GIF89a", b"\xff\xd8\xff"]
)
def test_a_file_that_is_no_image_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert "image" in refusal(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.tiff", "a.webp", "a.bmp"])
def test_a_cut_file_is_refused(tmp_path: Path, name: str) -> None:
    PICTURE.resize((90, 90)).save(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    for share in (0.02, 0.3, 0.7):
        (tmp_path / name).write_bytes(content[: int(len(content) * share)])
        refusal(tmp_path / name)


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(100_000, 100_000, 8, 2, b"\0" * 100))
    assert "scale it down" in refusal(tmp_path / "a.png")


def test_a_picture_for_which_there_is_no_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PICTURE.save(tmp_path / "a.png")
    monkeypatch.setattr(image_file.memory, "available", lambda *_: 50)
    assert "0.0 GB are free; scale it down" in refusal(tmp_path / "a.png")


def test_a_tall_damaged_picture_is_refused_at_its_first_fault(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(64, 200_000, 16, 2, b"\0" * 100))
    began = time.monotonic()
    assert "damaged" in refusal(tmp_path / "a.png")
    assert time.monotonic() - began < 60, "it took minutes: a fault was noted in each row"


def test_a_palette_picture_without_a_palette_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(4, 4, 8, 3, b"\0" * 20))
    assert "damaged or incomplete (its parts don't fit together)" in refusal(tmp_path / "a.png")


def test_no_program_is_started_to_read_a_file(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.png", "EPS")  # Pillow would hand it to Ghostscript
    assert "is not an image that can be read" in refusal(tmp_path / "a.png")


def test_a_path_that_cannot_be_one_is_refused_in_a_line(tmp_path: Path) -> None:
    for path in ("", "a\0b", "x" * 5000, "two\nlines.png", "lone \udcff surrogate"):
        with pytest.raises(InputError) as caught:
            image_file.read(path, MapKind.COLOUR)
        assert len(str(caught.value).splitlines()) == 1


def _encoded() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    files = {}
    for name, picture in {"RGB": PICTURE, "P": PICTURE.quantize(8), "RGBA": PICTURE.convert("RGBA")}.items():
        for kind in ("PNG", "JPEG", "TIFF", "GIF", "WEBP"):
            if kind == "JPEG" and name != "RGB":
                continue
            buffer = io.BytesIO()
            picture.save(buffer, kind, exif=exif, icc_profile=profile)
            files[f"{kind} {name}"] = buffer.getvalue()
    files |= {f"deep {suffix}": deep_image.encode(DEEP, suffix) for suffix in ("png", "tiff")}
    return files | {"EXR": deep_image.encode(DEEP.astype(np.float32) / 65535, "exr")}


FILES = _encoded()


@given(name=st.sampled_from(sorted(FILES)), data=st.data())
@settings(max_examples=300)
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "a.img"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of corrupt EXIF and the like
        try:
            texels = image_file.read(str(path), MapKind.COLOUR)
        except InputError as error:
            message = str(error)
            assert len(message.splitlines()) == 1
            assert str(path) in message
        else:
            assert texels.values.isfinite().all()


OUTPUTS = [Output(format=f, bits=b) for f in FileFormat for b in Bits if b <= f.most_bits]
STEPS = {Bits.EIGHT: 255, Bits.SIXTEEN: 65535}


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: f"{output.format} {output.bits.value}")
@pytest.mark.parametrize("kind", MapKind)
def test_what_is_encoded_is_read_again(tmp_path: Path, output: Output, kind: MapKind) -> None:
    """To within half a step; that of half floats is a 2048th of the light, which 2.4 times darker numbers stand for."""
    texels = torch.rand(1, kind.channels, 20, 30, generator=torch.Generator().manual_seed(1))
    texels[0, 0, 0, :2] = torch.tensor([0.0, 1.0])
    encoded = image_file.encode(texels, kind, output)
    assert image_file.encode(texels, kind, output) == encoded
    (tmp_path / "a").write_bytes(encoded)
    again = image_file.read(str(tmp_path / "a"), kind).values
    assert again.shape == texels.shape
    step = 1e-6 if output.bits is Bits.THIRTY_TWO else 2**-11
    half = step / 2 if output.format is FileFormat.EXR else 0.5 / STEPS[output.bits]
    assert float((again - texels).abs().max()) <= half + 1e-6


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: f"{output.format} {output.bits.value}")
def test_files_are_as_deep_as_they_are_said_to_be(tmp_path: Path, output: Output) -> None:
    path = tmp_path / f"a.{output.format.value}"
    for kind in (MapKind.COLOUR, MapKind.HEIGHT):
        path.write_bytes(image_file.encode(torch.full((1, kind.channels, 4, 6), 0.5), kind, output))
        spec = OpenImageIO.ImageBuf(str(path)).spec()
        deep = {Bits.EIGHT: "half", Bits.SIXTEEN: "half", Bits.THIRTY_TWO: "float"}
        whole = {Bits.EIGHT: "uint8", Bits.SIXTEEN: "uint16"}
        assert str(spec.format) == (deep if output.format is FileFormat.EXR else whole)[output.bits]
        assert spec.getattribute("DateTime") in (None, "1970:01:01 00:00:00"), "the same texels, the same bytes"
        if output.format is not FileFormat.WEBP:  # which has no greys
            assert spec.nchannels == kind.channels


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: f"{output.format} {output.bits.value}")
def test_what_a_file_says_of_itself_is_in_it_and_changes_no_texel(tmp_path: Path, output: Output) -> None:
    texels = torch.rand(1, 1, 8, 6, generator=torch.Generator().manual_seed(1))
    read_again = []
    for says in ("", "a guess"):
        (tmp_path / "a").write_bytes(image_file.encode(texels, MapKind.HEIGHT, output, says))
        assert (b"a guess" in (tmp_path / "a").read_bytes()) == bool(says)
        read_again.append(read(tmp_path / "a", MapKind.HEIGHT))
    assert np.array_equal(*read_again)


def test_light_is_written_for_colours_and_data_as_they_are(tmp_path: Path) -> None:
    texels = torch.full((1, 3, 4, 4), 0.5)
    for kind, expected in ((MapKind.COLOUR, ((0.5 + 0.055) / 1.055) ** 2.4), (MapKind.NORMAL, 0.5)):
        output = Output(format=FileFormat.EXR, bits=Bits.THIRTY_TWO)
        (tmp_path / "a.exr").write_bytes(image_file.encode(texels, kind, output))
        np.testing.assert_allclose(deep_image.read(str(tmp_path / "a.exr")).values, expected, rtol=1e-6)


def test_values_are_rounded_to_the_nearest_level_and_clamped() -> None:
    levels = torch.tensor([-1.0, 0.0, 0.4, 0.6, 99.4, 254.6, 300.0]) / 255
    encoded = image_file.encode(levels.view(1, 1, 1, -1), MapKind.HEIGHT, Output())
    assert np.asarray(Image.open(io.BytesIO(encoded))).tolist() == [[0, 0, 0, 1, 99, 255, 255]]
    levels = torch.tensor([-1.0, 0.0, 0.4, 0.6, 1000.4, 65534.6, 70000.0]).double() / 65535
    encoded = image_file.encode(levels.view(1, 1, 1, -1), MapKind.HEIGHT, Output(bits=Bits.SIXTEEN))
    assert np.asarray(Image.open(io.BytesIO(encoded))).tolist() == [[0, 0, 0, 1, 1000, 65535, 65535]]


@pytest.mark.parametrize("suffix", ["png", "exr"])
def test_a_damaged_deep_file_is_refused_or_read_in_part(tmp_path: Path, suffix: str) -> None:
    values = DEEP[:, :, :3] if suffix == "png" else DEEP[:, :, :3].astype(np.float32) / 65535
    content = deep_image.encode(values, suffix)
    for share in (0.02, 0.1, 0.5, 0.9):
        (tmp_path / f"a.{suffix}").write_bytes(content[: int(len(content) * share)])
        refusal(tmp_path / f"a.{suffix}")


def test_a_png_written_quickly_has_the_same_texels() -> None:
    values = torch.rand(1, 3, 40, 50, generator=torch.Generator().manual_seed(1))
    written = [image_file.encode(values, MapKind.COLOUR, Output(), quickly=quickly) for quickly in (False, True)]
    assert written[0] != written[1]
    slow, quick = (np.asarray(Image.open(io.BytesIO(content))) for content in written)
    assert np.array_equal(slow, quick)
