# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the project's own exemplars and their true maps into `examples/`: PYTHON scripts/render_examples.py [NAME ...]

PYTHON is any that has `bpy` (its wheel, 4.5) and numpy. Without a name it renders all four.

"""

import argparse
import importlib
import time
from pathlib import Path

import numpy as np
from examples_scenes import passes, photograph, png, stage

SURFACES = ("brick_wall", "pebbles", "wood_planks", "fallen_leaves")
ROOT = Path(__file__).resolve().parent.parent
SEED = 1
PIXELS = 512


def render(name, folder, pixels, samples):
    """Render one surface and write its four pictures into `folder`; give the height's range in metres."""
    surface = importlib.import_module(f"examples_scenes.{name}")
    stage.clear()
    surface.build(np.random.default_rng(SEED))
    stage.light_up(surface.WIDTH, surface.LIGHT, pixels, samples or surface.SAMPLES)
    layers = passes.render()
    normal, height, roughness, span = passes.maps(layers)
    folder.mkdir(parents=True, exist_ok=True)
    colour = photograph.develop(photograph.clean(layers), surface.LIGHT.grey, np.random.default_rng(SEED))
    png.write(folder / f"{name}_Color.png", colour, 8)
    png.write(folder / f"{name}_NormalGL.png", normal, 16)
    png.write(folder / f"{name}_Height.png", height, 16)
    png.write(folder / f"{name}_Roughness.png", roughness, 8)
    return span


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SURFACES))
    parser.add_argument("--out", type=Path, default=ROOT / "examples")
    parser.add_argument("--pixels", type=int, default=PIXELS)
    parser.add_argument("--samples", type=int, help="instead of the surface's own number")
    arguments = parser.parse_args()
    for name in arguments.names or SURFACES:
        start = time.perf_counter()
        span = render(name, arguments.out / name, arguments.pixels, arguments.samples)
        print(f"{name}: {time.perf_counter() - start:.0f} s, height range {span:.4f} m")


if __name__ == "__main__":
    main()
