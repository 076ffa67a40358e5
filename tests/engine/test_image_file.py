import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from neural_texture_addon.engine import image_file
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.job.description import FileFormat, MapKind

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


def test_sixteen_bits_of_colour_are_read_at_eight(tmp_path: Path) -> None:
    deep = COLOURS.astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    (tmp_path / "a.png").write_bytes(png(30, 20, 16, 2, rows))
    np.testing.assert_allclose(read(tmp_path / "a.png"), COLOURS, atol=1e-4)


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
    return files


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


@pytest.mark.parametrize("file_format", FileFormat)
@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_encoded_is_read_again(tmp_path: Path, file_format: FileFormat, channels: int) -> None:
    kind = MapKind.COLOUR if channels > 1 else MapKind.HEIGHT
    texels = torch.tensor(COLOURS[:, :, :channels] / 255).float().movedim(2, 0)[None]
    (tmp_path / "a").write_bytes(image_file.encode(texels, file_format))
    torch.testing.assert_close(image_file.read(str(tmp_path / "a"), kind).values, texels)


def test_values_are_rounded_to_the_nearest_level_and_clamped() -> None:
    levels = torch.tensor([-1.0, 0.0, 0.4, 0.6, 99.4, 254.6, 300.0]) / 255
    encoded = image_file.encode(levels.view(1, 1, 1, -1), FileFormat.PNG)
    assert np.asarray(Image.open(io.BytesIO(encoded))).tolist() == [[0, 0, 0, 1, 99, 255, 255]]
