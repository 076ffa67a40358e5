import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = [pytest.mark.blender, pytest.mark.long]
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "brick_wall"
SIDE = 96


@pytest.fixture(scope="session")
def sets(tmp_path_factory):
    """The brick wall's own maps, small, and a tile with all of them that the engine made."""
    exemplar, made = tmp_path_factory.mktemp("wall"), tmp_path_factory.mktemp("made")
    ends = {"colour": "Color", "normal": "NormalGL", "height": "Height", "roughness": "Roughness"}
    for kind, end in ends.items():
        with Image.open(EXAMPLE / f"brick_wall_{end}.png") as whole:
            deep = whole.mode.startswith("I")
            shown = Image.fromarray((np.asarray(whole) / 257).round().astype(np.uint8)) if deep else whole
            shown.resize((SIDE, SIDE), Image.Resampling.BOX).save(exemplar / f"wall_{kind}.png")
    options = ["--size", str(SIDE), "--features", "patches", "--preset", "draft", "--device", "cpu", "--out", made]
    subprocess.run([sys.executable, "-m", "neural_texture_addon.engine", "synthesize", exemplar, *options], check=True)
    return exemplar, made


def distances(looks, others):
    """The largest differences in brightness, as a share; in relief, as a share; in whether relief follows height."""
    found = {"brightness": 0.0, "relief": 0.0, "follow": 0.0}
    for name, value in looks.items():
        here, there = np.atleast_1d(value), np.atleast_1d(others[name])
        kind = next(kind for kind in found if kind in name)
        apart = here - there if kind == "follow" else np.log((here + 1e-6) / (there + 1e-6))
        found[kind] = max(found[kind], float(np.abs(apart).max()))
    return found


def test_a_made_set_renders_as_its_exemplar_and_no_spoilt_one_does(blender, sets):
    found = blender.run("set_render", *sets)
    exemplar = found["exemplar"]
    made = distances(found["made"], exemplar)
    spoilt = {name: distances(looks, exemplar) for name, looks in found["spoilt"].items()}
    assert made["brightness"] < 0.03
    assert made["relief"] < 0.15
    assert made["follow"] < 0.35
    assert spoilt["flat"]["relief"] > 3
    assert spoilt["green flipped"]["follow"] > 0.6
    assert spoilt["colour as data"]["brightness"] > 0.5
    assert spoilt["normal as colour"]["brightness"] > 0.5
    assert spoilt["roughness as colour"]["brightness"] > 0.1
