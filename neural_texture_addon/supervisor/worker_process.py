"""One job, or one download, in a process of its own: start it, read its events, stop it. Neither bpy nor torch here.

However the worker ends, the queue gets exactly one ending, last, and by then the process is gone.
"""

import atexit
import contextlib
import logging
import queue
import subprocess
import threading
from collections import deque
from pathlib import Path

from ..job.description import Request
from ..job.events import Cancelled, Ending, Event, Failed, FailureReason, Previewed, Progress, Ready
from ..job.wire import WireError, from_line, to_line
from . import launch
from .exit_status import in_words

_log = logging.getLogger(__name__)
GRACE = 1.5
"""Seconds between the polite request to end and the kill. The stages on disk survive either."""
_EXIT_TIME = 5.0
"""Seconds a worker may take to exit after it has announced its ending."""
_LONGEST_LINE = 1 << 20
_MOST_WAITING = 1000
"""Events that nobody has taken yet, from which on what tells of the moment only is left out: Blender may render for
hours."""


class WorkerProcess:
    """A running worker. Its `events` may be read from any thread; nothing here calls back."""

    def __init__(self, process: launch.Piped, request: Request | None = None) -> None:
        """Let a worker's `process` work on `request`, or on what its command line says."""
        self.events: queue.Queue[Event] = queue.Queue()
        self._errors: deque[str] = deque(maxlen=50)
        self._stop_asked = self._misunderstood = False
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        """For the worker's stdin; None ends it."""
        self._ender: threading.Thread | None = None
        """Sees to it that a worker that was asked to end does."""
        self._preview = ""
        """A file that the worker may leave behind if it is killed."""
        self._process = process
        atexit.register(self.kill)
        self._error_reader = self._thread(self._read_errors)
        if request is not None:
            self._lines.put(to_line(request))
        self._writer = self._thread(self._write_lines)
        self._reader = self._thread(self._read_events)

    @classmethod
    def start(cls, python: Path, request: Request) -> "WorkerProcess":
        """The engine's worker under `python`. It ends with this process, even if that is killed. Raises OSError."""
        return cls(launch.piped(launch.worker(python)), request)

    @classmethod
    def forecast(cls, python: Path, request: Request) -> "WorkerProcess":
        """Find out what a job would take: nothing comes but an ending. The request's `out` is not looked at.

        Raises OSError.
        """
        return cls(launch.piped([*launch.worker(python), "--forecast"]), request)

    @classmethod
    def fetch_weights(cls, python: Path, file: Path, up_to: str, source: str) -> "WorkerProcess":
        """Fetch the pretrained weights up to a layer into `file`, from one of the engine's sources. Raises OSError."""
        arguments = ["weights", "fetch", "--yes", "--events", "--to", str(file), "--up-to", up_to, "--source", source]
        return cls(launch.piped(launch.command(python, arguments)))

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def pause(self) -> None:
        """Ask the worker to rest: Paused says that it does. Returns at once, as all of these do."""
        self._lines.put("pause\n")

    def resume(self) -> None:
        """Ask it to go on: Continued says that it does."""
        self._lines.put("continue\n")

    def finish(self) -> None:
        """Ask it to end at once with what it has got, paused or not: Finished says how large that is."""
        self._lines.put("finish\n")

    def cancel(self, grace: float = GRACE) -> None:
        """Ask the worker to end, and kill it if it hasn't after `grace` seconds. Returns at once."""
        if not self._stop_asked:
            self._stop_asked = True
            self._ender = self._thread(self._end, grace)

    def kill(self) -> None:
        """End the process now, and whatever it started. Safe at any time, at interpreter exit too."""
        self._stop_asked = True
        launch.kill_group(self._process)

    def join(self, timeout: float | None = None) -> None:
        """Wait until the ending stands in the queue and no thread of ours is left."""
        self._reader.join(timeout)

    def _thread(self, target: object, *args: object) -> threading.Thread:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        thread.start()
        return thread

    def _write_lines(self) -> None:
        """In a thread, as a deaf worker's pipe may be full. One that is gone says so by its ending."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            for line in iter(self._lines.get, None):
                self._process.stdin.write(line.encode("ascii"))
                self._process.stdin.flush()

    def _end(self, grace: float) -> None:
        self._lines.put("cancel\n")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        self.kill()

    def _read_events(self) -> None:
        ending = self._ending()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_EXIT_TIME)
        asked = self._stop_asked
        self.kill()
        status = self._process.wait()
        atexit.unregister(self.kill)
        self._error_reader.join(1.0)
        if self._ender:
            self._ender.join(1.0)  # it looks every now and then only whether the process is gone
        if self._preview:
            with contextlib.suppress(OSError, ValueError):  # ValueError: it could never be a path
                Path(self._preview).unlink()
        self._close()
        self.events.put(ending or (Cancelled() if asked else self._died(status)))

    def _ending(self) -> Ending | None:
        """Pass events on until the ending; None if the output ends without one."""
        said = self._process.stdout
        assert said is not None
        for line in iter(lambda: said.readline(_LONGEST_LINE), b""):
            try:
                event = from_line(Event, line.decode("utf-8", "replace"))
            except WireError as error:
                _log.warning("the engine said something that is no event: %r (%s)", line[:200], error)
                self._misunderstood = True
                continue
            if isinstance(event, Ending):
                return event
            if isinstance(event, Previewed):
                self._preview = event.path
            passing = isinstance(event, Progress | Previewed) and self.events.qsize() >= _MOST_WAITING
            if not (passing or isinstance(event, Ready)):
                self.events.put(event)
        return None

    def _read_errors(self) -> None:
        said = self._process.stderr
        assert said is not None
        for line in iter(lambda: said.readline(_LONGEST_LINE), b""):
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                _log.debug("engine: %s", text)
                self._errors.append(text)

    def _died(self, status: int) -> Failed:
        if status == 0 and self._misunderstood:
            message = "The engine's result can't be understood: its version is another than Blender's; restart Blender"
            return Failed(message=message, reason=FailureReason.FAILURE)
        last = f": {self._errors[-1].strip()}" if self._errors else ""
        message = f"The engine stopped without a result ({in_words(status)}){last}"
        return Failed(message=message, reason=FailureReason.FAILURE)

    def _close(self) -> None:
        self._lines.put(None)
        self._writer.join(1.0)
        pipes = [self._process.stdout]
        pipes += [] if self._writer.is_alive() else [self._process.stdin]
        pipes += [] if self._error_reader.is_alive() else [self._process.stderr]
        for pipe in pipes:
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
