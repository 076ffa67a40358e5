"""The engine at a pipe: one request on stdin, events on stdout. What Blender starts.

Later lines on stdin: ``cancel``. The process ends with the exit status of its last event.
"""

from __future__ import annotations

import _thread
import io
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from ..job.events import Cancelled, Ending, Event, Failed, FailureReason, Fetched, Finished
from ..job.wire import to_line

log = logging.getLogger(__name__)
_SECONDS_FOR_A_CANCEL = 0.5


def exit_status(ending: Event) -> int:
    """0 finished, 2 bad input, 1 failure, 130 cancelled."""
    match ending:
        case Finished() | Fetched():
            return 0
        case Failed(reason=FailureReason.INPUT):
            return 2
        case Cancelled():
            return 130
        case _:
            return 1


def main(*, exit_with_stdin: bool) -> int:
    """Serves one request; the exit status."""
    return converse(lambda: _serve(sys.stdin.readline()), exit_with_stdin=exit_with_stdin)


def converse(begin: Callable[[], Iterator[Event]], *, exit_with_stdin: bool) -> int:
    """Sends the events of what `begin` (which may read stdin) begins; the exit status of the last.

    `exit_with_stdin`: the end of stdin (our parent died) cancels it.
    """
    pipe = _EventPipe(_claim_stdout())
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)  # a parent may have left SIGINT ignored
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what is not UTF-8 is no request, but no reason to fall over
    try:
        events = begin()
        threading.Thread(target=_listen, args=(pipe, exit_with_stdin), daemon=True).start()
        for event in events:
            pipe.send(event)
    except KeyboardInterrupt:
        pipe.send(Cancelled())
    except BrokenPipeError:
        return 130  # nobody listens any more
    except Exception as error:
        log.exception("it failed")
        pipe.send(Failed(message=f"unexpected {type(error).__name__}: {error}", reason=FailureReason.FAILURE))
    return pipe.status


def _serve(request_line: str) -> Iterator[Event]:
    try:
        from . import device, job_reader, pipeline
        from .errors import InputError
    except ModuleNotFoundError as error:
        message = f"the engine's Python ({sys.executable}) lacks {error.name}; set up the engine again"
        yield Failed(message=message, reason=FailureReason.INPUT)
        return
    try:
        request = job_reader.read_request(request_line)
    except InputError as error:
        yield Failed(message=str(error), reason=FailureReason.INPUT)
        return
    device.use_all_cores()
    yield from pipeline.run(request)


def _listen(pipe: _EventPipe, exit_with_stdin: bool) -> None:
    """Reads stdin until it says cancel; then ends the main thread, gently first."""
    for line in sys.stdin:
        if line.strip() == "cancel":
            break
    else:
        if not exit_with_stdin:
            return
    _thread.interrupt_main()
    time.sleep(_SECONDS_FOR_A_CANCEL)  # a single operation on a large canvas may outlast it
    try:
        pipe.send(Cancelled())
    finally:
        os._exit(130)


class _EventPipe:
    """Sends events, whole lines only, and nothing after an ending."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._ended = False
        self.status = 1

    def send(self, event: Event) -> None:
        with self._lock:
            if self._ended:
                return
            self._ended = isinstance(event, Ending)
            self.status = exit_status(event)
            self._stream.write(to_line(event))
            self._stream.flush()


def _claim_stdout() -> TextIO:
    """Our own stdout for events; whoever else prints there (a library) ends up on stderr."""
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii", newline="\n")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return stream
