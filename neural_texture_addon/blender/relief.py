"""How high the relief of a height map is, so that displacement and normals tell of the same surface."""

from collections.abc import Mapping

import numpy as np
from bpy.types import Image
from numpy.typing import NDArray

from ..job.description import Estimates, MapKind

USUAL = Estimates.relief
"""From black to white, as a share of the width, where no normal map says it."""
_LEAST_OUT = 0.02
"""Of a normal: what leans further is taken for this steep."""
_LEAST_SLOPE = 1e-5
"""Less is a map that is flat, or empty."""


def measured(images: Mapping[MapKind, Image]) -> float:
    """From black to white, as a share of the width: so high that the median slope is that of the normal map.

    Medians, since at cliffs a height map's steps are as large as its texels allow, and two maps that were made by
    different means agree on how steep a surface is sooner than on where. The usual height without both maps.
    """
    height, normal = images.get(MapKind.HEIGHT), images.get(MapKind.NORMAL)
    if height is None or normal is None or tuple(height.size) != tuple(normal.size):
        return USUAL
    heights, normals = _texels(height)[..., 0], _texels(normal) * 2 - 1
    if min(heights.shape) < 2:
        return USUAL
    upward, right = np.gradient(heights * heights.shape[1])
    told = np.hypot(normals[..., 0], normals[..., 1]) / np.maximum(normals[..., 2], _LEAST_OUT)
    per_relief, steep = float(np.median(np.hypot(upward, right))), float(np.median(told))
    return min(steep / per_relief, 1.0) if min(steep, per_relief) > _LEAST_SLOPE else USUAL


def _texels(image: Image) -> NDArray:
    """Rows from below, columns, red, green and blue."""
    width, height = image.size
    numbers: NDArray = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(numbers)  # type: ignore[attr-defined]
    return numbers.reshape(height, width, 4)[..., :3]
