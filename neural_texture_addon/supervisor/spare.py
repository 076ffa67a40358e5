"""A worker that has loaded the engine before anybody asks for a texture: what a job's start takes longest for.

It serves one request, as any; so what a job took goes back to the system at its end. While it waits no thread of ours
listens to it (docs/architecture.md says what threads do to Blender).
"""

import atexit
from pathlib import Path

from ..job.description import Request
from . import launch
from .worker_process import WorkerProcess


class Spare:
    """Room for one that waits."""

    def __init__(self) -> None:
        """Empty."""
        self._process: launch.Piped | None = None
        self._made_for: object = None
        """The Python, and the environment that it was started in."""

    @property
    def waits(self) -> bool:
        """Whether there is one."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid if self._process else None

    def keep(self, python: Path) -> None:
        """See to it that one waits, of that Python. One that ended by itself is not replaced until it is dropped.

        Raises OSError.
        """
        if self._process is not None and self._made_for == _made_for(python):
            return
        self.drop()
        self._made_for = _made_for(python)
        self._process = launch.piped(launch.worker(python))
        atexit.register(self.drop)

    def start(self, python: Path, request: Request) -> WorkerProcess:
        """Let it work on the request; another, if none waits that would do the same. Raises OSError."""
        if self.waits and self._made_for == _made_for(python):
            assert self._process is not None
            worker = WorkerProcess(self._process, request)
            self._forget()
            return worker
        self.drop()
        return WorkerProcess.start(python, request)

    def drop(self) -> None:
        """End it, and wait until it is gone: its memory is free, its files may be replaced."""
        if self._process is not None:
            launch.kill_group(self._process)
            with self._process:  # closes the pipes
                pass
            self._forget()

    def _forget(self) -> None:
        self._process = None
        atexit.unregister(self.drop)


def _made_for(python: Path) -> object:
    return python, launch.environ()
