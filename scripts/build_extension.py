"""Build the extension's zip into dist/ with Blender's own builder and validator, and print its path.

Run it with a Python that has bpy:  python scripts/build_extension.py
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import bpy

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "neural_texture_addon"


def main() -> None:
    scripts = Path(bpy.utils.system_resource("SCRIPTS"))
    tool = [sys.executable, str(scripts / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py")]
    tags = f"--valid-tags={scripts / 'modules' / '_bpy_internal' / 'extensions' / 'tags.py'}"
    dist = ROOT / "dist"
    dist.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        stage = Path(temporary) / "neural_texture"
        shutil.copytree(PACKAGE, stage, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        for name in ("blender_manifest.toml", "LICENSE"):
            shutil.copy(ROOT / name, stage)
        built = Path(temporary) / "built"
        built.mkdir()
        subprocess.run([*tool, "validate", tags, stage], check=True)
        subprocess.run([*tool, "build", "--source-dir", stage, "--output-dir", built], check=True)
        (made,) = built.glob("*.zip")
        subprocess.run([*tool, "validate", tags, made], check=True)
        copied = shutil.copy(made, dist / f"{made.name}.{os.getpid()}")
        print(Path(copied).replace(dist / made.name))  # whoever reads it while it is built again reads a whole one


if __name__ == "__main__":
    main()
