import ast
import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.blender
ROOT = Path(__file__).resolve().parents[2]


def test_blender_collects_all_that_an_artist_reads(blender, tmp_path):
    """Its own tool finds each message that is looked up, and labels and tooltips."""
    if blender.version.startswith("5"):
        pytest.skip("the bpy wheel of 5.0 lacks Blender's tool")
    template = tmp_path / "template.po"
    command = [blender.python, ROOT / "scripts" / "translation_template.py", blender.zip_file, template]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=100,
        env=os.environ | {"BLENDER_USER_RESOURCES": str(tmp_path / "user")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    collected = template.read_text("utf-8").replace('"\n"', "")
    looked_up = {
        node.args[0].value
        for path in (ROOT / "neural_texture_addon" / "blender").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "rpt_"
    }
    texts = looked_up | {"Generate Texture", "Make this one at full size, going on from where it is"}
    assert len(looked_up) > 50
    assert [
        text for text in texts if text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") not in collected
    ] == []
