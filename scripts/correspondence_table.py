"""How much the colour tells of each other map: in the exemplar, in maps made together, and in maps made apart.

.venv/tests/bin/python scripts/correspondence_table.py [EXAMPLE ...] [--size 256] [--features patches] [--weights FILE]
    [--out DIR] [--follow]

Prints docs/materials.md's table: mutual information in bits, by the exemplar's own classes of values. Results that are
in DIR already are not made again. With --follow also: maps that follow a colour made alone before them.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import torch

torch.set_num_threads(1)  # the measuring is little work; the making is the engine's, in processes of its own
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neural_texture_addon.engine import exemplar as exemplars  # noqa: E402
from neural_texture_addon.job.description import Exemplar, MapKind  # noqa: E402
from neural_texture_addon.job.map_files import in_folder, kinds_of  # noqa: E402

CLASSES = {1: 16, 3: 24}
"""Of values, by the channels that a map has."""
ROUNDS = 20


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="*", help="folders of maps; by default all of examples/")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--features", default="patches")
    parser.add_argument("--weights", default="")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "correspondence")
    parser.add_argument("--follow", action="store_true")
    parsed = parser.parse_args()
    ways = ("together", "apart", *(["following"] if parsed.follow else []))
    print(f"| example | map | exemplar | {' | '.join(ways)} | together / exemplar |")
    print("|---" * (4 + len(ways)) + "|")
    folders = parsed.examples or sorted(path.parent for path in (ROOT / "examples").glob("*/*_Color.png"))
    for folder in map(Path, folders):
        show(folder, in_folder(str(folder)), ways, parsed)


def show(folder, described, ways, parsed):
    kinds = kinds_of(described)
    scaled = replace(described, scale=parsed.size / side_of(described))
    own = texels_of(scaled, kinds)
    made = {way: MAKERS[way](folder, scaled, kinds, parsed) for way in ways}
    for kind in kinds[1:]:
        one = mutual_information(own, own, kind)
        others = {way: mutual_information(own, texels, kind) for way, texels in made.items()}
        figures = " | ".join(f"{bits:.2f}" for bits in others.values())
        print(f"| {folder.name} | {kind.value} | {one:.2f} | {figures} | {others['together'] / one:.2f} |", flush=True)


def side_of(described):
    return exemplars.load([described], (MapKind.COLOUR,), torch.device("cpu"))[0].side


def texels_of(described, kinds):
    """Each map: texels x channels."""
    loaded = exemplars.load([described], kinds, torch.device("cpu"))[0].texels
    parts = loaded.split([kind.channels for kind in kinds], 1)
    return {kind: part[0].flatten(1).T.contiguous() for kind, part in zip(kinds, parts, strict=True)}


def together(folder, described, kinds, parsed):
    return texels_of(made(parsed.out / folder.name / "together", described, kinds, parsed, seed=1), kinds)


def apart(folder, described, kinds, parsed):
    """Each map by itself, from a seed of its own: what would come of one run for each."""
    found = {}
    for number, kind in enumerate(kinds, 1):
        out = parsed.out / folder.name / f"apart_{kind.value}"
        found |= texels_of(made(out, described, (kind,), parsed, seed=number), (kind,))
    return found


def following(folder, described, kinds, parsed):
    """The colour that was made alone, and the other maps after it."""
    colour = parsed.out / folder.name / "apart_colour" / "result.png"
    out = parsed.out / folder.name / "following"
    return texels_of(made(out, described, kinds, parsed, "--colour", colour, seed=1), kinds)


MAKERS = {"together": together, "apart": apart, "following": following}


def made(out, described, kinds, parsed, *options, seed):
    """The result's files, made if they aren't there yet."""
    files = {kind: str(out / f"result{'' if kind is MapKind.COLOUR else '_' + kind.value}.png") for kind in kinds}
    if not all(Path(file).is_file() for file in files.values()):
        maps = [f"--map={kind.value}={path}" for kind, path in described.maps.items() if kind in kinds]
        job = [*maps, "--size", parsed.size, "--scale", described.scale, "--seed", seed, "--features", parsed.features]
        job += [*options, *(["--weights", parsed.weights] if parsed.weights else []), "--device", "cpu", "--out", out]
        command = [sys.executable, "-m", "neural_texture_addon.engine", "synthesize", *map(str, job)]
        subprocess.run(
            command, cwd=ROOT, check=True, capture_output=True, env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
        )
    return Exemplar(maps=files)


def mutual_information(exemplar, texels, kind):
    """Between the classes of colour and those of the map, in bits. The exemplar says what the classes are."""
    colours, others = (classed(exemplar[each], texels[each]) for each in (MapKind.COLOUR, kind))
    counts = torch.zeros(CLASSES[3], max(CLASSES.values()), dtype=torch.float64)
    counts.index_put_((colours, others), torch.ones(len(colours), dtype=torch.float64), accumulate=True)
    joint = counts / counts.sum()
    apart = joint.sum(1, keepdim=True) * joint.sum(0, keepdim=True)
    there = joint > 0
    return float((joint[there] * (joint[there] / apart[there]).log2()).sum())


def classed(exemplar, values):
    """The class of each value: the nearest of the exemplar's centres (Lloyd 1982), which begin at its quantiles."""
    centres = exemplar[exemplar.mean(1).argsort()][:: len(exemplar) // CLASSES[exemplar.shape[1]]]
    centres = centres[: CLASSES[exemplar.shape[1]]].clone()
    for _ in range(ROUNDS):
        nearest = torch.cdist(exemplar, centres).argmin(1)
        for place in range(len(centres)):
            if (mine := nearest == place).any():
                centres[place] = exemplar[mine].mean(0)
    return torch.cdist(values, centres).argmin(1)


if __name__ == "__main__":
    main()
