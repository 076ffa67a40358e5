"""Makes the engine's own environment: enough space, a tool that installs, the pinned packages. No bpy, no torch here.

Blender's own Python is only asked to make an environment elsewhere. Every fault is an environment.EngineError.
"""

import contextlib
import errno
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path

from . import environment, launch
from .environment import OLDEST_PYTHON, EngineError, dotted, python_of

Run = Callable[[Sequence[str], Mapping[str, str]], Generator[str, None, None]]
"""Runs a command with an environment and yields its lines, as `launch.lines_of`."""
_Heard = Callable[[Sequence[str]], Iterator[str]]
_UV = "uv==0.13.8"
_GB = 1_000_000_000
_SPACE = 1.5 if sys.platform == "darwin" else 6.0
"""GB. Measured on Linux, where the builds for NVIDIA are the largest: 5.3 GB of packages, 0.2 of uv and its Python.
torch for macOS has no such libraries."""
_DOWNLOAD = "about 0.3 GB" if sys.platform == "darwin" else "up to 3.1 GB, less without a graphics card"
_MISSING = re.compile(r"Because (?P<name>[\w.-]+) was not found in the provided package locations")
_NEEDED = re.compile(r"depends? on (?P<what>[^,\s]+)")
_COMING = re.compile(r"\s*Downloading (?P<name>\S+) \((?P<size>[\d.]+)(?P<unit>[KMG])iB\)")
_CAME = re.compile(r"\s*Downloaded (?P<name>\S+)")
_MIB = {"K": 2**-10, "M": 1.0, "G": 2.0**10}
_NO_SPACE = re.compile(rf"No space left on device|os error ({errno.ENOSPC}|112)\b|\[Errno {errno.ENOSPC}\]")


def create(
    folder: Path, *, wheels: Path | None = None, tools: Path | None = None, run: Run = launch.lines_of
) -> Iterator[str]:
    """Make or renew the engine's environment in `folder`, from the package index or from a folder of `wheels` alone.

    With uv if there is one, else with pip. `tools` is a folder for what helps meanwhile (uv, a Python, what was
    downloaded); without it, uv is used as it is. Yields what the tools say, line by line. Closing the iterator stops
    it; calling again takes it up where it was: packages that have come are not fetched again. Raises EngineError.
    """
    said: list[str] = []

    def heard(command: Sequence[str]) -> Iterator[str]:
        said.clear()
        with contextlib.closing(run(command, _surroundings(tools))) as lines:
            for line in lines:
                said.append(line)
                yield line

    try:
        if wheels is not None:
            _check_wheels(wheels)
        yield check_space(folder, wheels, tools)
        uv = yield from _find_uv(tools, wheels, heard)
        yield from _make(folder, uv, wheels, heard)
        yield from _install(folder, uv, wheels, heard)
        yield from heard([str(python_of(folder)), "-c", "import torch; print('Installed: torch', torch.__version__)"])
        environment.mark_complete(folder)
        if tools is not None:
            shutil.rmtree(tools / "cache", ignore_errors=True)
    except subprocess.CalledProcessError as error:
        raise EngineError(f"{Path(error.cmd[0]).name} could not set up the engine: {reason(said)}") from None
    except OSError as error:
        raise EngineError(f"The engine could not be set up in {folder}: {error.strerror or error}") from None


def announcement(folder: Path, wheels: Path | None = None) -> list[str]:
    """What the artist is to know before saying yes: how much comes from where, how much it takes up, where it goes."""
    source = f"Installs from {wheels}, no download" if wheels else f"Downloads PyTorch and its libraries: {_DOWNLOAD}"
    space = f"Takes {_space_needed(wheels) / _GB:.1f} GB on disk; {_free(folder) / _GB:.1f} GB are free"
    return [source, space, f"Goes into {folder}", "Blender's own Python stays as it is"]


def check_space(folder: Path, wheels: Path | None = None, tools: Path | None = None) -> str:
    """A line about the space on disk. What came the last time counts. Raises EngineError if it's too little."""
    needed = max(0, _space_needed(wheels) - (_size(tools / "cache") if tools else 0))
    free = _free(folder)
    if free < needed:
        raise EngineError(
            f"The engine takes {needed / _GB:.1f} GB on disk, but only {free / _GB:.1f} GB are free where {folder} is: "
            "make room and try again"
        )
    return f"Space on disk: {needed / _GB:.1f} GB needed, {free / _GB:.1f} GB free"


def came(said: Sequence[str]) -> tuple[float, float]:
    """Of uv's lines: how many MiB have come, of how many that it has named. Zeros as long as it has named none."""
    coming = {m["name"]: float(m["size"]) * _MIB[m["unit"]] for m in map(_COMING.match, said) if m}
    there = {m["name"] for m in map(_CAME.match, said) if m}
    return sum(size for name, size in coming.items() if name in there), sum(coming.values())


def reason(said: Sequence[str]) -> str:
    """Why a tool failed, in one line, from its lines."""
    text = " ".join(line.strip() for line in said)
    if _NO_SPACE.search(text):
        return "the disk is full; make room and try again"
    if missing := _MISSING.search(text):
        needed = _NEEDED.search(text, missing.end())
        return f"the folder has no wheel of {needed['what'] if needed else missing['name']}"
    if "ensurepip" in text:
        return f"{sys.executable} can make no environment (it has no ensurepip); install uv and try again"
    lines = [line.strip() for line in said if line.strip()]
    for start in ("cause: Because ", "error: ", "ERROR: "):
        if found := [line for line in lines if line.startswith(start)]:
            return found[0].removeprefix(start.removesuffix("Because "))
    return lines[-1] if lines else "it said nothing"


