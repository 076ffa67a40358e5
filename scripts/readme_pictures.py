"""Make docs/images/examples.jpg, the README's picture: each example above its tile, which is repeated 2x2.

.venv/tests/bin/python scripts/readme_pictures.py
"""

import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SIDE, GAP = 384, 8


def main():
    exemplars = sorted(ROOT.glob("examples/*/*_Color.png"))
    sheet = Image.new("RGB", (len(exemplars) * (SIDE + GAP) - GAP, 2 * SIDE + GAP), "white")
    for column, exemplar in enumerate(exemplars):
        for row, picture in enumerate((Image.open(exemplar), repeated(tile_of(exemplar)))):
            place = column * (SIDE + GAP), row * (SIDE + GAP)
            sheet.paste(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS), place)
    path = ROOT / "docs" / "images" / "examples.jpg"
    path.parent.mkdir(exist_ok=True)
    sheet.save(path, quality=90)
    print(path)


def tile_of(exemplar):
    out = ROOT / "build" / "readme" / exemplar.parent.name
    command = ["synthesize", exemplar, "--size", "512", "--out", out]
    subprocess.run([sys.executable, "-m", "neural_texture_addon.engine", *command], cwd=ROOT, check=True)
    return Image.open(out / "result.png")


def repeated(tile):
    sheet = Image.new("RGB", (2 * tile.width, 2 * tile.height))
    for x in (0, tile.width):
        for y in (0, tile.height):
            sheet.paste(tile, (x, y))
    return sheet


if __name__ == "__main__":
    main()
