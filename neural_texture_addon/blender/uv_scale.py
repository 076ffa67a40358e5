"""How large a UV map lays a texture on a surface. Changes nothing."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from bpy.types import Mesh, Object
from numpy.typing import NDArray

_ALIKE = 1.25
"""A part of the surface whose texture is larger or smaller by this factor counts as another size."""
_MUCH = 0.2
"""The share of the surface that may have another size before it is worth a word."""


@dataclass(frozen=True)
class UvScale:
    """Lengths on the surface, in Blender units, of one unit of the UV map."""

    along_u: float
    along_v: float
    uneven: bool
    """Whether a good part of the surface has another scale."""


def measure(wearer: Object) -> UvScale | None:
    """The median over the surface; None without a UV map that has any area. Without modifiers."""
    try:
        mesh = wearer.to_mesh()  # also in Edit Mode, and of curves
    except RuntimeError:
        return None
    try:
        return _of_mesh(mesh, np.array(wearer.matrix_world)[:3, :3])
    finally:
        wearer.to_mesh_clear()


def _of_mesh(mesh: Mesh, to_world: NDArray) -> UvScale | None:
    layer = next((layer for layer in mesh.uv_layers if layer.active_render), None)
    mesh.calc_loop_triangles()
    if layer is None or not mesh.loop_triangles:
        return None
    points = _numbers(mesh.vertices, "co", 3) @ to_world.T
    corners = points[_numbers(mesh.loop_triangles, "vertices", 3, np.int32)]
    places = _numbers(layer.uv, "vector", 2)[_numbers(mesh.loop_triangles, "loops", 3, np.int32)]
    e, f = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    d, g = places[:, 1] - places[:, 0], places[:, 2] - places[:, 0]
    turn = d[:, 0] * g[:, 1] - d[:, 1] * g[:, 0]
    area = np.linalg.norm(np.cross(e, f), axis=1)
    seen = (np.abs(turn) > 1e-12) & (area > 0)
    if not seen.any():
        return None
    e, f, d, g, turn, area = (part[seen] for part in (e, f, d, g, turn[:, None], area))
    lengths = (
        np.linalg.norm((e * g[:, 1:] - f * d[:, 1:]) / turn, axis=1),
        np.linalg.norm((f * d[:, :1] - e * g[:, :1]) / turn, axis=1),
    )
    middles = (_median(lengths[0], area), _median(lengths[1], area))
    other = np.any([np.abs(np.log(a / m)) > np.log(_ALIKE) for a, m in zip(lengths, middles, strict=True)], axis=0)
    return UvScale(middles[0], middles[1], uneven=bool(area[other].sum() > _MUCH * area.sum()))


def _numbers(items: Any, name: str, width: int, kind: type = np.float32) -> NDArray:
    numbers: NDArray = np.empty(len(items) * width, kind)
    items.foreach_get(name, numbers)
    return numbers.reshape(-1, width)


def _median(numbers: NDArray, weights: NDArray) -> float:
    """The number below which half of the weight lies."""
    order = np.argsort(numbers)
    below = np.cumsum(weights[order])
    return float(numbers[order][np.searchsorted(below, below[-1] / 2)])
