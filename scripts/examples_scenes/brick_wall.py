# SPDX-License-Identifier: GPL-3.0-or-later
"""An old brick wall in stretcher bond: hand-made bricks, each its own, in sandy lime mortar, as one height field."""

import numpy as np

from . import materials, meshes
from .noise import Chart, linear, mix, smoothstep
from .stage import Light

WIDTH = 1.3
SAMPLES = 144
LIGHT = Light(azimuth=128, elevation=41, spread=3.0, sun=3.6, sky=0.62)
LENGTH, HEIGHT, JOINT = 0.215, 0.065, 0.011
CLAYS = [linear(code) for code in ("9a5744", "a5664a", "864a3c", "744a43", "b08163", "8e5445", "5c4541")]
ODDS = (0.26, 0.2, 0.2, 0.1, 0.09, 0.1, 0.05)
CORE, SOOT, LIME = linear("b5745a"), linear("3d322e"), linear("d9cfbf")
MORTAR, SAND, GRIT = linear("b6a48d"), linear("d8cdb8"), linear("6f675c")


class Bond:
    """Which brick each point lies on, its place on that brick, and each brick's own random numbers."""

    def __init__(self, rng, x, y):
        self.rng = rng
        above = y / (HEIGHT + JOINT)
        course = np.floor(above).astype(int)
        self.v = (above - course - 0.5) * (HEIGHT + JOINT)
        course -= course.min()
        shift = np.arange(course.max() + 1) % 2 * 0.5 + rng.uniform(-0.09, 0.09, course.max() + 1)
        along = x / (LENGTH + JOINT) + shift[course].astype(np.float32)
        place = np.floor(along).astype(int)
        self.u = (along - place - 0.5) * (LENGTH + JOINT)
        self.index = (course, place - place.min())
        self.shape = tuple(part.max() + 1 for part in self.index)

    def normal(self, deviation):
        """One normal number a brick, at every point."""
        return (self.rng.standard_normal(self.shape) * deviation)[self.index].astype(np.float32)

    def uniform(self, low=0.0, high=1.0):
        """One uniform number a brick, at every point."""
        return self.rng.uniform(low, high, self.shape)[self.index].astype(np.float32)

    def clay(self):
        """One clay a brick, a little mixed with another: (rows, columns, 3)."""
        one, other = (np.array(CLAYS)[self.rng.choice(len(CLAYS), self.shape, p=ODDS)] for _ in range(2))
        return mix(one, other, self.rng.uniform(0, 0.45, self.shape))[self.index] * self.uniform(0.86, 1.12)[..., None]


def _depth_inside(bond, chart):
    """The distance from each brick's edge, inwards positive: turned, resized, rounded at the corners, ragged."""
    turn = bond.normal(0.007)
    u = bond.u + bond.normal(0.0015) - turn * bond.v
    v = bond.v + bond.normal(0.0009) + turn * bond.u
    radius = bond.uniform(0.004, 0.011)
    side = np.abs(u) - (LENGTH / 2 + bond.normal(0.0016) - radius)
    end = np.abs(v) - (HEIGHT / 2 + bond.normal(0.0009) - radius)
    outside = np.hypot(np.maximum(side, 0), np.maximum(end, 0)) + np.minimum(np.maximum(side, end), 0)
    return radius - outside + 0.0009 * chart.fractal(0.012, 1.7) + 0.0007 * chart.blobs(0.03)


def _chips(bond, depth, chart):
    """0..1 where a piece has broken off: mostly near edges, more on some bricks than on others."""
    wear = bond.uniform() ** 2
    lump = chart.blobs(0.03) + 0.4 * chart.blobs(0.01)
    return smoothstep(2.2, 2.6, lump + 1.5 * wear - np.maximum(depth, 0) / 0.007)


