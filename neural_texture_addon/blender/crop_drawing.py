"""The crop's rectangle, its handles and its size, as drawn over the image. Drawing never computes."""

from typing import Any

import blf
import bpy
import gpu
from gpu_extras.batch import batch_for_shader

from . import crop_editor
from .crop_geometry import Grip, Rectangle

_SHADE = (0.0, 0.0, 0.0, 0.7)
_DARK = (0.0, 0.0, 0.0, 0.7)
_LIGHT = (1.0, 1.0, 1.0, 0.95)
_THIRDS = (1.0, 1.0, 1.0, 0.35)
_HELD = (1.0, 0.63, 0.16, 1.0)
"""Blender's colour of what is selected."""
_Point = tuple[float, float]
_Box = tuple[float, float, float, float]
"""Left, lower, right and upper edge, in px of the editor."""
_gpu: Any = gpu
"""Its stubs say that nothing is returned."""


def draw(region: Any, rectangle: Rectangle, size: tuple[int, int], grip: Grip, held: bool) -> None:
    """Draw it into `region`; `grip` is under the mouse, and `held` if its button is down."""
    unit = bpy.context.preferences.system.ui_scale  # type: ignore[union-attr]
    left, top = crop_editor.to_region(region, size, rectangle.left, rectangle.top)
    right, bottom = crop_editor.to_region(region, size, rectangle.right, rectangle.bottom)
    gpu.state.blend_set("ALPHA")
    _draw_shade(region, left, top, right, bottom)
    if held:
        _lines(_thirds(left, top, right, bottom), _THIRDS, unit)
    frame = _closed([(left, top), (right, top), (right, bottom), (left, bottom)])
    _lines(frame, _DARK, 3 * unit)
    _lines(frame, _HELD if grip is Grip.INSIDE else _LIGHT, unit)
    for edges, place in _handles(left, top, right, bottom):
        _square(place, 5 * unit, _DARK)
        _square(place, 4 * unit, _HELD if edges == grip else _LIGHT)
    _write(f"{rectangle.width} x {rectangle.height}", left + 9 * unit, top - 20 * unit, unit)
    gpu.state.blend_set("NONE")


def _handles(left: float, top: float, right: float, bottom: float) -> list[tuple[Grip, _Point]]:
    across, down = (left + right) / 2, (top + bottom) / 2
    return [
        (Grip.LEFT | Grip.TOP, (left, top)),
        (Grip.TOP, (across, top)),
        (Grip.RIGHT | Grip.TOP, (right, top)),
        (Grip.RIGHT, (right, down)),
        (Grip.RIGHT | Grip.BOTTOM, (right, bottom)),
        (Grip.BOTTOM, (across, bottom)),
        (Grip.LEFT | Grip.BOTTOM, (left, bottom)),
        (Grip.LEFT, (left, down)),
    ]


def _draw_shade(region: Any, left: float, top: float, right: float, bottom: float) -> None:
    """Over all that is cut off, and beyond."""
    wide, high = region.width, region.height
    for box in ((0, 0, wide, bottom), (0, top, wide, high), (0, bottom, left, top), (right, bottom, wide, top)):
        _fill(box, _SHADE)


def _thirds(left: float, top: float, right: float, bottom: float) -> list[_Point]:
    points: list[_Point] = []
    for share in (1 / 3, 2 / 3):
        x, y = left + share * (right - left), top + share * (bottom - top)
        points += [(x, top), (x, bottom), (left, y), (right, y)]
    return points


def _closed(points: list[_Point]) -> list[_Point]:
    """The pairs of ends of a closed line's parts."""
    return [end for part in zip(points, [*points[1:], points[0]], strict=True) for end in part]


def _square(place: _Point, half: float, colour: tuple[float, ...]) -> None:
    _fill((place[0] - half, place[1] - half, place[0] + half, place[1] + half), colour)


def _fill(box: _Box, colour: tuple[float, ...]) -> None:
    left, low, right, high = box
    corners = [(left, low), (right, low), (right, high), (left, high)]
    shader = _gpu.shader.from_builtin("UNIFORM_COLOR")
    shader.uniform_float("color", colour)
    batch_for_shader(shader, "TRIS", {"pos": corners}, indices=[(0, 1, 2), (0, 2, 3)]).draw(shader)


def _lines(points: list[_Point], colour: tuple[float, ...], width: float) -> None:
    shader = _gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    shader.uniform_float("color", colour)
    shader.uniform_float("lineWidth", width)
    shader.uniform_float("viewportSize", _gpu.state.viewport_get()[2:])
    batch_for_shader(shader, "LINES", {"pos": [(*point, 0.0) for point in points]}).draw(shader)


def _write(text: str, x: float, y: float, unit: float) -> None:
    blf.size(0, 12 * unit)
    blf.color(0, *_LIGHT)
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 3, *_DARK)
    blf.position(0, x, y, 0)
    blf.draw(0, text)
    blf.disable(0, blf.SHADOW)
