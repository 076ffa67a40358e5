"""The running job and what it last said: the only state of a module in this package. Touches no Blender data."""

import queue
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..job.description import Request
from ..job.events import Cancelled, Ending, Event, Failed, Fetched, Fetching, Finished, Noted, Progress, Started
from ..supervisor.line_task import LineTask, Work
from ..supervisor.worker_process import WorkerProcess
from .placement import Destination


@dataclass(kw_only=True)
class Session:
    """A job from its start to its ending."""

    worker: WorkerProcess
    request: Request
    name: str
    """Of the texture, as the artist will see it."""
    own_folder: bool
    """Whether the folder was made for this job."""
    destination: Destination
    would_gain: bool = False
    """Whether the pretrained weights would have given another job."""
    image_uid: int | None = None
    """session_uid of the image that shows the latest stage."""
    started: Started | None = None
    progress: Progress | None = None
    notes: list[str] = field(default_factory=list)
    ending: Ending | None = None

    def next_event(self, timeout: float | None = None) -> Event | None:
        """Take the worker's next event and note it; None if there is none within `timeout` seconds (None: now)."""
        try:
            event = self.worker.events.get(block=timeout is not None, timeout=timeout)
        except queue.Empty:
            return None
        match event:
            case Started():
                self.started = event
            case Progress():
                self.progress = event
            case Noted():
                self.notes.append(event.message)
            case Finished() | Failed() | Cancelled():
                self.ending = event
        return event

    def texture_files(self) -> list[str]:
        """The result's files, once there are any."""
        return list(self.ending.maps.values()) if isinstance(self.ending, Finished) else []


@dataclass(kw_only=True)
class Fetch:
    """A download of the pretrained weights from its start to its ending."""

    worker: WorkerProcess
    source: str
    progress: Fetching | None = None
    ending: Ending | None = None

    def next_event(self, timeout: float | None = None) -> Event | None:
        """As the Session's."""
        try:
            event = self.worker.events.get(block=timeout is not None, timeout=timeout)
        except queue.Empty:
            return None
        match event:
            case Fetching():
                self.progress = event
            case Fetched() | Failed() | Cancelled():
                self.ending = event
        return event


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


@dataclass
class _State:
    session: Session | None = None
    message: Message | None = None
    engine: Message | None = None
    fetch: Fetch | None = None
    weights: Message | None = None
    set_up: LineTask | None = None
    check: LineTask | None = None
    command: object = None
    """Blender's handle of our command line."""


_state = _State()


def start(python: Path, request: Request, **what: Any) -> Session:
    """Start the job; `what` are further fields of the Session. There is one at a time. Raises OSError."""
    assert not running()
    _state.session = Session(worker=WorkerProcess.start(python, request), request=request, **what)
    _state.message = None
    return _state.session


def current() -> Session | None:
    """The job that runs, or the last one."""
    return _state.session


def running() -> Session | None:
    """The job that runs."""
    session = _state.session
    return session if session is not None and session.ending is None else None


def cancel() -> None:
    """Ask the running job to end. Its ending comes as an event."""
    if session := running():
        session.worker.cancel()


def drop() -> None:
    """End the running job and forget it: nobody will hear its ending."""
    cancel()
    _state.session = _state.message = None


def message() -> Message | None:
    """What is to be read about the job."""
    return _state.message


def say(level: Level, text: str) -> None:
    """Set what is to be read about the job."""
    _state.message = Message(level, text)


def engine() -> Message | None:
    """What was last found out about the engine; None: nothing yet."""
    return _state.engine


def say_of_engine(level: Level, text: str) -> None:
    """Note what was found out about the engine."""
    _state.engine = Message(level, text)


def start_fetch(python: Path, file: Path, up_to: str, source: str) -> Fetch:
    """Start fetching the pretrained weights. There is one fetch at a time. Raises OSError."""
    assert not fetching()
    _state.fetch = Fetch(worker=WorkerProcess.fetch_weights(python, file, up_to, source), source=source)
    _state.weights = None
    return _state.fetch


def last_fetch() -> Fetch | None:
    """The fetch that runs, or the last one."""
    return _state.fetch


def fetching() -> Fetch | None:
    """The fetch that runs."""
    fetch = _state.fetch
    return fetch if fetch is not None and fetch.ending is None else None


def cancel_fetch() -> None:
    """Ask the running fetch to end. Its ending comes as an event."""
    if fetch := fetching():
        fetch.worker.cancel()


def drop_fetch() -> None:
    """End the running fetch and forget it: nobody will hear its ending."""
    cancel_fetch()
    _state.fetch = _state.weights = None


def weights() -> Message | None:
    """What is to be read about the fetching of the weights."""
    return _state.weights


def say_of_weights(level: Level, text: str) -> None:
    """Set what is to be read about the fetching of the weights."""
    _state.weights = Message(level, text)


def start_set_up(work: Work) -> LineTask:
    """Start setting the engine up. There is one set-up at a time."""
    assert not setting_up()
    _state.set_up = LineTask(work)
    return _state.set_up


def setting_up() -> LineTask | None:
    """The set-up, until `end_set_up`."""
    return _state.set_up


def cancel_set_up() -> None:
    """End the running set-up. Its outcome comes at once."""
    if _state.set_up:
        _state.set_up.cancel()


def end_set_up() -> None:
    """Forget the set-up: what is to be said of it has been said, or nobody will hear it."""
    cancel_set_up()
    _state.set_up = None


def start_check(work: Work) -> LineTask:
    """Start checking what the engine finds on this machine."""
    end_check()
    _state.check = LineTask(work)
    return _state.check


def check() -> LineTask | None:
    """The check that runs, or the last one."""
    return _state.check


def end_check() -> None:
    """End the check and forget its report."""
    if _state.check:
        _state.check.cancel()
    _state.check = None


def exchange_command(handle: object) -> object:
    """Keep Blender's handle of our command line; gives the one kept before."""
    _state.command, before = handle, _state.command
    return before
