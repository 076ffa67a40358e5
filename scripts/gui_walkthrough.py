"""Walk through the extension in a Blender that has a window, with real clicks and keys, and take pictures.

    python scripts/gui_walkthrough.py --in "gui_blender run" --engine PYTHON [ACT ...]

`--in` is a command that takes a folder and a shell command, and runs that command where Blender is, with the folder at
/mnt (without it: here). There, blender, python3, xvfb-run, xdotool and ImageMagick must be on PATH. `--engine` is a
Python there that has the engine. Prints a line for each check; the exit status says whether all hold. Pictures and
Blender's log: build/gui. The act `picturing` takes the README's pictures (docs/images). Needs Linux, uv, and a network
once for python-xlib.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "gui"
SCREEN = "1400x1000x24"
ENVIRONMENT = {"LIBGL_ALWAYS_SOFTWARE": "1", "GALLIUM_DRIVER": "llvmpipe", "XDG_RUNTIME_DIR": "/tmp"}
DELAYED_UV = """#!/bin/sh
if [ -e "$(dirname "$0")/../delay" ]
then echo "Downloading torch (514.2MiB)"; exec sleep 600
else exec "$(dirname "$0")/../lib/bin/uv" "$@"
fi
"""


def main() -> int:
    options = _options()
    _prepare()
    root = Path("/mnt") if options.within else ROOT
    user = root / "build" / "gui" / "user"
    environment = ENVIRONMENT | {"BLENDER_USER_RESOURCES": str(user), "PYTHONPATH": str(root / "build" / "gui" / "lib")}
    lines = [
        f"cd {root}",
        *(f"export {name}={shlex.quote(value)}" for name, value in environment.items()),
        "blender -b --python-exit-code 1 --python scripts/build_extension.py >build/gui/build.log 2>&1"
        " || { cat build/gui/build.log; exit 1; }",
        "blender --command extension install-file -r user_default -e dist/neural_texture-*.zip >/dev/null",
        f'cd scripts && exec xvfb-run -a -s "-screen 0 {SCREEN} +extension GLX"'
        f" python3 -m gui --engine {shlex.quote(options.engine)} {shlex.join(options.acts)}",
    ]
    command = [*shlex.split(options.within), str(ROOT)] if options.within else ["bash", "-c"]
    return subprocess.call([*command, "\n".join(lines)])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in", dest="within", metavar="COMMAND", default=os.environ.get("NEURAL_TEXTURE_GUI_BLENDER"))
    parser.add_argument("--engine", metavar="PYTHON", default=os.environ.get("NEURAL_TEXTURE_PYTHON", sys.executable))
    parser.add_argument(
        "acts",
        nargs="*",
        metavar="ACT",
        help="setting_up, making, meanwhile, measuring, picturing; else all but the last",
    )
    return parser.parse_args()


def _prepare() -> None:
    """What the walk needs besides a Blender."""
    for name in ("user", "pictures", "pictures_in", "wheels"):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
    (FOLDER / "blender.log").unlink(missing_ok=True)
    tools = FOLDER / "lib"
    if not tools.is_dir():
        subprocess.run(["uv", "pip", "install", "--quiet", "--target", tools, "uv", "python-xlib"], check=True)
    uv = FOLDER / "bin" / "uv"
    uv.parent.mkdir(parents=True, exist_ok=True)
    uv.write_text(DELAYED_UV)
    uv.chmod(0o755)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]
    import wheels

    wheels.for_the_engine(FOLDER / "wheels")
    (FOLDER / "pictures_in").mkdir()
    for name in ("brick_wall", "pebbles"):
        shutil.copy(ROOT / "examples" / name / f"{name}_Color.png", FOLDER / "pictures_in" / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
