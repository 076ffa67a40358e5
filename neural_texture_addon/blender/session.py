"""What goes on outside Blender, and what was last heard of it: all the state there is. Touches no Blender data."""

import math
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Generic, Protocol, TypeVar

from ..job.description import MapKind, Request
from ..job.events import (
    Continued,
    Ending,
    Event,
    Fetching,
    Finished,
    Noted,
    Paused,
    Previewed,
    Progress,
    StageSaved,
    Started,
)
from ..supervisor.line_task import LineTask
from ..supervisor.spare import Spare
from ..supervisor.worker_process import WorkerProcess
from .placement import Destination


class Level(StrEnum):
    """How grave a message is, in the words of Blender's reports."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True)
class Message:
    """What the artist should read."""

    level: Level
    text: str


@dataclass(kw_only=True)
class _Listening:
    """Work in a process of its own, whose events are taken one by one. Of those of the same kind the last counts."""

    worker: WorkerProcess | None = None
    """None until the work is begun."""
    ending: Ending | None = None

    @property
    def ended(self) -> bool:
        return self.ending is not None

    def cancel(self) -> None:
        """Ask the process to end. The ending comes as an event."""
        if self.worker:
            self.worker.cancel()

    def next_event(self, timeout: float | None = None) -> Event | None:
        """Take the next event and note it; None if there is none within `timeout` seconds (None: now)."""
        if self.worker is None:
            return None
        try:
            event = self.worker.events.get(block=timeout is not None, timeout=timeout)
        except queue.Empty:
            return None
        self._note(event)
        if isinstance(event, Ending):
            self.ending = event
            # An operator that is called within temp_override runs without Python's lock, and up to Python 3.11 Blender
            # takes a lock that another thread holds for its own: memory is damaged, and Blender crashes later.
            self.worker.join()
        return event

    def _note(self, event: Event) -> None:
        raise NotImplementedError


@dataclass(kw_only=True)
class Session(_Listening):
    """A texture from its start to its ending."""

    python: Path
    """The engine's."""
    request: Request
    name: str
    """Of the texture, as the artist will see it."""
    own_folder: bool
    """Whether the folder was made for this job."""
    destination: Destination
    variation: bool = False
    """Whether it is only made small, to choose from."""
    would_gain: bool = False
    """Whether the pretrained weights would have given another job."""
    image_uid: int | None = None
    """session_uid of the image that shows how far the texture is."""
    image_uids: dict[MapKind, int] = field(default_factory=dict)
    """session_uids of the finished texture's images."""
    then: Callable[[], None] | None = None
    """To be called after the ending."""
    started: Started | None = None
    progress: Progress | None = None
    preview: Previewed | None = None
    """The newest that was not shown yet."""
    reading: object = None
    """What reads a preview's file."""
    shown: Previewed | None = None
    """The last that was shown."""
    shows: bool = True
    """Whether it is shown while it is being made: not once that has failed."""
    stage: StageSaved | None = None
    paused: bool = False
    notes: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Let a worker begin. Raises OSError."""
        self.worker = spare.start(self.python, self.request)

    def texture_files(self) -> list[str]:
        """The result's files, once there are any."""
        return list(self.ending.maps.values()) if isinstance(self.ending, Finished) else []

    def _note(self, event: Event) -> None:
        match event:
            case Started():
                self.started = event
            case Progress():
                self.progress = event
            case Previewed():
                self.preview = event
            case StageSaved():
                self.stage = event
            case Paused() | Continued():
                self.paused = isinstance(event, Paused)
            case Noted():
                self.notes.append(event.message)


@dataclass(kw_only=True)
class Fetch(_Listening):
    """A download of the pretrained weights from its start to its ending."""

    source: str
    progress: Fetching | None = None

    def _note(self, event: Event) -> None:
        if isinstance(event, Fetching):
            self.progress = event


