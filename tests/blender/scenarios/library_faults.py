"""What ``blender --command neural_texture library`` says of what can't be."""

import contextlib
import io
import os
from pathlib import Path

import bpy
from harness import ARGUMENTS, extension, module

(folder,) = ARGUMENTS
os.chdir(folder)


def refused(*arguments: str) -> list:
    """The exit status, and the last line."""
    with contextlib.redirect_stderr(io.StringIO()) as said:
        status = module("cli_command").main(["library", *arguments])
    return [status, said.getvalue().splitlines()[-1]]


with extension() as found:
    findings = found["refused"] = {}
    Path("empty/.hidden").mkdir(parents=True)
    Path("empty/.hidden/a.png").touch()
    Path("empty/notes.txt").touch()
    Path("text.blend").write_text("no .blend")
    findings["no folder"] = refused("nowhere", "--out", "lib.blend")
    findings["no image"] = refused("empty", "--out", "lib.blend")
    findings["no .blend"] = refused("photos", "--out", "lib")
    findings["an option"] = refused("photos", "--out", "lib.blend", "--size", "big")
    findings["size"] = refused("photos", "--out", "lib.blend", "--size", "7")
    findings["width"] = refused("photos", "--out", "lib.blend", "--texture-width", "0")
    findings["preset"] = refused("photos", "--out", "lib.blend", "--preset", "style_transfer")
    found["nothing was written"] = [path.name for path in Path().glob("lib*")]
    findings["no place"] = refused("photos", "--out", "nowhere/lib.blend")
    findings["another file"] = refused("photos", "--out", "text.blend")
    Path("blender_assets.cats.txt").write_bytes(b"\xff\xfe")
    findings["catalog"] = refused("photos", "--out", "lib.blend")
    Path("blender_assets.cats.txt").unlink()
    os.environ["NEURAL_TEXTURE_PYTHON"] = "/bin/false"
    findings["no engine"] = refused("photos", "--out", "lib.blend")
    found["materials"] = len(bpy.data.materials)
