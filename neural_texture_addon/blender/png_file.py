"""Numbers -> the bytes of a PNG file, each number as it is. Knows no bpy: Blender's own writers see to colours, too."""

import struct
import zlib

import numpy as np

_COLOUR_TYPE = {1: 0, 3: 2, 4: 6}
"""What a PNG calls grey, RGB and RGBA, by their channels."""


def encode(levels: np.ndarray) -> bytes:
    """The file of `levels`: height, width, channels; 8 or 16 bits, upper row first (W3C: PNG, third edition)."""
    height, width, channels = levels.shape
    depth = 8 * levels.itemsize
    rows = np.ascontiguousarray(levels, dtype=f">u{levels.itemsize}").view(np.uint8).reshape(height, -1)
    unfiltered = np.pad(rows, ((0, 0), (1, 0)))
    header = struct.pack(">IIBBBBB", width, height, depth, _COLOUR_TYPE[channels], 0, 0, 0)
    data = zlib.compress(unfiltered.tobytes(), level=1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
