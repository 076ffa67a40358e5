"""How another Python, or a tool, is started from inside Blender."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
"""This package's folder. Blender mounts it under the extension's id, so it may bear any name."""

_RUN = "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), None, '__main__', True)"
"""Appends the package's parent, so that nothing beside an installed extension can stand in for torch or numpy."""

_LEAKING = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")


def command(python: Path, arguments: Sequence[str]) -> list[str]:
    """The command line of ``python -m neural_texture_addon.engine ARGUMENTS``, from wherever the package lies."""
    return [str(python), "-P", "-c", _RUN, str(PACKAGE.parent), f"{PACKAGE.name}.engine", *arguments]


def environ() -> dict[str, str]:
    """This process's environment without what would point another Python at Blender's modules.

    The engine shares the cores with Blender: its threads are to sleep while they wait for each other, since on a
    busy machine spinning makes them five times slower.
    """
    return {"OMP_WAIT_POLICY": "PASSIVE"} | {k: value for k, value in os.environ.items() if k not in _LEAKING}


def group_options() -> dict[str, object]:
    """Options of Popen for a process apart from ours: the terminal's Ctrl+C is ours to pass on, no window opens."""
    if os.name == "nt":
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
        return {"creationflags": flags}
    return {"start_new_session": True}


def lines_of(command: Sequence[str]) -> Iterator[str]:
    """Run `command` and yield its lines, both streams. Closing the iterator ends it.

    Raises CalledProcessError, with the last line as its output, if it fails.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environ(),
        **group_options(),  # type: ignore[call-overload]  # differs by platform
    ) as process:
        last = ""
        try:
            for line in process.stdout or ():
                last = line.strip() or last
                yield line.rstrip()
        except GeneratorExit:
            process.kill()
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output=last)
