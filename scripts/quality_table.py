"""Score each feature family on photographs with the measures of a quality script. Prints docs/quality.md's table.

.venv/tests/bin/python scripts/quality_table.py QUALITY.py WEIGHTS EXEMPLAR ... [--out DIR] [--jobs 1] [--seeds 1]
    [--rolls 1] [--device cpu]

QUALITY.py is called as `QUALITY.py EXEMPLAR RESULT --weights WEIGHTS` and prints JSON. Results that are in DIR already
are not made again. With --rolls each is scored so often, rolled elsewhere on the torus each time, and the mean counts;
so does that over several seeds.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageChops

ROOT = Path(__file__).resolve().parents[1]
FAMILIES = ("patches", "vgg19", "both")
MEASURES = ("ps", "vgg", "coherence", "complete", "copy", "seam")
MAY_BE_0 = ("copy", "seam")
SIZE = "256"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("quality", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("exemplars", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "quality")
    parser.add_argument("--jobs", type=int, default=1, help="at a time")
    parser.add_argument("--seeds", nargs="+", default=["1"])
    parser.add_argument("--rolls", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="that makes the results")
    parser.add_argument("--families", nargs="+", default=FAMILIES)
    parser.add_argument("--repetition", action="store_true", help="how much the photographs repeat themselves, instead")
    parsed = parser.parse_args()
    if parsed.repetition:
        show_repetition(parsed)
        return
    cases = [(exemplar, family) for exemplar in parsed.exemplars for family in parsed.families]
    with ThreadPoolExecutor(parsed.jobs) as pool:
        scores = dict(zip(cases, pool.map(lambda case: score(*case, parsed), cases), strict=True))
    show(parsed, scores)


def score(exemplar, family, parsed):
    """The measures, on average over the seeds."""
    scores = [score_of_one(exemplar, family, seed, parsed) for seed in parsed.seeds]
    return {m: statistics.mean(score[m] for score in scores) for m in MEASURES}


def score_of_one(exemplar, family, seed, parsed):
    """The measures of one result, made if it isn't there yet."""
    out = parsed.out / family / seed / exemplar.stem
    result, scored = out / "result.png", out / f"score{parsed.rolls}.json"
    if not result.is_file():
        scale = int(SIZE) / min(Image.open(exemplar).size)  # the size that the script compares at
        job = ["synthesize", exemplar, "--size", SIZE, "--scale", scale, "--seed", seed, "--features", family]
        run(
            "-m",
            "neural_texture_addon.engine",
            *job,
            "--weights",
            parsed.weights,
            "--device",
            parsed.device,
            "--out",
            out,
        )
    if not scored.is_file():
        rolls = [measured(exemplar, result, place / parsed.rolls, parsed) for place in range(parsed.rolls)]
        scored.write_text(json.dumps({m: statistics.mean(roll[m] for roll in rolls) for m in MEASURES}))
    return json.loads(scored.read_text())


def measured(exemplar, result, share, parsed):
    """The script's figures, of the result rolled by that share of its sides."""
    with tempfile.TemporaryDirectory() as folder:
        rolled = Path(folder, "rolled.png")
        texels = Image.open(result)
        ImageChops.offset(texels, round(share * texels.width), round(share * texels.height)).save(rolled)
        printed = run(parsed.quality, exemplar, rolled, "--weights", parsed.weights, "--size", SIZE)
    return json.loads(printed)


def run(*command):
    environment = os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
    return subprocess.run(
        [sys.executable, *map(str, command)], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def show(parsed, scores):
    print(f"| exemplar | features | {' | '.join(MEASURES)} |")
    print("|---" * (2 + len(MEASURES)) + "|")
    for (exemplar, family), measured in scores.items():
        print(row(exemplar.stem, family, measured))
    for family in parsed.families:
        of_family = [measured for (_, other), measured in scores.items() if other == family]
        print(row("**mean**", family, {m: statistics.mean(s[m] for s in of_family) for m in MEASURES}))
    for family in parsed.families:  # of ratios; those that may be 0 have none
        of_family = [measured for (_, other), measured in scores.items() if other == family]
        geometric = {m: statistics.geometric_mean(s[m] for s in of_family) for m in MEASURES if m not in MAY_BE_0}
        print(row("**geometric mean**", family, geometric))


def show_repetition(parsed):
    """How much of one half of each photograph stands nearly verbatim in its other half, by the script's own `copy`."""
    spec = importlib.util.spec_from_file_location("quality", parsed.quality)
    quality = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(quality)
    print("| exemplar | copy, largest between its own halves |\n|---|---|")
    for path in parsed.exemplars:
        side = int(SIZE)
        whole = quality.load(path, side)
        top, left = ((length - side) // 2 for length in whole.shape[2:])
        whole = whole[..., top : top + side, left : left + side]
        halves = [whole.split(side // 2, dim) for dim in (2, 3)]
        pairs = [pair for half in halves for pair in (half, half[::-1])]
        print(f"| {path.stem} | {max(copied(quality, *pair) for pair in pairs):.2f} |")


def copied(quality, picture, other):
    distance = quality.nn_dist(quality.patches(picture, 32, 8), quality.patches(other, 32, 1))
    return (distance < 0.02).float().mean().item()


def row(name, family, measured):
    return f"| {name} | {family} | {' | '.join(f'{measured[m]:.2f}' if m in measured else '' for m in MEASURES)} |"


if __name__ == "__main__":
    main()
