"""Image files: real ones, cut, with bytes changed, with headers that declare other sizes."""

import io
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from PIL import Image, ImageCms

from neural_texture_addon.engine import deep_image, image_file
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.job.description import MapKind

PATH = Path(tempfile.mkdtemp()) / "a.img"


def case(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(CORPUS)))
    content = CORPUS[name]
    for _ in range(data.draw(st.integers(1, 3))):
        content = data.draw(st.sampled_from([declared, changed, cut, spliced]))(data, name.split()[0], content)
    PATH.write_bytes(content)
    kind = data.draw(st.sampled_from([MapKind.COLOUR, MapKind.NORMAL, MapKind.HEIGHT]))
    try:
        texels = image_file.read(str(PATH), kind)
    except InputError as error:
        text = str(error)
        assert text.startswith(str(PATH)), text
        assert len(text.splitlines()) == 1, text
        assert len(text) < 500, text
    else:
        assert texels.values.shape[:2] == (1, kind.channels)
        assert 0 <= texels.values.min() <= texels.values.max() <= 1
        assert all(len(note.splitlines()) == 1 for note in texels.notes)


def declared(data: st.DataObject, format_name: str, content: bytes) -> bytes:
    """Another width and height in the header."""
    sides = st.sampled_from([0, 1, 64, 3000, 8191, 13000, 16383, 65535, 100_000, 2**31 - 1, 2**32 - 1])
    width, height = data.draw(sides), data.draw(sides)
    return DECLARE[format_name](bytearray(content), width, height)


def changed(data: st.DataObject, _: str, content: bytes) -> bytes:
    spoilt = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8)) if spoilt else 0):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    return bytes(spoilt)


def cut(data: st.DataObject, _: str, content: bytes) -> bytes:
    return content[: data.draw(st.integers(0, len(content)))]


def spliced(data: st.DataObject, _: str, content: bytes) -> bytes:
    """Its beginning before another's end."""
    other = CORPUS[data.draw(st.sampled_from(sorted(CORPUS)))]
    return content[: data.draw(st.integers(0, len(content)))] + other[data.draw(st.integers(0, len(other))) :]


def declare_in_png(content: bytearray, width: int, height: int) -> bytes:
    if len(content) >= 33:
        struct.pack_into(">II", content, 16, width, height)
        struct.pack_into(">I", content, 29, zlib.crc32(content[12:29]))
    return bytes(content)


def declare_in_jpeg(content: bytearray, width: int, height: int) -> bytes:
    for marker in (b"\xff\xc0\x00\x11", b"\xff\xc2\x00\x11"):
        if 0 < (at := content.find(marker)) < len(content) - 9:
            struct.pack_into(">HH", content, at + 5, height & 0xFFFF, width & 0xFFFF)
    return bytes(content)


def declare_in_tiff(content: bytearray, width: int, height: int) -> bytes:
    order = "<" if content[:2] == b"II" else ">"
    for tag, value in ((0x100, width), (0x101, height)):
        for kind, code in ((3, "H2x"), (4, "I")):
            entry = struct.pack(f"{order}HHI", tag, kind, 1)
            if 0 < (at := content.find(entry)) <= len(content) - 12:
                struct.pack_into(f"{order}{code}", content, at + 8, value & (0xFFFF if kind == 3 else 0xFFFFFFFF))
    return bytes(content)


def declare_in_webp(content: bytearray, width: int, height: int) -> bytes:
    width, height = max(width, 1), max(height, 1)
    if (at := content.find(b"VP8L")) > 0 and len(content) >= at + 13:
        struct.pack_into("<I", content, at + 9, (width - 1) & 0x3FFF | ((height - 1) & 0x3FFF) << 14)
    if (at := content.find(b"VP8 ")) > 0 and len(content) >= at + 18:
        struct.pack_into("<HH", content, at + 14, width & 0x3FFF, height & 0x3FFF)
    if (at := content.find(b"VP8X")) > 0 and len(content) >= at + 18:
        content[at + 12 : at + 18] = b"".join(((side - 1) & 0xFFFFFF).to_bytes(3, "little") for side in (width, height))
    return bytes(content)


def declare_in_exr(content: bytearray, width: int, height: int) -> bytes:
    for name in (b"dataWindow\0box2i\0", b"displayWindow\0box2i\0"):
        if 0 < (at := content.find(name)) <= len(content) - len(name) - 20:
            right, low = (min(side - 1, 2**31 - 1) for side in (width, height))
            struct.pack_into("<iiii", content, at + len(name) + 4, 0, 0, right, low)
    return bytes(content)


def declare_in_gif(content: bytearray, width: int, height: int) -> bytes:
    if len(content) >= 10:
        struct.pack_into("<HH", content, 6, width & 0xFFFF, height & 0xFFFF)
    return bytes(content)


def declare_in_bmp(content: bytearray, width: int, height: int) -> bytes:
    if len(content) >= 26:
        struct.pack_into("<II", content, 18, width, height)
    return bytes(content)


DECLARE: dict[str, Callable[[bytearray, int, int], bytes]] = {
    "PNG": declare_in_png,
    "JPEG": declare_in_jpeg,
    "TIFF": declare_in_tiff,
    "WEBP": declare_in_webp,
    "EXR": declare_in_exr,
    "GIF": declare_in_gif,
    "BMP": declare_in_bmp,
}


def corpus() -> dict[str, bytes]:
    """Real files of 24 x 20 px, in many modes; a plain WebP, whose data are right for any size; and a bomb."""
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 256, (20, 24, 3), dtype=np.uint8))
    exif, profile = Image.Exif(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif[0x0112] = 6
    modes = {mode: picture.convert(mode) for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK", "F")}
    files = {}
    for format_name, mode, more in [
        *(("PNG", mode, {}) for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16")),
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "CMYK", {}),
        *(("TIFF", mode, {}) for mode in ("RGB", "RGBA", "L", "I;16", "CMYK", "F", "1")),
        *(("TIFF", "RGB", {"compression": kind}) for kind in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits")),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("GIF", "P", {}),
        ("BMP", "RGB", {}),
    ]:
        buffer = io.BytesIO()
        modes[mode].save(buffer, format_name, exif=exif, icc_profile=profile, **more)
        files[" ".join((format_name, mode, *map(str, more.values())))] = buffer.getvalue()
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, "WEBP", lossless=True)
    files |= {"WEBP plain": buffer.getvalue(), "PNG bomb": png_bomb(5000)}
    deep = np.random.default_rng(2).integers(0, 65536, (20, 24, 4), dtype=np.uint16)
    files |= {f"{suffix.upper()} 16": deep_image.encode(deep, suffix) for suffix in ("png", "tiff")}
    light = deep.astype(np.float32) / 65535
    files |= {f"EXR {kind.__name__}": deep_image.encode(light.astype(kind), "exr") for kind in (np.float16, np.float32)}
    return files


def png_bomb(side: int) -> bytes:
    """A valid file of black texels, made without ever holding them."""
    packer, row = zlib.compressobj(9), b"\0" * (3 * side + 1)
    texels = b"".join([packer.compress(row) for _ in range(side)] + [packer.flush()])
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)), (b"IDAT", texels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


CORPUS = corpus()
