"""A texture's picture in the Asset Browser: a lit ball that wears it. Drawn here: Blender's own takes a minute."""

import bpy
import numpy as np
from bpy.types import Image, Material
from numpy.typing import NDArray

_SIDE = 256
"""In px, as large as Blender keeps them."""
_FINER = 2
"""Rays per pixel and side."""
_LIGHT = np.array((-0.45, 0.6, 0.66))


def give(material: Material, image: Image) -> None:
    """Let `material` be shown as a ball that wears `image`; nothing happens if that has no pixels."""
    texels = _small(image)
    if texels is None:
        return
    preview = material.preview_ensure()
    assert preview is not None
    preview.image_size = (_SIDE, _SIDE)
    preview.image_pixels_float.foreach_set(_ball(texels).astype(np.float32).ravel())  # type: ignore[attr-defined]


def _small(image: Image) -> NDArray | None:
    """The texels, scene-linear RGB from the bottom row up, about as many as the ball shows; None if there are none."""
    width, height = image.size
    if not width or not height:
        return None
    factor = min(1.0, _SIDE * _FINER / min(width, height))
    if factor == 1.0 or image.source != "FILE" or image.is_dirty:  # a copy would not have the pixels
        return _texels(image)
    copy = image.copy()
    try:
        copy.scale(max(1, round(width * factor)), max(1, round(height * factor)))
        return _texels(copy)
    except RuntimeError:
        return None
    finally:
        bpy.data.images.remove(copy)


def _texels(image: Image) -> NDArray:
    numbers = np.empty(len(image.pixels), np.float32)  # type: ignore[arg-type]
    image.pixels.foreach_get(numbers)  # type: ignore[attr-defined]
    colours = numbers.reshape(image.size[1], image.size[0], -1)[..., :3]
    return colours if image.is_float else _linear(colours)


def _ball(texels: NDArray) -> NDArray:
    """RGBA, display-encoded, from the bottom row up."""
    side = _SIDE * _FINER
    at = (np.arange(side) + 0.5) / side * 2.04 - 1.02
    x, y = np.meshgrid(at, at)
    radius = np.hypot(x, y)
    inside = radius < 1.0
    z = np.sqrt(np.clip(1.0 - radius**2, 0.0, 1.0))
    # by the angle from the middle (azimuthal equidistant): no pole is seen
    stretch = np.arcsin(np.clip(radius, 0.0, 1.0)) / np.maximum(radius, 1e-9) / np.pi
    height, width = texels.shape[:2]
    row = ((0.5 + y * stretch * width / height) * height).astype(int) % height
    column = ((0.5 + x * stretch) * width).astype(int) % width
    light = _LIGHT / np.linalg.norm(_LIGHT)
    facing = np.clip(x * light[0] + y * light[1] + z * light[2], 0.0, 1.0)
    half = light + np.array((0.0, 0.0, 1.0))
    half /= np.linalg.norm(half)
    gloss = 0.12 * np.clip(x * half[0] + y * half[1] + z * half[2], 0.0, 1.0) ** 40
    lit = texels[row, column] * (0.18 + 1.0 * facing)[..., None] + gloss[..., None]
    seen = np.concatenate([lit, np.ones_like(lit[..., :1])], axis=-1) * inside[..., None]
    pooled = seen.reshape(_SIDE, _FINER, _SIDE, _FINER, 4).mean((1, 3))
    share = np.maximum(pooled[..., 3:], 1e-9)
    return np.concatenate([_encoded(pooled[..., :3] / share), pooled[..., 3:]], axis=-1)


def _linear(encoded: NDArray) -> NDArray:
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _encoded(linear: NDArray) -> NDArray:
    clipped = np.clip(linear, 0.0, 1.0)
    return np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
