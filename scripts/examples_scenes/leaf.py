# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes of single dry leaves, each another: outline, veins, curl, holes. Places and colours none of them.

A leaf is a lattice (rows, columns): rows from the stalk to the tip (of a maple, round its base), columns across.
"""

from dataclasses import dataclass

import numpy as np

from .noise import smoothstep, turbulence

STALK = 0.0007  # half the width of a leaf's stalk, in metres


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """`points` (rows, columns, 3) in metres about its middle; `flat` (rows, columns, 2), the same before it curled.

    `vein` and `rim` (rows, columns) are 1 on a vein and at the margin; `torn` (rows, columns) is true in a hole.
    """

    points: np.ndarray
    flat: np.ndarray
    vein: np.ndarray
    rim: np.ndarray
    torn: np.ndarray


def _line(distance, width):
    return np.exp(-((distance / width) ** 2))


def _blade(rng, length, half_width, teeth, lobes):
    """A leaf with one midrib as (flat, vein, rim): ovate and toothed, or an oak's if it has `lobes` (0..1)."""
    v, u = np.meshgrid(np.linspace(-0.28, 1, 120), np.linspace(-1, 1, 27), indexing="ij")
    body = np.clip(v, 0, 1)
    broadest = rng.uniform(0.62, 0.95) if not lobes else 1.45
    outline = np.sin(np.pi * body**broadest) ** (0.85 if not lobes else 0.75)
    waves = 4.6 + rng.uniform(0, 0.8)
    side = 0.11 * np.sign(u)
    outline *= 1 - lobes * (0.5 + 0.5 * np.cos(2 * np.pi * (waves * body + side))) * smoothstep(0, 0.15, body)
    pairs = rng.integers(7, 11) if not lobes else waves
    saw = pairs * 2.5 * body
    outline *= 1 + teeth * (saw - np.floor(saw) - 0.5)
    lean = 1 + rng.normal(0, 0.06) * np.sign(u)
    across = np.sign(u) * np.maximum(half_width * outline * lean, STALK) * np.abs(u)
    bow = rng.normal(0, 0.10) * length * (v - 0.4) ** 2
    along = (v - 0.45) * length + np.abs(across) * 0.28 * smoothstep(0, 0.2, body)
    phase = pairs * (body - 0.02) + 0.5 * lobes
    rib = np.abs(phase - np.round(phase)) * length / pairs
    inside = smoothstep(0.01, 0.06, body)
    vein = np.maximum(_line(across, 0.0008 + 0.0006 * (1 - body)), 0.6 * _line(rib, 0.0006) * inside)
    rim = np.where(v < 0, 0, np.abs(u) ** 3)
    return np.stack([across + bow, along], -1), np.where(v < 0.01, 1, vein), rim


def _hand(rng, length):
    """A maple's leaf, lobed like a hand, as (flat, vein, rim)."""
    turn, reach = np.meshgrid(np.linspace(-np.pi, np.pi, 181), np.linspace(0.0, 1, 27), indexing="ij")
    axes = np.array([0, 0.86, -0.86, 1.72, -1.72]) + rng.normal(0, 0.05, 5)
    longs = np.array([1, 0.88, 0.88, 0.55, 0.55]) * np.exp(rng.normal(0, 0.06, 5))
    away = turn[..., None] - axes
    point = longs / (1 + (np.abs(away) / 0.30) ** 1.5)
    notch = 0.10 * np.cos(away * 17) * np.exp(-((away / 0.42) ** 2))
    radius = np.maximum((point * (1 + notch)).max(-1), 0.30 * smoothstep(np.pi, 2.2, np.abs(turn)))
    radius *= 1 + 0.03 * turbulence(np.stack([turn * 5, 0 * turn, 0 * turn + rng.uniform(0, 99)], -1))
    radius = radius * reach * length * 0.62
    flat = np.stack([radius * np.sin(turn), radius * np.cos(turn) - 0.1 * length], -1)
    ribs = np.abs(radius[..., None] * np.sin(away)) + np.where(np.abs(away) > 1.2, 1, 0)
    vein = _line(ribs.min(-1), 0.0010 - 0.0004 * reach)
    twig = np.where(np.abs(away) < 0.5, radius[..., None] * np.cos(away) - 1.1 * ribs, 1e3).min(-1) / 0.0085
    vein = np.maximum(vein, 0.6 * _line(np.abs(twig - np.round(twig)) * 0.0085, 0.0008))
    return flat, vein, reach**6


def _bent(flat, axis, curvature):
    """The coordinate along `axis` after bending a sheet to `curvature` (1/m) at each point, and the rise."""
    along = flat[..., axis]
    angle = np.clip(along * curvature, -2.2, 2.2)
    safe = np.where(np.abs(curvature) < 1e-3, 1e-3, curvature)
    return np.sin(angle) / safe, (1 - np.cos(angle)) / safe


def _curled(rng, flat, vein, rim):
    """The points (rows, columns, 3) of a leaf which has dried: folded, rolled, ruffled at its margin."""
    offset = rng.uniform(-90, 90, 3)
    place = np.concatenate([flat, np.zeros_like(flat[..., :1])], -1)
    uneven = turbulence(place / 0.035 + offset, 2, 2)
    x, rise = _bent(flat, 0, rng.normal(0, 22) * (1 + 0.6 * uneven) + 14 * uneven)
    y, lift = _bent(flat, 1, rng.normal(0, 13) * (1 + 0.6 * uneven))
    fold = np.abs(rng.normal(0, 0.25)) * np.abs(flat[..., 0]) * rng.choice([1, 1, -1])
    ruffle = 0.006 * rim ** (1 / 3) * turbulence(place / 0.014 + offset, 4, 2)
    relief = -0.0006 * vein + 0.0030 * uneven
    return np.stack([x, y, rise + lift + fold + ruffle + relief], -1)


def grow(rng, kind, length):
    """One leaf of a `kind` ("ovate", "oak" or "maple"), about `length` metres long."""
    if kind == "maple":
        flat, vein, rim = _hand(rng, length)
    else:
        oak = kind == "oak"
        half_width = length * (rng.uniform(0.23, 0.30) if oak else rng.uniform(0.24, 0.36))
        flat, vein, rim = _blade(rng, length, half_width, 0 if oak else 0.09, rng.uniform(0.4, 0.6) if oak else 0)
    points = _curled(rng, flat, vein, rim)
    place = np.concatenate([flat / 0.009, np.full_like(flat[..., :1], rng.uniform(-90, 90))], -1)
    torn = turbulence(place, 6, 2) - 0.3 * vein > rng.uniform(0.42, 1.1)
    return Leaf(points=points, flat=flat, vein=vein, rim=rim, torn=torn)
