"""Work that says lines, in a thread of its own, with tools that can be ended at any time. No bpy, no torch here."""

import atexit
import subprocess
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from enum import Enum, auto

from . import launch
from .environment import EngineError
from .installation import Run

Work = Callable[[Run], Iterator[str]]
"""Yields lines and runs its tools by what it is given. May raise EngineError or OSError."""


class Outcome(Enum):
    """How a task ended."""

    DONE = auto()
    FAILED = auto()
    CANCELLED = auto()


class _CancelledError(Exception):
    """The task was cancelled: no further tool may start."""


class LineTask:
    """Work at hand. `lines`, `outcome` and `error` may be read from any thread; the outcome is set last."""

    def __init__(self, work: Work) -> None:
        """Start `work`."""
        self.lines: list[str] = []
        self.error = ""
        self.outcome: Outcome | None = None
        self._work = work
        self._tool: launch.Tool | None = None
        self._cancelled = False
        self._starting = threading.RLock()  # a signal's handler may cancel while the same thread does
        atexit.register(self.cancel)
        self._thread = threading.Thread(target=self._do, daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether there is an outcome."""
        return self.outcome is not None

    def cancel(self) -> None:
        """End the work, and the tool that runs for it. Returns at once; safe at interpreter exit."""
        with self._starting:
            self._cancelled = True
            if self._tool is not None:
                self._tool.kill()

    def join(self, timeout: float | None = None) -> None:
        """Wait until there is an outcome."""
        self._thread.join(timeout)

    def _do(self) -> None:
        outcome, self.error = Outcome.FAILED, "Something went wrong that nobody thought of: see the console"
        try:
            for line in self._work(self._run):
                self.lines.append(line)
            outcome, self.error = Outcome.DONE, ""
        except _CancelledError:
            outcome, self.error = Outcome.CANCELLED, ""
        except EngineError as error:
            self.error = str(error)
        except OSError as error:
            self.error = error.strerror or str(error)
        finally:
            atexit.unregister(self.cancel)
            self.outcome = outcome

    def _run(self, command: Sequence[str], environment: Mapping[str, str]) -> Generator[str, None, None]:
        with self._starting:
            if self._cancelled:
                raise _CancelledError
            self._tool = launch.Tool(command, environment)
        try:
            yield from self._tool.lines()
        except subprocess.CalledProcessError:
            if self._cancelled:
                raise _CancelledError from None
            raise
