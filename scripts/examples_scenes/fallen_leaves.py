# SPDX-License-Identifier: GPL-3.0-or-later
"""Dry autumn leaves of three kinds of tree, and twigs, on dark soil: dropped one by one, each draped on the last."""

import numpy as np

from . import materials, meshes
from .leaf import grow
from .noise import Chart, linear, mix, smoothstep
from .stage import Light

WIDTH = 0.46
SAMPLES = 96
LIGHT = Light(azimuth=135, elevation=50, spread=5.0, sun=3.8, sky=0.55, grey=0.125)
SIDE = 0.56  # of the square the leaves fall on
CELL = 0.0012  # of the map of how high they lie
LEAVES, TWIGS, TRIES = 640, 26, 5
KINDS, ODDS = ("ovate", "oak", "maple"), (0.62, 0.22, 0.16)
DRY = [
    linear(code) for code in ("7a4f30", "946238", "a86434", "b98a45", "c99a3c", "8a4326", "64452f", "8a7a40", "96795a")
]
DRY_ODDS = (0.2, 0.2, 0.13, 0.13, 0.07, 0.08, 0.1, 0.03, 0.06)
SOIL, CRUMB = linear("3a2e25"), linear("574738")


class Litter:
    """The height of what lies on the ground, and the falling of more upon it."""

    def __init__(self, ground):
        self.height = ground

    def _cells(self, points):
        cells = np.round((points[..., :2] * (1, -1) + SIDE / 2) / CELL).astype(int)
        return tuple(np.clip(cells[..., at], 0, len(self.height) - 1) for at in (1, 0))

    def _hollow(self, rng, points):
        """The lowest of a few places to fall on, as a step (3,): wind fills hollows and bares heaps."""
        places = np.concatenate([rng.uniform(-SIDE / 2, SIDE / 2, (TRIES, 2)), np.zeros((TRIES, 1))], 1)
        middle = points[::6, ::3]
        return min(places, key=lambda place: self.height[self._cells(middle + place)].mean())

    def drop(self, rng, points, thickness):
        """Let a lattice of points (rows, columns, 3) fall: give them where they lie, tilted and draped."""
        points = points + self._hollow(rng, points)
        cells = self._cells(points)
        below = self.height[cells]
        base = np.stack([points[..., 0].ravel(), points[..., 1].ravel(), np.ones(below.size)], 1)
        base[:, :2] -= base[:, :2].mean(0)
        slope = np.linalg.lstsq(base, below.ravel(), rcond=None)[0] * (0.85, 0.85, 0)
        rigid = points[..., 2] + (base @ slope).reshape(below.shape)
        rigid += np.quantile(below - rigid, 0.88)
        lift = over = np.maximum(below + thickness - rigid, 0)
        for _ in range(10):
            lift = np.maximum(over, _smoothed(lift))
        lying = np.concatenate([points[..., :2], (rigid + _smoothed(lift))[..., None]], -1)
        np.maximum.at(self.height, cells, lying[..., 2])
        return lying


def _smoothed(field):
    padded = np.pad(field, 1, mode="edge")
    return (padded[1:-1, :-2] + padded[1:-1, 2:] + padded[:-2, 1:-1] + padded[2:, 1:-1] + 2 * field) / 6


def _spun(rng, points):
    """The points turned about z, and two in five times face down."""
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    face = np.array([1, 1, 1]) if rng.random() < 0.6 else np.array([-1, 1, -1])
    return (points * face) @ turn.T


def _twig(rng):
    """A crooked stick as a lattice of points (rows, columns, 3)."""
    length, thick = rng.uniform(0.04, 0.13), rng.uniform(0.0009, 0.0022)
    along, around = np.meshgrid(np.linspace(-0.5, 0.5, 90), np.linspace(0, 2 * np.pi, 13), indexing="ij")
    crook = np.cumsum(np.cumsum(rng.normal(0, 0.00008, (90, 2)), 0), 0)
    crook -= np.linspace(crook[0], crook[-1], 90)
    radius = thick * (1 - 0.5 * (along + 0.5)) * (1 + 0.12 * rng.standard_normal(90)[:, None])
    axis = crook[:, None, :] * 0.5
    x, z = axis[..., 0] + radius * np.cos(around), axis[..., 1] + radius * np.sin(around)
    return np.stack([x, along * length, z], -1)


