"""The engine's Python: find it, check it, make it. Neither bpy nor torch is imported here.

EngineError      one line that says what is missing and what to do
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import launch

VARIABLE = "NEURAL_TEXTURE_PYTHON"
"""The environment variable that names the engine's Python."""
OLDEST_PYTHON = (3, 11)
REQUIREMENTS = (
    "torch==2.15.0",
    "torchvision==0.29.2",  # of the same day as torch, else it does not start
    "numpy==2.4.6",
    "pillow==13.0.0",
    "safetensors==0.8.0",
    "requests==2.34.2",
    "platformdirs==4.14.5",
    "psutil==7.2.2",
)
"""What `create` installs."""
_MARK = "neural_texture_engine.txt"
_ASK = """
import importlib.util, json, sys
from importlib import metadata
has = importlib.util.find_spec("torch") is not None
print(json.dumps([list(sys.version_info[:3]), metadata.version("torch") if has else None]))
"""
_PATIENCE = 60.0
"""Seconds for a Python to start: the first start from a slow disk, under a virus scanner."""


class EngineError(Exception):
    """One line that says what is missing and what to do."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A Python that can run the engine."""

    python: Path
    version: str
    torch: str

    def __str__(self) -> str:
        return f"Python {self.version} with torch {self.torch}: {self.python}"


def python_of(folder: Path) -> Path:
    """Where the Python of the environment in `folder` stands."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def locate(explicit: str = "", folder: Path | None = None) -> Path:
    """The Python to use: as told, else by the environment variable, else the one in `folder`. Starts nothing.

    One that was named but isn't there is an error; it is not passed over for the next. Raises EngineError.
    """
    for source, path in _named(explicit):
        if not path.is_file():
            raise EngineError(f"{source} is {path}, but there is no such file: name the Python that has torch")
        return path
    if folder is not None and python_of(folder).is_file():
        return python_of(folder)
    raise EngineError(
        f"The engine is not set up: name a Python {_dotted(OLDEST_PYTHON)} or later that has torch "
        f"as the Engine Python in the preferences of Neural Texture (or in {VARIABLE})"
    )


def check(python: Path) -> Engine:
    """What `python` is, from asking it. Raises EngineError if it can't run the engine."""
    version, torch = _ask(python)
    if version[:2] < OLDEST_PYTHON:
        raise EngineError(f"{python} is Python {_dotted(version)}; the engine needs {_dotted(OLDEST_PYTHON)} or later")
    if torch is None:
        raise EngineError(f"{python} has no torch: install torch, numpy and pillow there, or name another Python")
    return Engine(python=python, version=_dotted(version), torch=torch)


def find(explicit: str = "", folder: Path | None = None) -> Engine:
    """`locate` and `check`."""
    return check(locate(explicit, folder))


def is_current(folder: Path) -> bool:
    """Whether `create` has completed in `folder` with today's requirements."""
    mark = folder / _MARK
    return python_of(folder).is_file() and mark.is_file() and mark.read_text("utf-8").split() == list(REQUIREMENTS)


def create(folder: Path) -> Iterator[str]:
    """Make the engine's environment in `folder`, with uv if there is one, else with venv and pip.

    Yields what the tools say, line by line. Closing the iterator stops it; calling again takes it up where it was.
    Raises EngineError.
    """
    python, uv = python_of(folder), shutil.which("uv")
    try:
        if uv is not None:
            yield from _create_with_uv(uv, folder)
        elif sys.version_info < OLDEST_PYTHON:
            raise EngineError(f"Without uv this needs Python {_dotted(OLDEST_PYTHON)} or later")
        else:
            yield from launch.lines_of([sys.executable, "-m", "venv", str(folder)])
            yield from launch.lines_of([str(python), "-m", "pip", "install", *REQUIREMENTS])
        (folder / _MARK).write_text("\n".join(REQUIREMENTS) + "\n", encoding="utf-8")
    except subprocess.CalledProcessError as error:
        raise EngineError(f"{Path(error.cmd[0]).name} could not set up the engine: {error.output}") from None
    except OSError as error:
        raise EngineError(f"The engine could not be set up in {folder}: {error.strerror}") from None


def _create_with_uv(uv: str, folder: Path) -> Iterator[str]:
    """The torch build that fits the machine; where PyTorch's index can't be reached, the default index's build."""
    if not python_of(folder).is_file():
        yield from launch.lines_of(
            [uv, "venv", "--no-project", "--allow-existing", "--python", _dotted(OLDEST_PYTHON), str(folder)]
        )
    install = [uv, "pip", "install", "--python", str(python_of(folder))]
    try:
        yield from launch.lines_of([*install, "--torch-backend=auto", *REQUIREMENTS])
    except subprocess.CalledProcessError:
        yield "Trying the default package index instead"
        yield from launch.lines_of([*install, *REQUIREMENTS])


def _named(explicit: str) -> Iterator[tuple[str, Path]]:
    if explicit:
        yield "The Engine Python in the preferences", Path(explicit).expanduser()
    if os.environ.get(VARIABLE):
        yield VARIABLE, Path(os.environ[VARIABLE]).expanduser()


def _ask(python: Path) -> tuple[tuple[int, ...], str | None]:
    try:
        answer = subprocess.run(
            [str(python), "-c", _ASK],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE,
            env=launch.environ(),
            check=True,
            **launch.group_options(),  # type: ignore[call-overload]  # differs by platform
        )
        version, torch = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise EngineError(f"{python} does not answer like a Python ({_reason(error)}): name another one") from None
    return tuple(version), torch


def _reason(error: Exception) -> str:
    match error:
        case OSError():
            return error.strerror or type(error).__name__
        case subprocess.TimeoutExpired():
            return f"no answer in {_PATIENCE:.0f} s"
        case subprocess.CalledProcessError():
            return f"exit status {error.returncode}"
    return "an answer that can't be read"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
