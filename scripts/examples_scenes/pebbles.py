# SPDX-License-Identifier: GPL-3.0-or-later
"""River pebbles of several kinds of stone, dropped into a box until they lie still, over dark gravel and sand."""

import numpy as np

from . import materials, meshes, settling
from .noise import Chart, linear, mix, smoothstep, turbulence
from .stage import Light

WIDTH = 0.36
SAMPLES = 96
LIGHT = Light(azimuth=140, elevation=50, spread=5.0, sun=3.2, sky=0.85, grey=0.155)
BOX = 0.44  # side of the box the pebbles are dropped into
COUNT = 800
# base colour, second colour, and how much of: mottle, speckle, band, vein; then the odds
STONES = (
    ("85837f", "666462", 0.5, 0.2, 0.2, 0.04, 0.27),  # grey limestone
    ("525252", "3f4042", 0.5, 0.1, 0.3, 0.35, 0.17),  # dark basalt and slate
    ("9f988d", "7d766c", 0.5, 0.9, 0.0, 0.0, 0.13),  # granite
    ("94806a", "7b664f", 0.7, 0.2, 0.8, 0.02, 0.16),  # tan sandstone
    ("7c6056", "664a43", 0.7, 0.3, 0.5, 0.05, 0.08),  # red sandstone
    ("b9b2a5", "a09584", 0.6, 0.1, 0.1, 0.0, 0.07),  # quartz
    ("6d7069", "585b54", 0.6, 0.4, 0.3, 0.15, 0.07),  # greenish schist
    ("968d80", "aca394", 0.9, 0.2, 0.4, 0.1, 0.05),  # pale marl
)


def _sphere(levels):
    """A unit sphere's vertices and triangles: an icosahedron with every triangle quartered `levels` times."""
    golden = (1 + 5**0.5) / 2
    corners = [(s, t * golden, 0) for s in (-1, 1) for t in (-1, 1)]
    points = np.array([np.roll(corner, turn) for turn in range(3) for corner in corners], float)
    near = np.isclose(np.linalg.norm(points[:, None] - points, axis=-1), 2)
    trios = [(a, b, c) for a in range(12) for b in range(a) for c in range(b)]
    faces = [trio for trio in trios if all(near[trio[at], trio[at - 1]] for at in range(3))]
    faces = np.array([trio if np.linalg.det(points[list(trio)]) > 0 else trio[::-1] for trio in faces])
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    for _ in range(levels):
        points, faces = _quartered(points, faces)
    return points.astype(np.float32), faces


def _quartered(points, faces):
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), 1)
    unique, which = np.unique(edges, axis=0, return_inverse=True)
    middle = points[unique].mean(1)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    a, b, c = faces.T
    ab, bc, ca = (which.reshape(-1, 3) + len(points)).T
    split = np.concatenate([np.stack(trio, 1) for trio in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))])
    return np.concatenate([points, middle]), split


def _pebble(rng, sphere):
    """The vertices in metres of one worn stone about its centre: an uneven ellipsoid, some with flattened facets."""
    direction = sphere.copy()
    size = np.clip(np.exp(rng.normal(np.log(0.0122), 0.30)), 0.0065, 0.0195)
    for _ in range(rng.integers(3, 9)):
        normal = rng.standard_normal(3)
        normal /= np.linalg.norm(normal)
        over = direction @ normal - rng.uniform(0.62, 0.92)
        direction -= np.where(over > 0, over * rng.uniform(0.55, 0.9), 0)[:, None] * normal
    offset = rng.uniform(-50, 50, 3)
    bulge = 0.16 * turbulence(sphere * 0.9 + offset, 3, 2) + 0.02 * turbulence(sphere * 4 + offset, 9, 3, 0.6)
    axes = np.array([rng.uniform(1.0, 1.45), rng.uniform(0.8, 1.05), rng.uniform(0.42, 0.8)])
    return direction * (1 + bulge)[:, None] * axes * size


