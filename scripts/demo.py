"""Set everything up in .venv and make a texture through real Blender, without a window. Any Python from 3.8 on.

python3 scripts/demo.py [STYLE_IMAGE] [--size 512] [--samples 64]

Then demo/ holds result.png, a .blend whose material shows it, and preview.png, rendered with Cycles.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BLENDER = "bpy==4.5.15"


def main():
    os.environ.pop("PYTHONPATH", None)
    os.environ["BLENDER_USER_RESOURCES"] = str(VENV / "blender-user")
    find_uv()
    python = blender_python()
    # 3.8 can't import the package, and only one interpreter has bpy: what follows runs there.
    sys.exit(subprocess.call([str(python), str(ROOT / "scripts" / "demo_scene.py"), *sys.argv[1:]]))


def find_uv():
    """See to it that uv is on PATH."""
    if shutil.which("uv"):
        return
    own = VENV / "uv"
    programs = own / ("Scripts" if os.name == "nt" else "bin")
    if not shutil.which("uv", path=str(programs)):
        run(sys.executable, "-m", "venv", str(own))
        run(str(programs / "python"), "-m", "pip", "install", "--quiet", "uv")
    os.environ["PATH"] = str(programs) + os.pathsep + os.environ["PATH"]


def blender_python():
    """The Python of an environment that has Blender as a module."""
    folder = VENV / "blender"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / "installed.txt"
    if not (mark.is_file() and mark.read_text() == BLENDER):
        run("uv", "venv", "--no-project", "--allow-existing", "--python", "3.11", str(folder))
        run("uv", "pip", "install", "--python", str(python), BLENDER, "numpy<2")
        mark.write_text(BLENDER)
    return python


def run(*command):
    print("+", " ".join(command), flush=True)
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
