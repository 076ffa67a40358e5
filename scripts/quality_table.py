"""Score each feature family on photographs with the measures of a quality script. Prints docs/quality.md's table.

.venv/tests/bin/python scripts/quality_table.py QUALITY.py WEIGHTS EXEMPLAR ... [--out DIR] [--jobs 1] [--seed 1]

QUALITY.py is called as `QUALITY.py EXEMPLAR RESULT --weights WEIGHTS` and prints JSON. Results that are in DIR already
are not made again.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FAMILIES = ("patches", "vgg19", "both")
MEASURES = ("ps", "vgg", "coherence", "complete", "copy", "seam")
SIZE = "256"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("quality", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("exemplars", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "quality")
    parser.add_argument("--jobs", type=int, default=1, help="at a time")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--families", nargs="+", default=FAMILIES)
    parsed = parser.parse_args()
    cases = [(exemplar, family) for exemplar in parsed.exemplars for family in parsed.families]
    with ThreadPoolExecutor(parsed.jobs) as pool:
        scores = dict(zip(cases, pool.map(lambda case: score(*case, parsed), cases), strict=True))
    show(parsed, scores)


def score(exemplar, family, parsed):
    """The measures of one result, made if it isn't there yet."""
    out = parsed.out / family / parsed.seed / exemplar.stem
    if not (out / "score.json").is_file():
        job = ["synthesize", exemplar, "--size", SIZE, "--seed", parsed.seed, "--features", family]
        run("-m", "neural_texture_addon.engine", *job, "--weights", parsed.weights, "--device", "cpu", "--out", out)
        printed = run(parsed.quality, exemplar, out / "result.png", "--weights", parsed.weights, "--size", SIZE)
        (out / "score.json").write_text(printed)
    return json.loads((out / "score.json").read_text())


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


def row(name, family, measured):
    return f"| {name} | {family} | {' | '.join(f'{measured[m]:.2f}' for m in MEASURES)} |"


if __name__ == "__main__":
    main()
