# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes from numpy arrays, with colours and numbers at their vertices. Lays out nothing by itself.

A height field is a grid of (rows, columns) points about the origin, its first row at the top of the picture.
"""

from dataclasses import dataclass

import bpy
import numpy as np


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A square lattice of `count` x `count` points, `width` metres wide."""

    width: float
    count: int

    @property
    def shape(self):
        """Rows and columns."""
        return (self.count, self.count)

    @property
    def cell(self):
        """The distance between neighbours, in metres."""
        return self.width / (self.count - 1)

    def points(self):
        """The coordinates x (to the right) and y (up) of every point, in metres, as float32 (count, count)."""
        along = (np.linspace(-0.5, 0.5, self.count) * self.width).astype(np.float32)
        return np.meshgrid(along, along[::-1])


def quads(rows, columns):
    """The faces (n, 4) of a rows x columns lattice whose first row is at the top: anticlockwise from +z."""
    index = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    corners = (index[1:, :-1], index[1:, 1:], index[:-1, 1:], index[:-1, :-1])
    return np.stack(corners, -1).reshape(-1, 4)


def _attribute(mesh, name, values):
    values = np.asarray(values, np.float32)
    if values.shape[-1:] == (3,) and values.ndim > 1:
        kind, key = "FLOAT_VECTOR", "vector"
    else:
        kind, key = "FLOAT", "value"
    mesh.attributes.new(name, kind, "POINT").data.foreach_set(key, values.ravel())


def add(name, vertices, faces, material, **attributes):
    """Add a smooth object of `vertices` (n, 3) and `faces` (m, 3 or 4); attributes are (n,) or (n, 3) arrays."""
    mesh = bpy.data.meshes.new(name)
    count, sides = faces.shape
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", np.asarray(vertices, np.float32).ravel())
    mesh.loops.add(faces.size)
    mesh.loops.foreach_set("vertex_index", np.asarray(faces, np.int32).ravel())
    mesh.polygons.add(count)
    mesh.polygons.foreach_set("loop_start", np.arange(count, dtype=np.int32) * sides)
    mesh.update(calc_edges=True)
    for key, values in attributes.items():
        _attribute(mesh, key, values)
    mesh.materials.append(material)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def add_field(name, grid, height, material, **attributes):
    """Add a height field in metres over `grid`; attributes are (count, count) or (count, count, 3) arrays."""
    x, y = grid.points()
    vertices = np.stack([x, y, height], -1).reshape(-1, 3)
    flat = {key: values.reshape((-1, 3) if values.ndim == 3 else -1) for key, values in attributes.items()}
    return add(name, vertices, quads(*grid.shape), material, **flat)