def _brick_height(bond, depth, chips, pits, chart):
    """The height in metres of the bricks alone; well below the mortar outside them."""
    face = 0.0010 * chart.fractal(0.05) + 0.0007 * chart.blobs(0.020, (1, 2.5)) + 0.0004 * chart.fractal(0.006, 1.4)
    tilt = bond.normal(0.009) * bond.u + bond.normal(0.025) * bond.v
    rounding = 0.014 * (1 - smoothstep(-0.003, 0.0075, depth)) ** 2
    return face + bond.normal(0.0016) + tilt - rounding - 0.0045 * chips - 0.0024 * pits


def _mortar(chart):
    """The height in metres and the colour of the mortar: sandy, gritty, here and there flush with the bricks."""
    grains, grit = chart.fractal(0.0016, 1.0), chart.blobs(0.006)
    height = -0.0082 + 0.0023 * chart.fractal(0.05) + 0.0005 * grains + 0.0009 * smoothstep(1.2, 2.2, grit)
    stain = smoothstep(-1.5, 1.8, chart.fractal(0.08))
    colour = mix(MORTAR * 0.72, MORTAR * 1.05, stain)
    colour = mix(colour, SAND, 0.5 * smoothstep(0.3, 2, grains))
    colour = mix(colour, GRIT, 0.7 * smoothstep(1.3, 2.2, chart.blobs(0.005)))
    return height, colour * (1 + 0.12 * grains)[..., None]


def _brick_colour(bond, depth, chips, pits, chart):
    """The clay of each brick, mottled by the kiln, sooted, limed and worn: (rows, columns, 3)."""
    colour = bond.clay()
    mottle = chart.fractal(0.035, 2.2)
    colour = mix(colour, CLAYS[3] * 0.75, 0.55 * smoothstep(0.1, 1.9, mottle + bond.normal(0.7)))
    colour = mix(colour, CLAYS[4], 0.4 * smoothstep(0.6, 2.0, -mottle + bond.normal(0.5)))
    colour = mix(colour, SOOT, 0.5 * smoothstep(0.8, 2.6, chart.fractal(0.06) + bond.normal(0.8)))
    colour = mix(colour, CORE, 0.75 * np.clip(chips, 0, 1))
    colour = mix(colour, SOOT, 0.6 * pits)
    speck = chart.blobs(0.0055)
    colour = mix(colour, SOOT, 0.6 * smoothstep(2.1, 3.0, speck))
    colour = mix(colour, SAND, 0.4 * smoothstep(2.3, 3.1, -speck))
    lime = chart.fractal(0.03, 1.6) + 1.1 * smoothstep(0.012, 0.0, depth) + bond.normal(0.7)
    colour = mix(colour, LIME, 0.36 * smoothstep(1.4, 3.4, lime))
    return colour * np.exp(0.15 * chart.fractal(0.002, 1.0) + 0.05 * chart.fractal(0.012))[..., None]


def build(rng):
    """Put the wall into the scene."""
    grid = meshes.Grid(width=WIDTH * 1.06, count=1500)
    chart = Chart(rng, grid.shape, grid.cell)
    x, y = grid.points()
    bond = Bond(rng, x, y + 0.0012 * chart.fractal(0.4, 3))
    depth = _depth_inside(bond, chart)
    chips = _chips(bond, depth, chart)
    pits = smoothstep(2.1, 2.8, chart.fractal(0.008, 2.6) + 0.4 * bond.normal(1.0))
    brick = _brick_height(bond, depth, chips, pits, chart)
    mortar, mortar_colour = _mortar(chart)
    laid = smoothstep(-0.0006, 0.0006, brick - mortar)
    height = np.maximum(brick, mortar)
    colour = mix(mortar_colour, _brick_colour(bond, depth, chips, pits, chart), laid)
    colour = colour * (0.62 + 0.38 * smoothstep(-0.013, -0.003, height))[..., None]
    roughness = mix(0.95, 0.80 + bond.normal(0.04) + 0.12 * chips + 0.02 * chart.fractal(0.02), laid)
    material = materials.painted("brick wall", specular=0.3)
    meshes.add_field("wall", grid, height, material, colour=colour, roughness=np.clip(roughness, 0.4, 1))
