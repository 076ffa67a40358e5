"""What the engine says while it works.

A job: Ready, Started, then Noted, Progress, Previewed, StageSaved, Paused and Continued, then Finished, Failed or
Cancelled.
A forecast of a job: Ready, then Forecast, Failed or Cancelled.
Fetching the pretrained weights: Noted and Fetching, then Fetched, Failed or Cancelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .description import MapKind, Variant


@dataclass(frozen=True, kw_only=True)
class Ready(Variant):
    """The engine is loaded, and waits for its request if that has not come yet."""


@dataclass(frozen=True, kw_only=True)
class Started(Variant):
    """The job was read and accepted."""

    device: str
    """In words, e.g. "CPU, 2 threads"."""
    octaves: tuple[tuple[int, int], ...]
    """Width and height of the canvas at each octave, in px."""


@dataclass(frozen=True, kw_only=True)
class Noted(Variant):
    """Something the artist should know, though the job goes on."""

    message: str


@dataclass(frozen=True, kw_only=True)
class Progress(Variant):
    """Where the job stands. All counts start at 1."""

    octave: int
    octaves: int
    step: int
    steps: int
    iteration: int
    iterations: int
    loss: float
    fraction: float
    """Share of the whole job's work that is done, 0 to 1."""
    seconds_left: float | None
    """None while it can't be told yet."""


@dataclass(frozen=True, kw_only=True)
class Previewed(Variant):
    """A file shows the canvas as it is now. It is replaced by the next preview and removed before the ending."""

    octave: int
    octaves: int
    width: int
    height: int
    path: str
    """Float32, little-endian: red, green, blue and alpha (1) of each texel, scene-linear, bottom row first. Whole at
    every instant, but perhaps of a later preview already: check that it has width * height * 16 bytes."""


@dataclass(frozen=True, kw_only=True)
class Paused(Variant):
    """The job rests, as asked for."""


@dataclass(frozen=True, kw_only=True)
class Continued(Variant):
    """The job goes on after a pause."""


@dataclass(frozen=True, kw_only=True)
class StageSaved(Variant):
    """An octave ended and its result stands on disk."""

    octave: int
    octaves: int
    width: int
    height: int
    maps: Mapping[MapKind, str]
    """Path of each map's file."""


@dataclass(frozen=True, kw_only=True)
class Finished(Variant):
    """The end: the result stands on disk."""

    maps: Mapping[MapKind, str]
    seconds: float
    """Of work; pauses don't count."""
    width: int
    """In px. Less than the job's if it was asked to finish early."""
    height: int
    seam: float | None
    """The jump across the border over the 99th percentile of the jumps between inner lines, on the worse of the axes
    that wrap, in the map that shows most: at 1 and below the border is like any other line. None if no axis wraps."""
    peak_memory: int | None
    """Bytes: the most that the process held (on the CPU), or that its tensors took (on CUDA). None if nobody knows."""
    relief: float | None = None
    """How far normal map and height show the same surface: the cosine between the slopes that they say, as far as
    those of the normals are a surface's at all. None if one of the maps is not there."""
    exemplar_relief: float | None = None
    """The same of the style images' own maps."""


@dataclass(frozen=True, kw_only=True)
class Forecast(Variant):
    """The end: what the job would take on this machine, as it is now."""

    device: str
    """In words, as in `Started`."""
    octaves: tuple[tuple[int, int], ...]
    """Width and height of the canvas at each octave, in px."""
    seconds: float
    memory: int
    """Bytes at the peak, comparable to `Finished.peak_memory`."""
    memory_free: int
    """Bytes that a process may take on the device."""
    refusal: str | None
    """Why the job would be refused, in a line; None if it would be done."""
    pieces: str | None = None
    """That it would be done in pieces, and what it means, in a line; None if as a whole."""


class FailureReason(StrEnum):
    """Who can mend it: `INPUT` is the user's to mend, `FAILURE` is not (or not by the job)."""

    INPUT = "input"
    FAILURE = "failure"


@dataclass(frozen=True, kw_only=True)
class Failed(Variant):
    """The end: one line that says what was wrong, where, and what would be right."""

    message: str
    reason: FailureReason


@dataclass(frozen=True, kw_only=True)
class Cancelled(Variant):
    """The end, as asked for. The stages saved so far stay."""


@dataclass(frozen=True, kw_only=True)
class Fetching(Variant):
    """How much of the pretrained weights has come, in bytes."""

    source: str
    """The server's name."""
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Fetched(Variant):
    """The end: the weights stand on disk."""

    path: str
    up_to: str
    """The deepest layer that they serve, e.g. "relu3_4"."""


Event = (
    Ready
    | Started
    | Noted
    | Progress
    | Previewed
    | Paused
    | Continued
    | StageSaved
    | Finished
    | Forecast
    | Failed
    | Cancelled
    | Fetching
    | Fetched
)
Ending = Finished | Forecast | Failed | Cancelled | Fetched
