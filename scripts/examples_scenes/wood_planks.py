# SPDX-License-Identifier: GPL-3.0-or-later
"""Old boards, weathered and worn, nailed side by side: each sawn from its own log, as one height field.

The grain is solid: a board's growth rings are the distance from its log's wandering pith, cut by the board's face.
"""

import numpy as np

from . import materials, meshes
from .noise import Chart, linear, mix, smoothstep, turbulence
from .stage import Light

WIDTH = 0.62
SAMPLES = 144
LIGHT = Light(azimuth=150, elevation=38, spread=4.0, sun=3.6, sky=0.65)
BOARD, GAP, LENGTH = 0.066, 0.0019, 0.52
PALE = [linear(code) for code in ("a98766", "9a7656", "b0916f", "8d6a4d", "a58b72")]
LATE, GREY, DIRT, KNOT, RUST = linear("55382a"), linear("857b70"), linear("2e251d"), linear("46301f"), linear("514741")


class Boards:
    """Which board each point lies on, its place (u, v) in metres about that board's middle, each board's numbers."""

    def __init__(self, rng, x, y):
        self.rng = rng
        across = x / (BOARD + GAP) + 0.37
        column = np.floor(across).astype(int)
        self.u = ((across - column - 0.5) * (BOARD + GAP)).astype(np.float32)
        column -= column.min()
        columns = column.max() + 1
        start = (np.arange(columns) * 0.382 + rng.uniform(-0.12, 0.12, columns)) % 1
        along = y / LENGTH + start[column]
        place = np.floor(along).astype(int)
        self.v = ((along - place - 0.5) * LENGTH).astype(np.float32)
        self.index = (column, place - place.min())
        self.shape = tuple(part.max() + 1 for part in self.index)

    def normal(self, deviation):
        """One normal number a board, at every point."""
        return (self.rng.standard_normal(self.shape) * deviation)[self.index].astype(np.float32)

    def uniform(self, low=0.0, high=1.0):
        """One uniform number a board, at every point."""
        return self.rng.uniform(low, high, self.shape)[self.index].astype(np.float32)

    def pale(self):
        """The colour of each board's early wood: (rows, columns, 3)."""
        one, other = (np.array(PALE)[self.rng.choice(len(PALE), self.shape)] for _ in range(2))
        return mix(one, other, self.rng.uniform(0, 0.5, self.shape))[self.index] * self.uniform(0.78, 1.18)[..., None]


def _knots(boards):
    """At every point the swelling 0..1 of the grain round its board's knot, and the distance in knot radii."""
    radius = boards.uniform(0.0035, 0.0085)
    there = boards.uniform() < 0.7
    u = boards.u - boards.uniform(-0.022, 0.022)
    v = boards.v - boards.uniform(-0.23, 0.23)
    distance = np.hypot(u, v / boards.uniform(1.0, 1.5)) / radius
    swelling = np.exp(-np.hypot(u / radius / 1.3, v / radius / 3.2))
    return np.where(there, swelling, 0), np.where(there, distance, 99)


def _rings(boards, swelling, chart):
    """The growth rings at every point, in years since the pith: whole numbers end a year's late wood."""
    place = np.stack([boards.u / 0.05 + boards.uniform(-40, 40), boards.v / 0.32, boards.uniform(-40, 40)], -1)
    wander = 0.022 * turbulence(place, 5, 3, 0.4)
    pith = boards.normal(0.028) + boards.normal(0.05) * boards.v
    deep = boards.uniform(0.012, 0.07) + boards.normal(0.09) * boards.v
    radius = np.hypot(boards.u - pith + 0.4 * wander, deep + wander) + 0.022 * swelling
    uneven = turbulence(radius[..., None] / 0.009 + boards.uniform(-90, 90)[..., None] * (1, 0, 0), 8, 2)
    return radius / boards.uniform(0.0024, 0.0048) + 0.5 * uneven + 0.06 * chart.fractal(0.004, 1.6, (12, 1))


def _edges(boards, chart):
    """The distance in metres from the board's long edges and ends, inwards positive; a little ragged."""
    ragged = 0.00025 * chart.fractal(0.004, 1.5, (10, 1)) + 0.0004 * chart.fractal(0.05, 2, (4, 1))
    side = BOARD / 2 - np.abs(boards.u + boards.normal(0.004) * boards.v) + boards.normal(0.0005)
    end = LENGTH / 2 - GAP / 2 - np.abs(boards.v + boards.normal(0.01) * boards.u)
    return np.minimum(side, end) + ragged, end


