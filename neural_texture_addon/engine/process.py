"""The engine's own process: its letters, the signals that end it, how its threads wait, how modules are imported."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

Heed = Callable[[], None]
NOBODY_READS = errno.EPIPE, errno.EIO
"""What writing ends with once a pipe's reader, or the terminal, is gone."""
_SPINS = 5000
"""Turns; about so many hundredths of a microsecond."""
_IMPORTING = "<frozen importlib._bootstrap>"
"""What of Python is at work while a module is imported."""
_STOPS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Ctrl-C; another program; the terminal is closed; both on Windows. None of them knows all."""


class Stopped(KeyboardInterrupt):
    """A signal asks for the end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_status = 128 + number
        """As a shell has it: 130 for Ctrl-C."""


def use_utf8() -> None:
    """Begins again in Python's UTF-8 mode where the locale has other letters, or none but ASCII: a job file's paths
    could not be opened there."""
    if os.name == "posix" and sys.getfilesystemencoding() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606, ourselves


def open_streams() -> None:
    """Where a standard stream is closed (``>&-``) Python has none: what goes there goes to nobody, and no file that is
    opened later takes its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115, until the process ends


def let_threads_sleep() -> None:
    """To be said before torch is imported, which reads it then.

    Threads that spin while they wait take the cores from Blender, and from numpy's sorting. They may for some
    microseconds: the next task often comes sooner than a thread wakes up.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", str(_SPINS))


@contextmanager
def quickly_imported() -> Iterator[None]:
    """Within it modules are imported without looking for garbage, of which there is little. Nobody looks at them later
    either, nor at the exit."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


@contextmanager
def stoppable() -> Iterator[Heed]:
    """Within it each of those signals raises Stopped, but for those that our parent lets us ignore (nohup).

    A second one ends the process at once. Once it is left, the end is near and nothing disturbs it. What it gives is to
    be called after imports, and now and then: while modules are imported nothing is raised, as torch's C code swallows
    it there, or aborts.
    """
    numbers = [getattr(signal, name) for name in _STOPS if hasattr(signal, name)]
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]

    stopped: list[Stopped] = []

    def stop(number: int, frame: FrameType | None) -> None:
        for each in heeded:
            signal.signal(each, signal.SIG_DFL)
        stopped.append(Stopped(number))
        if not _imports(frame):
            raise stopped[0]

    def heed() -> None:
        if stopped:
            raise stopped[0]

    for number in heeded:
        signal.signal(number, stop)
    try:
        yield heed
    except Exception as error:
        if stopped:  # and swallowed, as by C code that calls ours; what came of that is no news
            raise stopped[0] from error
        raise
    finally:
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)


def _imports(frame: FrameType | None) -> bool:
    """Whether a module is being imported there."""
    while frame and frame.f_code.co_filename != _IMPORTING:
        frame = frame.f_back
    return frame is not None


def exit_status(stop: KeyboardInterrupt) -> int:
    """Of a process that was stopped."""
    return stop.exit_status if isinstance(stop, Stopped) else 128 + signal.SIGINT


def silence(stream: TextIO) -> None:
    """Sends what it still holds, and all that is to come, to nobody: or the exit would fail over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
