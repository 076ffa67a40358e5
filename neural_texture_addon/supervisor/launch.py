"""How another Python, or a tool, is started from inside Blender."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
"""This package's folder. Blender mounts it under the extension's id, so it may bear any name."""

Piped = subprocess.Popen[bytes]
"""A worker's process, whose three streams are pipes."""
_RUN = "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), None, '__main__', True)"
"""Appends the package's parent, so that nothing beside an installed extension can stand in for torch or numpy."""

_LEAKING = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
_SECRET_NAME = re.compile("TOKEN|SECRET|PASS|KEY|CREDENTIAL|AUTH", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"://[^/\s]*:[^/\s]*@")
"""An address with a password in it."""
_NEEDED = re.compile("NEURAL_TEXTURE_.*|.*_PROXY", re.IGNORECASE)
"""Passed on whatever they hold: a download may have to go through a proxy that asks for a password."""


def command(python: Path, arguments: Sequence[str]) -> list[str]:
    """The command line of ``python -m neural_texture_addon.engine ARGUMENTS``, from wherever the package lies."""
    return [str(python), "-P", "-c", _RUN, str(PACKAGE.parent), f"{PACKAGE.name}.engine", *arguments]


def worker(python: Path) -> list[str]:
    """The command line of a worker that takes a request from its stdin, and ends with it."""
    return command(python, ["worker", "--exit-with-stdin"])


def piped(command: Sequence[str]) -> Piped:
    """Start a worker. Raises OSError."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ(),
        **group_options(),  # type: ignore[call-overload]  # differs by platform
    )


def environ() -> dict[str, str]:
    """This process's environment without what would point another Python at Blender's modules, and without secrets.

    What an artist's shell knows (tokens, keys, passwords) is nothing that making a texture takes.
    Nothing that lies in the current folder, which may be a stranger's .blend's, stands in for a Python's modules.
    """
    return {"PYTHONSAFEPATH": "1"} | {k: value for k, value in os.environ.items() if _is_passed_on(k, value)}


def _is_passed_on(name: str, value: str) -> bool:
    if name in _LEAKING:
        return False
    return bool(_NEEDED.fullmatch(name)) or not (_SECRET_NAME.search(name) or _SECRET_VALUE.search(value))


def group_options() -> dict[str, object]:
    """Options of Popen for a process apart from ours: the terminal's Ctrl+C is ours to pass on, no window opens."""
    if os.name == "nt":
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
        return {"creationflags": flags}
    return {"start_new_session": True}


def kill_group(process: "subprocess.Popen[Any]") -> None:
    """End `process` now, and whatever it started. Safe at any time."""
    if process.poll() is not None:
        return
    if os.name == "nt":
        # An environment's python.exe there only starts another one, which the end of its parent does not end. Its whole
        # path, as Windows looks for programs in the current folder first.
        taskkill = os.environ.get("SYSTEMROOT", r"C:\Windows") + r"\System32\taskkill.exe"
        with contextlib.suppress(OSError):
            tree = [taskkill, "/F", "/T", "/PID", str(process.pid)]
            subprocess.run(tree, capture_output=True, check=False, **group_options())  # type: ignore[call-overload]
        with contextlib.suppress(OSError):
            process.kill()
    else:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)


class Tool:
    """A program at work that says lines, both streams in one. Raises OSError if it can't be started."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self._command = command
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environ() | dict(environment or {}),
            **group_options(),  # type: ignore[call-overload]  # differs by platform
        )

    def lines(self) -> Iterator[str]:
        """What it says, until its end. Raises CalledProcessError, with the last line as its output, if it fails."""
        last = ""
        with self._process as process:
            try:
                for line in process.stdout or ():
                    last = line.strip() or last
                    yield line.rstrip()
            except GeneratorExit:
                self.kill()
                raise
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, self._command, output=last)

    def kill(self) -> None:
        """End it, and whatever it started."""
        kill_group(self._process)


def lines_of(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Generator[str, None, None]:
    """Run `command`, with `environment` added to ours, and yield its lines. Closing the iterator ends it.

    Raises as a Tool does.
    """
    yield from Tool(command, environment).lines()