@dataclass(kw_only=True)
class Forecasting(_Listening):
    """A forecast of what a request would take."""

    request: Request

    def _note(self, event: Event) -> None:
        """Only the ending tells."""


@dataclass(kw_only=True)
class Estimating:
    """Maps that are being estimated, from the question to the material that has them."""

    task: LineTask
    image_uid: int
    """session_uid of the colour map."""
    material_uid: int
    """session_uid of the material that shows it."""
    name: str
    """Of the material, in the files' names."""
    relief: float
    """As was asked for, as a share of the width."""
    out: Path
    """The folder for the files."""
    image_uids: dict[MapKind, int] = field(default_factory=dict)
    """session_uids of the maps in the material, once there are any."""
    ended: bool = False
    """Whether its end was answered."""

    def cancel(self) -> None:
        """End the process."""
        self.task.cancel()


@dataclass
class Watch:
    """What the panel asks for, and since when."""

    drawn: bool = False
    """Whether it was drawn since somebody last looked."""
    drawn_at: float = -math.inf
    """When it was drawn last."""
    wanted: Request | None = None
    since: float = 0.0

    def draw(self) -> None:
        """Note that it is drawn."""
        self.drawn, self.drawn_at = True, time.monotonic()

    def in_sight(self, seconds: float) -> bool:
        """Whether it was drawn within so many."""
        return time.monotonic() - self.drawn_at < seconds

    def look_at(self, request: Request | None) -> None:
        """Note what is asked for now."""
        self.drawn = False
        if request != self.wanted:
            self.wanted, self.since = request, time.monotonic()

    def rests(self, seconds: float) -> bool:
        """Whether something has been asked for, unchanged, for that long."""
        return self.wanted is not None and time.monotonic() - self.since >= seconds


class _Work(Protocol):
    @property
    def ended(self) -> bool: ...

    def cancel(self) -> None: ...


# Quoted, here and below: typing keeps what it subscribes for good, and what an uninstalled extension leaves alive keeps
# bpy 4.2 from ending in order.
_W = TypeVar("_W", bound="_Work")


class Slot(Generic[_W]):
    """Room for one piece of work at a time, and for what the artist should read of it."""

    def __init__(self) -> None:
        """Empty."""
        self.last: _W | None = None
        """The work that goes on, or the one before."""
        self.message: Message | None = None

    @property
    def running(self) -> _W | None:
        """The work that goes on."""
        return self.last if self.last is not None and not self.last.ended else None

    def take(self, work: _W) -> _W:
        """Let `work` be the one that goes on."""
        assert self.running is None
        self.last, self.message = work, None
        return work

    def cancel(self) -> None:
        """Ask the work to end. Its ending is heard later."""
        if self.running:
            self.running.cancel()

    def drop(self) -> None:
        """End the work and forget it: nobody will hear its ending."""
        self.cancel()
        self.last = self.message = None

    def say(self, level: Level, text: str) -> None:
        """Set what is to be read."""
        self.message = Message(level, text)


texture: "Slot[Session]" = Slot()
"""The texture that is being made."""
variations: list[Session] = []
"""The same texture from several seeds, to choose from."""
waiting: list[Session] = []
"""Textures that will be made after it, in this order."""
spare = Spare()
"""A worker that waits for the next texture."""
forecast: "Slot[Forecasting]" = Slot()
"""What the texture of the panel would take."""
panel = Watch()
weights: "Slot[Fetch]" = Slot()
"""The download of the pretrained weights."""
estimates: "Slot[Estimating]" = Slot()
"""Maps that are being estimated from a colour."""
engine: "Slot[LineTask]" = Slot()
"""The set-up of the engine; its message is also what was last found out about the engine."""
check: "Slot[LineTask]" = Slot()
"""The look at all that the engine needs."""

opened = SimpleNamespace(unseen=False, known=set())
"""Whether the open file's settings have to be shown before they are used; the paths of files that need not."""
command = SimpleNamespace(handle=None)
"""Blender's handle of our command line."""