def _drop(rng, shells):
    """Where each stone comes to rest: (n, 3, 3) turns and (n, 3) places."""
    hull = _sphere(1)
    low = [shell[: len(hull[0])] for shell in shells]
    side = int(np.ceil((len(shells) / 9) ** 0.5))
    steps = np.arange(len(shells))
    spot = (np.stack([steps % side, steps // side % side], 1) + 0.5) / side - 0.5
    start = np.column_stack([spot * BOX * 0.86, 0.03 + 0.034 * (steps // side**2)])
    start += rng.uniform(-0.004, 0.004, start.shape)
    turns = rng.uniform(-np.pi, np.pi, (len(shells), 3))
    return settling.settle(low, hull[1], start, turns, BOX)


def _stone():
    """The material of all the stones, from attributes of their vertices."""
    shader = materials.Shader("stone")
    rest = shader.attribute("rest")
    amounts = ("mottle", "speckle", "band")
    mottle_amount, speckle_amount, band_amount = (shader.attribute(name, "Fac") for name in amounts)
    mottle = shader.math("MULTIPLY", shader.ramp(shader.noise(rest, 90, 4, 0.6), 0.35, 0.68), mottle_amount)
    colour = shader.blend(mottle, shader.attribute("base"), shader.attribute("second"))
    layers = shader.noise(shader.attribute("layered"), 60, 2, 0.55)
    band = shader.math("MULTIPLY", shader.ramp(layers, 0.42, 0.62), band_amount)
    colour = shader.blend(band, colour, shader.attribute("second"))
    grains = shader.add("TexVoronoi", "Color", Vector=rest, Scale=800.0)
    grain = shader.add("SeparateColor", 0, Color=grains)
    dark = shader.math("MULTIPLY", shader.ramp(grain, 0.62, 0.9), speckle_amount)
    pale = shader.math("MULTIPLY", shader.ramp(grain, 0.34, 0.1), speckle_amount)
    colour = shader.blend(dark, colour, (0.06, 0.058, 0.06, 1))
    colour = shader.blend(shader.math("MULTIPLY", pale, 0.6), colour, (0.6, 0.56, 0.52, 1))
    ridge = shader.math("ABSOLUTE", shader.math("SUBTRACT", shader.noise(rest, 34, 2, 0.5), 0.5))
    vein = shader.math("MULTIPLY", shader.ramp(ridge, 0.012, 0.003), shader.attribute("vein", "Fac"))
    colour = shader.blend(vein, colour, (0.55, 0.53, 0.5, 1))
    fine = shader.noise(rest, 900, 1.5, 0.65)
    colour = shader.blend(1.0, colour, shader.ramp(fine, 0.25, 0.75, 0.66, 1.34), "MULTIPLY")
    dust = shader.ramp(shader.noise(rest, 150, 3, 0.6), 0.5, 0.75, 0.0, 0.35)
    colour = shader.blend(dust, colour, (0.36, 0.32, 0.26, 1))
    dull = shader.math("MULTIPLY", dust, 0.5)
    roughness = shader.math("ADD", shader.attribute("smoothness", "Fac"), dull, clamp=True)
    pitted = shader.add("TexVoronoi", 0, Vector=rest, Scale=420.0)
    relief = shader.math("ADD", shader.math("MULTIPLY", fine, 0.6), shader.math("MULTIPLY", pitted, 0.3))
    return shader.finish(colour, roughness, shader.bump(relief, 0.0007), specular=0.4)


def _looks(rng, count):
    """Per stone: the numbers its material reads, by name."""
    odds = np.array([stone[-1] for stone in STONES])
    kind = rng.choice(len(STONES), count, p=odds / odds.sum())
    base, second = (np.array([linear(stone[at]) for stone in STONES])[kind] for at in (0, 1))
    shade = np.exp(rng.normal(0, 0.16, (count, 1))) * (1 + rng.normal(0, 0.035, (count, 3)))
    numbers = np.array([stone[2:6] for stone in STONES])[kind] * rng.uniform(0.3, 1.2, (count, 4))
    names = ("mottle", "speckle", "band", "vein")
    looks = {name: np.clip(numbers[:, at], 0, 1) for at, name in enumerate(names)}
    return looks | {"base": base * shade, "second": second * shade, "smoothness": rng.uniform(0.42, 0.72, count)}


def _bed(rng, floor):
    """Wet sand and gravel under the stones, a height field about z = `floor`."""
    grid = meshes.Grid(width=BOX, count=800)
    chart = Chart(rng, grid.shape, grid.cell)
    grit = smoothstep(0.3, 1.8, chart.blobs(0.005))
    height = floor + 0.002 * grit + 0.0003 * chart.fractal(0.001, 1) + 0.001 * chart.fractal(0.05)
    colour = mix(linear("6e6252"), linear("8f8674"), grit) * np.exp(0.25 * chart.fractal(0.001, 0.5))[..., None]
    roughness = np.full(grid.shape, 0.9)
    meshes.add_field("bed", grid, height, materials.painted("sand"), colour=colour, roughness=roughness)


def build(rng):
    """Put the pebbles and their bed into the scene."""
    sphere, faces = _sphere(4)
    shells = [_pebble(rng, sphere) for _ in range(COUNT)]
    turns, places = _drop(rng, shells)
    lying = [shell @ turn.T + place for shell, turn, place in zip(shells, turns, places, strict=True)]
    every = np.concatenate([faces + at * len(sphere) for at in range(COUNT)])
    rest = np.concatenate(shells) + np.repeat(rng.uniform(-5, 5, (COUNT, 3)), len(sphere), 0)
    looks = {name: np.repeat(value, len(sphere), 0) for name, value in _looks(rng, COUNT).items()}
    layered = rest * (0.15, 0.15, 3.0)
    meshes.add("pebbles", np.concatenate(lying), every, _stone(), rest=rest, layered=layered, **looks)
    _bed(rng, 0.0)
