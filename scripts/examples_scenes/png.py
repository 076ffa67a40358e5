# SPDX-License-Identifier: GPL-3.0-or-later
"""A PNG writer for arrays in 0..1, 8 or 16 bits a channel: Blender's own would colour-manage them. Reads nothing."""

import struct
import zlib

import numpy as np

COLOUR_TYPE = {1: 0, 3: 2}


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _nearest(left, above, corner):
    """The neighbour nearest to left + above - corner, as PNG's filter 4 wants it (Paeth 1991)."""
    guess = left + above - corner
    far = [np.abs(guess - neighbour) for neighbour in (left, above, corner)]
    return np.where((far[0] <= far[1]) & (far[0] <= far[2]), left, np.where(far[1] <= far[2], above, corner))


def _filtered(rows):
    """Each row of (rows, columns, bytes a pixel) less what a filter foretells, the one of PNG's that leaves least."""
    whole = np.pad(rows.astype(np.int16), ((1, 0), (1, 0), (0, 0)))
    here, left, above, corner = whole[1:, 1:], whole[1:, :-1], whole[:-1, 1:], whole[:-1, :-1]
    foretold = (0 * here, left, above, (left + above) // 2, _nearest(left, above, corner))
    rests = np.stack([((here - each) & 255).astype(np.uint8).reshape(len(rows), -1) for each in foretold])
    best = np.abs(rests.astype(np.int8).astype(np.int32)).sum(-1).argmin(0)
    return np.concatenate([best[:, None].astype(np.uint8), rests[best, np.arange(len(rows))]], 1).tobytes()


def write(path, picture, bits):
    """Write `picture` (rows, columns) or (rows, columns, 3) in 0..1 with `bits` (8 or 16) a channel."""
    if picture.ndim == 2:
        picture = picture[..., None]
    rows, columns, channels = picture.shape
    whole = np.round(np.clip(picture, 0, 1) * (2**bits - 1)).astype(">u2" if bits == 16 else np.uint8)
    header = struct.pack(">IIBBBBB", columns, rows, bits, COLOUR_TYPE[channels], 0, 0, 0)
    body = zlib.compress(_filtered(np.ascontiguousarray(whole).view(np.uint8)), 9)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b""))
