"""Make docs/images/materials.jpg: each example's estimated maps, and below them the rendered ones.

.venv/tests/bin/python scripts/materials_picture.py
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SIDE, GAP = 208, 6
ESTIMATED = ("Color", "Displacement", "Normal", "Roughness", "AmbientOcclusion")
RENDERED = ("Color", "Height", "NormalGL", "Roughness")


def main():
    examples = sorted(path.parent for path in ROOT.glob("examples/*/*_Color.png"))
    sheet = Image.new("RGB", (len(ESTIMATED) * (SIDE + GAP) - GAP, 2 * len(examples) * (SIDE + GAP) - GAP), "white")
    for row, folder in enumerate(examples):
        out = ROOT / "build" / "materials" / folder.name
        command = ["maps", folder / f"{folder.name}_Color.png", "--out", out]
        subprocess.run([sys.executable, "-m", "neural_texture_addon.engine", *command], cwd=ROOT, check=True)
        for half, (place, ends) in enumerate(((out, ESTIMATED), (folder, RENDERED))):
            for column, end in enumerate(ends):
                picture = shown(place / f"{folder.name}_{end}.png").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
                sheet.paste(picture, (column * (SIDE + GAP), (2 * row + half) * (SIDE + GAP)))
    path = ROOT / "docs" / "images" / "materials.jpg"
    sheet.save(path, quality=80)
    print(path)


def shown(path):
    image = Image.open(path)
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image) / 257).astype(np.uint8))
    return image.convert("RGB")


if __name__ == "__main__":
    main()
