"""Progress on stdout and Ctrl+C, for a Blender without a window."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..supervisor.line_task import LineTask
from . import session
from .session import Session
from .translations import rpt_


@contextmanager
def progress() -> Iterator[Callable[[Session], None]]:
    """Gives what shows the job on stdout: a line at each tenth of the way; on a terminal, one line that changes."""
    terminal = sys.stdout.isatty()
    before, after = ("\r", "") if terminal else ("", "\n")
    shown, noted = -1, 0

    def show(current: Session) -> None:
        nonlocal shown, noted
        for note in current.notes[noted:]:
            print(f"{before}Neural Texture: {note}", flush=True)
        noted = len(current.notes)
        percent = int(100 * current.progress.fraction) if current.progress else -1
        step = percent if terminal else percent // 10
        if step > shown:
            shown = step
            print(f"{before}Neural Texture: {in_words(current)}", end=after, flush=True)

    yield show
    if terminal and shown >= 0:
        print(flush=True)


def in_words(current: Session) -> str:
    """Where the job stands, e.g. ``35 %, octave 4 of 10, 12 s left``."""
    progress = current.progress
    if progress is None:
        return "starting" if current.started is None else rpt_("on {device}").format(device=current.started.device)
    if current.paused:
        return rpt_("{what:3.0f} %, paused").format(what=100 * progress.fraction)
    left = (
        ""
        if progress.seconds_left is None
        else rpt_(", {duration} left").format(duration=duration(progress.seconds_left))
    )
    return rpt_("{what:3.0f} %, octave {octave} of {octaves}{left}").format(
        what=100 * progress.fraction, octave=progress.octave, octaves=progress.octaves, left=left
    )


def duration(seconds: float) -> str:
    """In words, e.g. ``1 min 20 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return rpt_("{minutes} min {rest} s").format(minutes=minutes, rest=rest) if minutes else f"{rest} s"


def lines(task: LineTask) -> None:
    """Show a task's lines on stdout as they come, until it has ended."""
    shown, ended = 0, False
    while not ended:
        task.join(0.2)
        ended = task.outcome is not None
        for line in task.lines[shown:]:
            print(line, flush=True)
            shown += 1


@contextmanager
def interrupt_cancels(cancel: Callable[[], None] = session.texture.cancel) -> Iterator[None]:
    """Ctrl+C cancels the job (or what else is said), as `blender -b` swallows KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: cancel())
    try:
        yield
    finally:
        # Blender with its own main program has a handler in C, which Python can't put back: it says None.
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
