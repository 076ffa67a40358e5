"""The environments that the scripts work in, made in .venv when they are first needed. Any Python from 3.8 on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BLENDERS = {"4.2": ("bpy==4.2.0", "numpy<2"), "4.5": ("bpy==4.5.15",), "5.0": ("bpy==5.0.1",)}
"""The wheels of each Blender we support; 4.2 was built for numpy 1."""
_ENGINE = "from neural_texture_addon.supervisor.environment import REQUIREMENTS as r; print(*r, sep='\\n')"


def blender(version):
    """A Python that has this Blender as a module; bpy wheels are for Python 3.11."""
    return _environment("blender-" + version, BLENDERS[version])


def tests():
    """A Python with the engine, our command line and the tools of the tests."""
    engine = subprocess.check_output([str(_python("tests")), "-c", _ENGINE], cwd=str(ROOT), universal_newlines=True)
    tools = (ROOT / "tests" / "requirements.txt").read_text()
    return _environment("tests", ("--editable", str(ROOT), *engine.split(), *tools.split()))


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


def run(*command):
    """Run a command in sight of the user; its failure is ours."""
    print("+", " ".join(command), flush=True)
    subprocess.run(command, check=True)


def _environment(name, packages):
    """The Python of .venv/`name`, with `packages`; a file beside it remembers what it was made with."""
    python, mark = _python(name), VENV / name / "installed.txt"
    if not (mark.is_file() and mark.read_text() == "\n".join(packages)):
        # compiled: where PYTHONDONTWRITEBYTECODE is set each of hundreds of processes would compile torch anew
        run("uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *packages)
        mark.write_text("\n".join(packages))
    return python


def _python(name):
    find_uv()
    folder = VENV / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.is_file():
        run("uv", "venv", "--quiet", "--no-project", "--allow-existing", "--python", "3.11", str(folder))
    return python
