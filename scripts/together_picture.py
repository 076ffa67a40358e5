"""The sets of maps that scripts/correspondence_table.py made, below their exemplars, in one picture.

.venv/tests/bin/python scripts/together_picture.py [--made build/correspondence] [--way together] [EXAMPLE ...] OUT.jpg
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neural_texture_addon.job.map_files import in_folder, kinds_of  # noqa: E402

SIDE, GAP = 256, 6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="*", default=["brick_wall", "pebbles", "wood_planks", "fallen_leaves"])
    parser.add_argument("out")
    parser.add_argument("--made", type=Path, default=ROOT / "build" / "correspondence")
    parser.add_argument("--way", default="together")
    parsed = parser.parse_args()
    rows = []
    for name in parsed.examples:
        exemplar = in_folder(str(ROOT / "examples" / name))
        result = in_folder(str(parsed.made / name / parsed.way))
        rows += [[texels(one.maps[kind]) for kind in kinds_of(exemplar)] for one in (exemplar, result)]
    sheet = Image.new("RGB", (len(rows[0]) * (SIDE + GAP) - GAP, len(rows) * (SIDE + GAP) - GAP), "white")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            sheet.paste(picture, (x * (SIDE + GAP), y * (SIDE + GAP)))
    sheet.save(parsed.out, quality=85)


def texels(path):
    with Image.open(path) as image:
        deep = image.mode.startswith("I")
        shown = Image.fromarray((np.asarray(image) / 257).round().astype(np.uint8)) if deep else image
        return shown.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
