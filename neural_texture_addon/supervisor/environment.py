"""The engine's Python: find it, check it, know whether the own one still fits. Neither bpy nor torch here.

EngineError          one line that says what is missing and what to do
    NotSetUpError    there is no engine yet
"""

import json
import os
import subprocess
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
    "openimageio==3.2.2.0",
    "safetensors==0.8.0",
    "requests==2.34.2",
    "platformdirs==4.14.5",
    "psutil==7.2.2",
    "filelock==4.3.1",
)
"""What the engine's own environment has (`installation.create`)."""
_MARK = "neural_texture_engine.txt"
_ASK = """
import sys
sys.path[:] = [path for path in sys.path if path]  # not from the current folder: Pythons before 3.11 know no safe path
import importlib.util, json
from importlib import metadata
has = importlib.util.find_spec("torch") is not None
print(json.dumps([list(sys.version_info[:3]), metadata.version("torch") if has else None]))
"""
_PATIENCE = 60.0
"""Seconds for a Python to start: the first start from a slow disk, under a virus scanner."""


class EngineError(Exception):
    """One line that says what is missing and what to do."""


class NotSetUpError(EngineError):
    """Nobody has named or made an engine yet."""


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
    if folder is not None and is_current(folder):
        return python_of(folder)
    if folder is not None and made_with(folder) is not None:
        raise EngineError("The engine was set up by another version of Neural Texture: Set Up Engine renews it")
    if folder is not None and folder.exists():
        raise EngineError("The engine's set-up was not completed: Set Up Engine takes it up again")
    raise NotSetUpError(
        f"The engine is not set up: press Set Up Engine, or name a Python {dotted(OLDEST_PYTHON)} or later that has "
        f"torch as the Engine Python in the preferences of Neural Texture (or in {VARIABLE})"
    )


def check(python: Path) -> Engine:
    """What `python` is, from asking it. Raises EngineError if it can't run the engine."""
    version, torch = _ask(python)
    if version[:2] < OLDEST_PYTHON:
        raise EngineError(f"{python} is Python {dotted(version)}; the engine needs {dotted(OLDEST_PYTHON)} or later")
    if torch is None:
        raise EngineError(f"{python} has no torch: install torch, numpy and pillow there, or name another Python")
    return Engine(python=python, version=dotted(version), torch=torch)


def find(explicit: str = "", folder: Path | None = None) -> Engine:
    """`locate` and `check`."""
    return check(locate(explicit, folder))


def is_current(folder: Path) -> bool:
    """Whether the environment in `folder` was completed, with today's requirements."""
    return python_of(folder).is_file() and made_with(folder) == REQUIREMENTS


def made_with(folder: Path) -> tuple[str, ...] | None:
    """The requirements that the environment in `folder` was completed with; None if it never was."""
    mark = folder / _MARK
    return tuple(mark.read_text("utf-8").split()) if mark.is_file() else None


def mark_complete(folder: Path) -> None:
    """Note that the environment in `folder` has what it needs today."""
    (folder / _MARK).write_text("\n".join(REQUIREMENTS) + "\n", encoding="utf-8")


def mark_incomplete(folder: Path) -> None:
    """Note that the environment in `folder` is being changed."""
    (folder / _MARK).unlink(missing_ok=True)


def dotted(version: tuple[int, ...]) -> str:
    """A version as it is written."""
    return ".".join(map(str, version))


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
