"""How much the colour tells of each other map: in the exemplar, in maps made together, in maps that follow a colour
made alone before them, and in maps made apart; in squares of the exemplar, too, as a measure of the measure.

.venv/tests/bin/python scripts/correspondence_table.py [EXAMPLE ...] [--ways together following apart] [--seeds 1]
    [--size 256] [--features patches] [--weights FILE] [--out DIR]

Prints docs/materials.md's table: mutual information in bits, by the exemplar's own classes of values, and its ratio to
the exemplar's; of several seeds the mean, in brackets the least and the most, and then that of all their texels taken
as one set. Results that are in DIR already are not made again.

`--ways squares --seeds 100`: as many texels, in squares from anywhere in the exemplar. What belongs together stays
together, so this is how far a set may be off by chance.
"""

import argparse
import subprocess
import sys
from dataclasses import replace
from functools import cache
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
SQUARES = 4
"""Along a side."""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="*", help="folders of maps; by default all of examples/")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--features", default="patches")
    parser.add_argument("--weights", default="")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "correspondence")
    parser.add_argument("--ways", nargs="+", choices=list(MAKERS), default=["together", "following", "apart"])
    parser.add_argument("--seeds", type=int, default=1)
    parsed = parser.parse_args()
    heads = "".join(f" {way} |{'' if way == 'apart' else ' / exemplar |'}" for way in parsed.ways)
    print(f"| example | map | exemplar |{heads}")
    print("|---" * (3 + heads.count("|")) + "|")
    folders = parsed.examples or sorted(path.parent for path in (ROOT / "examples").glob("*/*_Color.png"))
    for folder in map(Path, folders):
        show(folder, in_folder(str(folder)), parsed)


def show(folder, described, parsed):
    kinds = kinds_of(described)
    scaled = replace(described, scale=parsed.size / side_of(described))
    own = texels_of(scaled, kinds)
    seeds = range(1, 1 + parsed.seeds)
    made = {way: [MAKERS[way](folder, scaled, kinds, parsed, seed) for seed in seeds] for way in parsed.ways}
    for kind in kinds[1:]:
        one = mutual_information(own, own, kind)
        counts = {way: [counted(own, texels, kind) for texels in each] for way, each in made.items()}
        figures = "".join(
            cells(way, list(map(information, each)), information(sum(each)), one) for way, each in counts.items()
        )
        print(f"| {folder.name} | {kind.value} | {one:.2f} |{figures}", flush=True)


def cells(way, bits, whole, one):
    """In bits; then in units of the exemplar's own."""
    mean, ends = sum(bits) / len(bits), f" ({min(bits) / one:.2f} to {max(bits) / one:.2f}), {whole / one:.2f}"
    ratio = f" {mean / one:.2f}{ends if len(bits) > 1 else ''} |"
    return f" {mean:.2f} |{'' if way == 'apart' else ratio}"


def side_of(described):
    return exemplars.load([described], (MapKind.COLOUR,), torch.device("cpu"))[0].side


def texels_of(described, kinds):
    """Each map: texels x channels."""
    return by_map(exemplars.load([described], kinds, torch.device("cpu"))[0].texels, kinds)


def by_map(texels, kinds):
    parts = texels.split([kind.channels for kind in kinds], 1)
    return {kind: part[0].flatten(1).T.contiguous() for kind, part in zip(kinds, parts, strict=True)}


def together(folder, described, kinds, parsed, seed):
    return texels_of(made(place(parsed, folder, "together", seed), described, kinds, parsed, seed=seed), kinds)


def following(folder, described, kinds, parsed, seed):
    """The colour is made alone, and the other maps after it."""
    alone = place(parsed, folder, "apart_colour", seed)
    colour = made(alone, described, (MapKind.COLOUR,), parsed, seed=seed).maps[MapKind.COLOUR]
    out = place(parsed, folder, "following", seed)
    return texels_of(made(out, described, kinds, parsed, "--colour", colour, seed=seed), kinds)


def apart(folder, described, kinds, parsed, seed):
    """Each map by itself, from a seed of its own: what would come of one run for each."""
    found = {}
    for number, kind in enumerate(kinds):
        out = place(parsed, folder, f"apart_{kind.value}", seed)
        found |= texels_of(made(out, described, (kind,), parsed, seed=seed + number), (kind,))
    return found


def squares(_folder, described, kinds, parsed, seed):
    """Of the exemplar, a quarter as wide as the canvas; beyond its border it begins again, so no place is rare."""
    own = exemplars.load([described], kinds, torch.device("cpu"))[0].texels
    height, width = own.shape[2:]
    side, generator = parsed.size // SQUARES, torch.Generator().manual_seed(seed)
    rows, columns = (torch.randint(length, (SQUARES**2,), generator=generator).tolist() for length in (height, width))
    parts = [own.roll((-y, -x), (2, 3))[:, :, :side, :side] for y, x in zip(rows, columns, strict=True)]
    return by_map(torch.cat(parts, 2), kinds)


MAKERS = {"together": together, "following": following, "apart": apart, "squares": squares}


def place(parsed, folder, way, seed):
    """Where the files of one result lie."""
    return parsed.out / folder.name / (way if seed == 1 else f"{way}_{seed}")


def made(out, described, kinds, parsed, *options, seed):
    """The result's files, made if they aren't there yet."""
    files = {kind: str(out / f"result{'' if kind is MapKind.COLOUR else '_' + kind.value}.png") for kind in kinds}
    if not all(Path(file).is_file() for file in files.values()):
        maps = [f"--map={kind.value}={path}" for kind, path in described.maps.items() if kind in kinds]
        job = [*maps, "--size", parsed.size, "--scale", described.scale, "--seed", seed, "--features", parsed.features]
        job += [*options, *(["--weights", parsed.weights] if parsed.weights else []), "--device", "cpu", "--out", out]
        command = [sys.executable, "-m", "neural_texture_addon.engine", "synthesize", *map(str, job)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return Exemplar(maps=files)


def mutual_information(exemplar, texels, kind):
    """Between the classes of colour and those of the map, in bits. The exemplar says what the classes are."""
    return information(counted(exemplar, texels, kind))


def counted(exemplar, texels, kind):
    """How many texels are of each class of colour and of the map."""
    colours, others = (classed(exemplar[each], texels[each]) for each in (MapKind.COLOUR, kind))
    counts = torch.zeros(CLASSES[3], max(CLASSES.values()), dtype=torch.float64)
    counts.index_put_((colours, others), torch.ones(len(colours), dtype=torch.float64), accumulate=True)
    return counts


def information(counts):
    """In bits, what one class tells of the other."""
    joint = counts / counts.sum()
    apart = joint.sum(1, keepdim=True) * joint.sum(0, keepdim=True)
    there = joint > 0
    return float((joint[there] * (joint[there] / apart[there]).log2()).sum())


def classed(exemplar, values):
    """The class of each value: the nearest of the exemplar's centres."""
    return torch.cdist(values, centres_of(exemplar)).argmin(1)


@cache
def centres_of(exemplar):
    """Of the classes of its values (Lloyd 1982); they begin at its quantiles."""
    centres = exemplar[exemplar.mean(1).argsort()][:: len(exemplar) // CLASSES[exemplar.shape[1]]]
    centres = centres[: CLASSES[exemplar.shape[1]]].clone()
    for _ in range(ROUNDS):
        nearest = torch.cdist(exemplar, centres).argmin(1)
        for place in range(len(centres)):
            if (mine := nearest == place).any():
                centres[place] = exemplar[mine].mean(0)
    return centres


if __name__ == "__main__":
    main()
