"""All acts of scripts/gui_walkthrough.py, by clicks and keys in a Blender that has a window.

NEURAL_TEXTURE_GUI_BLENDER is the command that runs one (the script's `--in`), NEURAL_TEXTURE_GUI_PYTHON a Python with
the engine, as a path where that command runs.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.slow]
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "gui_walkthrough.py"
NAMES = "NEURAL_TEXTURE_GUI_BLENDER", "NEURAL_TEXTURE_GUI_PYTHON"


def test_an_artist_walks_through_everything():
    if unnamed := [name for name in NAMES if not os.environ.get(name)]:
        pytest.skip(f"no Blender with a window is named: {' and '.join(unnamed)} not set")
    within, engine = (os.environ[name] for name in NAMES)
    walk = [sys.executable, SCRIPT, "--in", within, "--engine", engine]
    done = subprocess.run(walk, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    assert "measuring" in done.stdout, "all acts"
