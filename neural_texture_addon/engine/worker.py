"""The engine at a pipe: one request on stdin, events on stdout. What Blender starts.

The engine is loaded before the request is read, so a worker may be started before anybody knows what for. ``cancel``
ends it instead of a request, and later; other later lines are ``pause``, ``continue``, ``finish``. The process ends
with the exit status of its last event.
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
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from typing import TextIO

from ..job.description import Device
from ..job.events import Cancelled, Ending, Event, Failed, FailureReason, Fetched, Finished, Forecast, Ready
from ..job.wire import to_line
from . import process
from .control import Control

log = logging.getLogger(__name__)
_SECONDS_FOR_A_CANCEL = 0.5
_CANCEL = "cancel"
Events = Generator[Event, None, None]
Send = Callable[[Event], None]


def exit_status(ending: Event) -> int:
    """0 finished, 2 bad input, 1 failure, 130 cancelled."""
    match ending:
        case Finished() | Fetched() | Forecast():
            return 0
        case Failed(reason=FailureReason.INPUT):
            return 2
        case Cancelled():
            return 130
        case _:
            return 1


def main(*, exit_with_stdin: bool, only_forecast: bool = False) -> int:
    """Serves one request, or says what it would take; the exit status."""
    control = Control()

    def begin(send: Send) -> Events:
        try:
            _load()
        except ModuleNotFoundError as error:
            message = f"the engine's Python ({sys.executable}) lacks {error.name}; set up the engine again"
            return _only(Failed(message=message, reason=FailureReason.INPUT))
        send(Ready())
        line = sys.stdin.readline()
        if line.strip() == _CANCEL or (exit_with_stdin and not line):
            return _only(Cancelled())
        return _serve(line, control, only_forecast)

    return converse(begin, control, exit_with_stdin=exit_with_stdin)


def converse(begin: Callable[[Send], Events], control: Control | None = None, *, exit_with_stdin: bool) -> int:
    """Sends the events of what `begin` begins, which may send some itself and read stdin; the exit status of the last.

    `control` is told what later lines of stdin say. `exit_with_stdin`: the end of stdin (our parent died) cancels it.
    """
    pipe = _EventPipe(_claim_stdout())
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)  # a parent may have left SIGINT ignored
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what is not UTF-8 is no request, but no reason to fall over
    try:
        with closing(begin(pipe.send)) as events:
            listening = (pipe, control or Control(), exit_with_stdin)
            threading.Thread(target=_listen, args=listening, daemon=True).start()
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


def _load() -> None:
    """Imports what takes long. Of a graphics card's memory nothing is taken yet: others may want it meanwhile.

    Nobody reads stdin meanwhile: on Windows a library that looks at it while it is loaded would wait for the reader.
    """
    with process.quickly_imported():
        from . import device, forecast, job_reader, pipeline  # noqa: F401

        if Device.CUDA in device.available():
            with suppress(ImportError):
                from . import fused_kernels  # noqa: F401


def _only(event: Event) -> Events:
    yield event


def _serve(request_line: str, control: Control, only_forecast: bool) -> Events:
    from . import device, forecast, job_reader, pipeline
    from .errors import InputError

    try:
        request = job_reader.read_request(request_line)
    except InputError as error:
        yield Failed(message=str(error), reason=FailureReason.INPUT)
        return
    device.use_all_cores()
    yield from forecast.run(request) if only_forecast else pipeline.run(request, control)


def _listen(pipe: _EventPipe, control: Control, exit_with_stdin: bool) -> None:
    """Passes on what stdin says until it says cancel; then ends the main thread, gently first."""
    words = {"pause": control.pause, "continue": control.resume, "finish": control.finish}
    for line in sys.stdin:
        word = line.strip()
        if word == _CANCEL:
            break
        if word in words:
            words[word]()
    else:
        if not exit_with_stdin:
            control.resume()  # nobody could say so any more
            return
    _thread.interrupt_main()
    control.resume()  # an interrupt does not end a rest
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