def _skin():
    """The material of the leaves, from attributes of their vertices."""
    shader = materials.Shader("leaf")
    place, rim, vein = shader.attribute("place"), shader.attribute("rim", "Fac"), shader.attribute("vein", "Fac")
    patch = shader.math("ADD", shader.noise(place, 42, 3, 0.6), shader.math("MULTIPLY", rim, 0.16))
    colour = shader.blend(shader.ramp(patch, 0.42, 0.72), shader.attribute("base"), shader.attribute("second"))
    mottle = shader.noise(place, 330, 2, 0.65)
    colour = shader.blend(1.0, colour, shader.ramp(mottle, 0.25, 0.75, 0.62, 1.34), "MULTIPLY")
    blotch = shader.ramp(shader.noise(place, 120, 2, 0.55), 0.64, 0.72, 0.0, 0.75)
    colour = shader.blend(blotch, colour, (*linear("3f2a1c"), 1))
    crust = shader.math("ADD", shader.math("MULTIPLY", rim, 0.5), shader.noise(place, 160, 2))
    colour = shader.blend(shader.ramp(crust, 0.82, 1.05, 0.0, 0.6), colour, (*linear("4a3020"), 1))
    colour = shader.blend(shader.math("MULTIPLY", vein, 0.65), colour, shader.attribute("ribs"))
    under = shader.add("NewGeometry", "Backfacing")
    colour = shader.blend(shader.math("MULTIPLY", under, 0.22), colour, (*linear("94785a"), 1))
    net = shader.add("TexVoronoi", 0, {"feature": "DISTANCE_TO_EDGE"}, Vector=place, Scale=620.0)
    relief = shader.math("ADD", shader.ramp(net, 0.0, 0.25), shader.math("MULTIPLY", mottle, 0.8))
    rough = shader.math("SUBTRACT", shader.attribute("dull", "Fac"), shader.math("MULTIPLY", mottle, 0.2), clamp=True)
    return shader.finish(colour, rough, shader.bump(relief, 0.0002), translucent=0.12, specular=0.35)


def _paint(rng):
    """The numbers of one leaf which its material reads."""
    one, other = np.array(DRY)[rng.choice(len(DRY), 2, p=DRY_ODDS)]
    base = mix(one, other, np.float32(rng.uniform(0, 0.3))) * np.exp(rng.normal(0, 0.22))
    second = mix(base, other, np.float32(0.55)) * rng.uniform(0.5, 0.95)
    ribs = base * rng.choice([0.5, 1.5, 1.75]) + 0.01
    return {"base": base, "second": second, "ribs": ribs, "dull": rng.uniform(0.55, 0.85)}


class Heap:
    """Lattices gathered to one mesh, with their attributes."""

    def __init__(self):
        self.vertices, self.faces, self.attributes, self.count = [], [], {}, 0

    def add(self, points, whole, **attributes):
        """Add a lattice without the faces that touch a vertex which is not `whole`; a constant attribute is spread."""
        faces = meshes.quads(*points.shape[:2])
        self.faces.append(faces[whole.ravel()[faces].all(1)] + self.count)
        self.vertices.append(points.reshape(-1, 3))
        for key, value in attributes.items():
            value = np.asarray(value, np.float32)
            spread = value.reshape(len(self.vertices[-1]), -1) if value.ndim > 1 else np.tile(value, (whole.size, 1))
            self.attributes.setdefault(key, []).append(spread)
        self.count += whole.size

    def mesh(self, name, material):
        """Put all of it into the scene as one object."""
        parts = {key: np.concatenate(value).squeeze() for key, value in self.attributes.items()}
        meshes.add(name, np.concatenate(self.vertices), np.concatenate(self.faces), material, **parts)


def _soil(rng):
    """The ground: crumbly dark soil, put into the scene; give its height on the litter's map."""
    grid = meshes.Grid(width=SIDE, count=int(SIDE / CELL) + 1)
    chart = Chart(rng, grid.shape, grid.cell)
    crumbs = smoothstep(-0.5, 2, chart.blobs(0.007))
    height = 0.004 * chart.fractal(0.08) + 0.003 * crumbs + 0.0008 * chart.fractal(0.003, 1)
    colour = mix(SOIL, CRUMB, crumbs) * np.exp(0.25 * chart.fractal(0.002, 1))[..., None]
    material = materials.painted("soil", specular=0.2)
    meshes.add_field("soil", grid, height, material, colour=colour, roughness=np.full(grid.shape, 0.85))
    return height.astype(float)


def build(rng):
    """Put leaves, twigs and soil into the scene."""
    litter, leaves, twigs = Litter(_soil(rng)), Heap(), Heap()
    sticks = set(rng.choice(np.arange(LEAVES // 2, LEAVES), TWIGS, replace=False))
    for turn in range(LEAVES):
        leaf = grow(rng, rng.choice(KINDS, p=ODDS), float(np.clip(rng.normal(0.062, 0.011), 0.036, 0.085)))
        lying = litter.drop(rng, _spun(rng, leaf.points), 0.0004)
        offset = rng.uniform(-9, 9, 2)
        place = np.concatenate([leaf.flat + offset, np.full_like(leaf.flat[..., :1], turn)], -1)
        leaves.add(lying, ~leaf.torn, place=place, rim=leaf.rim, vein=leaf.vein, **_paint(rng))
        if turn in sticks:
            stick = litter.drop(rng, _spun(rng, _twig(rng)), 0)
            bark = linear("5d4a3a") * np.exp(rng.normal(0, 0.3))
            bark = bark * np.exp(rng.normal(0, 0.25, stick.shape[:2]))[..., None]
            twigs.add(stick, np.ones(stick.shape[:2], bool), colour=bark, roughness=0.8)
    leaves.mesh("leaves", _skin())
    twigs.mesh("twigs", materials.painted("twig"))
