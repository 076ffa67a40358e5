"""Hold the estimated maps of the examples against their rendered ones. Prints docs/materials.md's table.

.venv/tests/bin/python scripts/estimates_table.py [--set NAME=NUMBER ...]

Correlation for height and roughness (a constant has none: 0), beside that of the picture's own brightness; for
occlusion with that of the rendered height; for normals the mean angle to the rendered ones in degrees, beside that of a
flat map. --set tries another number than a default of `Estimates`.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neural_texture_addon.engine import image_file, torus  # noqa: E402
from neural_texture_addon.engine.estimates import illumination, material, occlusion  # noqa: E402
from neural_texture_addon.job.description import Estimates, MapKind  # noqa: E402

RENDERED = {"Height": MapKind.HEIGHT, "NormalGL": MapKind.NORMAL, "Roughness": MapKind.ROUGHNESS}
RELIEF = {  # the range of the height over the width of the frame, from examples/README.md
    "brick_wall": 0.0245 / 1.30,
    "pebbles": 0.0673 / 0.36,
    "wood_planks": 0.0156 / 0.62,
    "fallen_leaves": 0.0590 / 0.46,
}
HEAD = ("example", "light", "height", "grey picture as height", "normal", "flat normal", "occlusion", "roughness")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=NUMBER")
    pairs = (said.split("=") for said in parser.parse_args().set)
    wanted = replace(Estimates(), **{name: float(number) for name, number in pairs})
    print(f"| {' | '.join(HEAD)} |")
    print("|---" * len(HEAD) + "|")
    for name in RELIEF:
        print(f"| {name} | {' | '.join(row(name, wanted))} |")


def row(name, wanted):
    colour = read(name, "Color", MapKind.COLOUR)
    true = {kind: read(name, end, kind) for end, kind in RENDERED.items()}
    kinds = (MapKind.HEIGHT, MapKind.NORMAL, MapKind.ROUGHNESS, MapKind.OCCLUSION)
    made = material.estimated(colour, kinds, wanted, torus.PLANE)
    width = colour.shape[3]
    flat = torch.tensor([0.5, 0.5, 1.0]).view(1, 3, 1, 1)
    seen = occlusion.seen(true[MapKind.HEIGHT], RELIEF[name] * width, wanted.reach * width, torus.PLANE)
    return (
        f"{made.light.degrees:.0f}" if made.light else "not found",
        f"{alike(made.maps[MapKind.HEIGHT], true[MapKind.HEIGHT]):.2f}",
        f"{alike(illumination.brightness(colour), true[MapKind.HEIGHT]):.2f}",
        *(f"{angle(normals, true[MapKind.NORMAL]):.1f}" for normals in (made.maps[MapKind.NORMAL], flat)),
        f"{alike(made.maps[MapKind.OCCLUSION], seen):.2f}",
        f"{alike(made.maps[MapKind.ROUGHNESS], true[MapKind.ROUGHNESS]):.2f}",
    )


def read(name, end, kind):
    return image_file.read(str(ROOT / "examples" / name / f"{name}_{end}.png"), kind).values


def alike(one, other):
    both = torch.stack((one.flatten(), other.flatten())).double()
    return both.corrcoef()[0, 1].item()


def angle(one, other):
    one, other = (2 * texels.double() - 1 for texels in (one, other))
    cosine = (one * other).sum(1) / (one.norm(dim=1) * other.norm(dim=1))
    return torch.rad2deg(torch.acos(cosine.clamp(-1, 1))).mean().item()


if __name__ == "__main__":
    main()