def _check_wheels(wheels: Path) -> None:
    """Whether what the engine names is there. What those wheels need in turn, the installing tool knows."""
    if not wheels.is_dir():
        raise EngineError(f"There is no folder of wheels at {wheels}")
    there = {_identity(path.name) for path in wheels.glob("*.whl")}
    absent = [pin for pin in environment.REQUIREMENTS if _identity(pin.replace("==", "-", 1) + "-") not in there]
    if absent:
        raise EngineError(f"{wheels} has no wheel of {', '.join(absent)}: put it there and try again")


def _identity(file: str) -> tuple[str, str]:
    """Of a wheel's file name: the project and its version, without the build (torch's ``+cu130``)."""
    name, version, *_ = file.split("-")
    return re.sub(r"[-_.]+", "_", name).lower(), version.split("+")[0]


def _space_needed(wheels: Path | None) -> int:
    """Bytes. Of wheels it is what is in them."""
    if wheels is None:
        return int(_SPACE * _GB)
    total = 0
    for path in wheels.glob("*.whl"):
        try:
            with zipfile.ZipFile(path) as wheel:
                total += sum(entry.file_size for entry in wheel.infolist())
        except zipfile.BadZipFile:
            raise EngineError(f"{path} is damaged: put a whole one there and try again") from None
    return total


def _free(folder: Path) -> int:
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free


def _size(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum((Path(parent) / name).lstat().st_size for parent, _, names in os.walk(folder) for name in names)


def _surroundings(tools: Path | None) -> dict[str, str]:
    """Variables that keep all traces in `tools`; a cache that the artist chose stays the artist's.

    So do all that are for uv and pip: an index of one's own may ask for a password.
    """
    own = {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_"))}
    own |= {"UV_NO_PROGRESS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    if tools is None:
        return own
    chosen = {name: os.environ.get(name, str(tools / "cache")) for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR")}
    return own | chosen | {"UV_PYTHON_INSTALL_DIR": str(tools / "python"), "UV_PYTHON_INSTALL_BIN": "0"}


def _find_uv(tools: Path | None, wheels: Path | None, heard: _Heard) -> Generator[str, None, str | None]:
    """uv's path: the one on PATH, else one of our own in `tools`. None if there is none: pip does it too."""
    if (found := shutil.which("uv")) and Path(found).is_absolute():  # Windows looks in the current folder, too
        return found
    if tools is None:
        return None
    home = tools / "uv"
    uv = python_of(home).with_name("uv.exe" if os.name == "nt" else "uv")
    if uv.is_file():
        return str(uv)
    try:
        yield from heard([sys.executable, "-m", "venv", "--clear", str(home)])
        yield from heard([str(python_of(home)), "-m", "pip", "install", *_offline(wheels), _UV])
    except subprocess.CalledProcessError:
        yield "There is no uv: trying pip instead"
        return None
    return str(uv)


def _offline(wheels: Path | None) -> list[str]:
    return ["--no-index", "--find-links", str(wheels)] if wheels else []


def _make(folder: Path, uv: str | None, wheels: Path | None, heard: _Heard) -> Iterator[str]:
    """An environment without packages; one that was complete is kept, to be brought up to date."""
    if environment.made_with(folder) is not None and _answers(python_of(folder)):
        environment.mark_incomplete(folder)
        return
    _clear(folder)
    if uv is None:
        if sys.version_info < OLDEST_PYTHON:
            raise EngineError(f"Without uv this needs Python {dotted(OLDEST_PYTHON)} or later")
        yield from heard([sys.executable, "-m", "venv", str(folder)])
        return
    venv = [uv, "venv", "--no-project", "--python"]
    try:
        if wheels is None:
            yield from heard([*venv, dotted(OLDEST_PYTHON), str(folder)])
            return
    except subprocess.CalledProcessError:
        yield "Trying Blender's version of Python instead"
        _clear(folder)
    # A folder of wheels is made for one version of Python: the one that stands in Blender.
    yield from heard([*venv, sys.executable, "--offline", str(folder)])


def _install(folder: Path, uv: str | None, wheels: Path | None, heard: _Heard) -> Iterator[str]:
    """The torch build that fits the machine; where PyTorch's index can't be reached, the default index's build."""
    python = str(python_of(folder))
    if uv is None:
        yield from heard([python, "-m", "pip", "install", *_offline(wheels), *environment.REQUIREMENTS])
        return
    install = [uv, "pip", "install", "--compile-bytecode", "--python", python]  # as pip does, for a fast first start
    try:
        if wheels is None:
            yield from heard([*install, "--torch-backend=auto", *environment.REQUIREMENTS])
            return
    except subprocess.CalledProcessError:
        yield "Trying the default package index instead"
    yield from heard([*install, *_offline(wheels), *environment.REQUIREMENTS])


def _answers(python: Path) -> bool:
    try:
        environment.check(python)
    except EngineError:
        return False
    return True


def _clear(folder: Path) -> None:
    """Remove an environment that was not completed. Anything else that stands there is not ours to remove."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").is_file():
        raise EngineError(f"{folder} is no environment of ours, and not empty: remove it and try again")
    if folder.exists():
        shutil.rmtree(folder)
