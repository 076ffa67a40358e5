"""Set everything up in .venv and make a texture through real Blender, without a window. Any Python from 3.8 on.

python3 scripts/demo.py [STYLE_IMAGE] [--size 512] [--samples 64]

Then demo/ holds result.png, a .blend whose material shows it, and preview.png, rendered with Cycles.
"""

import os
import subprocess
import sys

import environments


def main():
    os.environ.pop("PYTHONPATH", None)
    os.environ["BLENDER_USER_RESOURCES"] = str(environments.VENV / "blender-user")
    # Only this Python has bpy, and is new enough for the package: the rest happens there.
    python = str(environments.blender("4.5"))
    sys.exit(subprocess.call([python, str(environments.ROOT / "scripts" / "demo_scene.py"), *sys.argv[1:]]))


if __name__ == "__main__":
    main()