def _cracks(boards, end, chart):
    """0..1 in the drying checks: thin, along the grain, more of them towards the boards' ends."""
    line = np.abs(chart.fractal(0.006, 2.6, (40, 1)))
    where = chart.fractal(0.02, 2, (7, 1)) + boards.normal(0.5) + 1.2 * smoothstep(0.06, 0.0, end)
    return smoothstep(0.09, 0.02, line) * smoothstep(0.9, 1.7, where)


def _nails(boards):
    """The distance in nail-head radii from the nearest of the two nails at each end of a board."""
    u = np.abs(boards.u) - BOARD * 0.27 + boards.normal(0.002)
    v = LENGTH / 2 - np.abs(boards.v) - 0.018 + boards.normal(0.003)
    return np.hypot(u, v) / 0.0029


def _warp(boards, chart):
    """The height in metres of each board's face as it has dried: sunk or raised, tilted, cupped, uneven."""
    uneven = 0.0004 * chart.fractal(0.03, 2, (5, 1)) + boards.normal(0.0008)
    return uneven + boards.normal(0.020) * boards.u + boards.normal(1.3) * boards.u**2


def _colour(boards, late, fibre, pores, knot, cracks, inside, nails, chart):
    """Early and late wood, greyed by weather, worn, stained round nails, dirty in every hollow."""
    colour = mix(boards.pale(), LATE, np.clip(late * boards.uniform(0.6, 1.0), 0, 1))
    weather = 0.7 * chart.fractal(0.03, 2, (9, 1)) + boards.normal(0.8) + 0.4 * fibre
    greyed = 0.62 * (1 - 0.5 * late) * smoothstep(-1.0, 1.8, weather)
    colour = mix(colour, GREY * boards.uniform(0.75, 1.1)[..., None], greyed)
    ring = 0.5 + 0.5 * np.sin(knot * 9)
    colour = mix(colour, KNOT * (0.8 + 0.5 * ring)[..., None], 0.9 * smoothstep(1.25, 0.85, knot))
    colour = mix(colour, KNOT, 0.45 * smoothstep(2.6, 1.0, knot))
    colour *= np.exp(0.22 * fibre + 0.10 * chart.fractal(0.012, 2, (10, 1)))[..., None]
    colour = mix(colour, DIRT, 0.55 * pores)
    stain = smoothstep(0.3, 2.4, chart.fractal(0.04, 1.8, (2, 1)) + 1.6 * smoothstep(0.010, 0.0, inside))
    colour = mix(colour, DIRT, 0.45 * stain)
    rust = smoothstep(3.4, 0.9, nails + 0.5 * chart.fractal(0.004))
    colour = mix(colour, DIRT * 0.8, 0.6 * rust)
    colour = mix(colour, RUST * np.exp(0.25 * chart.fractal(0.002, 1))[..., None], smoothstep(1.05, 0.9, nails))
    return mix(colour, DIRT * 0.8, np.maximum(cracks * 0.9, smoothstep(0.0, -0.001, inside)))


def build(rng):
    """Put the boards into the scene."""
    grid = meshes.Grid(width=WIDTH * 1.05, count=1700)
    chart = Chart(rng, grid.shape, grid.cell)
    boards = Boards(rng, *grid.points())
    swelling, knot = _knots(boards)
    year = _rings(boards, swelling, chart)
    part = year - np.floor(year)
    late = smoothstep(0.35, 0.9, part) * smoothstep(1.0, 0.94, part)
    fibre = chart.fractal(0.0009, 1.1, (45, 1))
    pores = smoothstep(1.7, 2.6, chart.fractal(0.0012, 1.6, (14, 1)) - 0.7 * late)
    inside, end = _edges(boards, chart)
    cracks = _cracks(boards, end, chart)
    nails = _nails(boards)
    head = smoothstep(1.05, 0.9, nails)
    face = 0.00022 * late + 0.00013 * fibre - 0.0003 * pores + 0.0005 * smoothstep(1.6, 0.6, knot) - 0.0016 * cracks
    face = (face + _warp(boards, chart)) * (1 - head) - 0.0007 * smoothstep(1.5, 1.0, nails) + 0.0006 * head
    height = face - 0.0013 * smoothstep(0.0022, -0.0002, inside) ** 2 - 0.007 * smoothstep(0.0002, -0.0008, inside)
    colour = _colour(boards, late, fibre, pores, knot, cracks, inside, nails, chart)
    roughness = 0.72 - 0.10 * late + 0.1 * pores + 0.04 * fibre + boards.normal(0.03) - 0.15 * head
    attributes = {"colour": np.maximum(colour, 0.004), "roughness": np.clip(roughness, 0.35, 1)}
    meshes.add_field("boards", grid, height, materials.painted("wood", specular=0.3), **attributes)
