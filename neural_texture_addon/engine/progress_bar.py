"""Events as a line at a terminal that is drawn again and again; plain lines where there is no terminal."""

from __future__ import annotations

import errno
import io
import sys
from typing import IO, Self, TextIO, cast

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from ..job import events
from . import process


class ProgressBar:
    """A context in which `show` draws the latest event."""

    def __init__(self) -> None:
        self._console = Console(file=cast("IO[str]", _Screen(sys.stderr)), highlight=False)
        columns = (BarColumn(), TextColumn("{task.percentage:3.0f}%  {task.description}"))
        still = not self._console.is_terminal  # there the bar would leave an empty line
        self._bar = Progress(*columns, console=self._console, transient=True, disable=still)
        self._task = self._bar.add_task("starting", total=1.0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, event: events.Event) -> None:
        """Draws progress; writes what else is worth a line above it."""
        match event:
            case events.Started(device=device, octaves=octaves):
                sizes = " ".join(f"{width}x{height}" for width, height in octaves)
                self.say(f"{device}; octaves {sizes}")
            case events.Noted(message=message):
                self.say(f"note: {message}")
            case events.Progress():
                self._bar.update(self._task, completed=event.fraction, description=_in_words(event))
            case events.Fetching(source=source, done=done, total=total):
                said = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB from {source}"
                self._bar.update(self._task, completed=done / total, description=said)
            case events.StageSaved(octave=octave, octaves=octaves, width=width, height=height):
                if not self._console.is_terminal:
                    self.say(f"octave {octave}/{octaves} done, {width}x{height} px")

    def ask(self, question: str) -> str:
        """The user's answer, given while the bar is out of the way."""
        self._bar.stop()
        self._console.print(question, end="", markup=False, soft_wrap=True)
        answer = sys.stdin.readline().strip()
        self._bar.start()
        return answer

    def say(self, line: str) -> None:
        """Writes a line above the bar."""
        self._console.print(line, markup=False, soft_wrap=True)


class _Screen(io.TextIOBase):
    """A stream that may be a terminal, which may be closed: the work before it goes on without."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            self._leave(error)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._leave(error)

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a plain attribute there
        return self._stream.encoding

    def _leave(self, error: OSError) -> None:
        if error.errno != errno.EIO:  # a pipe's reader has seen enough, and wants no more
            raise error
        process.silence(self._stream)


def _in_words(event: events.Progress) -> str:
    left = "" if event.seconds_left is None else f"  {duration(event.seconds_left)} left"
    return f"octave {event.octave}/{event.octaves}  loss {event.loss:.4f}{left}"


def duration(seconds: float) -> str:
    """In words."""
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
