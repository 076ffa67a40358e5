"""What a worker prints: events, and between them whatever a library, a crash or a stranger might."""

import json
import logging
import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from jobs import says
from spoilt_jobs import ANY_JSON

from neural_texture_addon.job import events
from neural_texture_addon.job.events import Ending, Event, Failed
from neural_texture_addon.job.wire import to_line, to_plain
from neural_texture_addon.supervisor import launch, worker_process
from neural_texture_addon.supervisor.worker_process import WorkerProcess

FOLDER = Path(tempfile.mkdtemp())
os.chdir(FOLDER)  # a preview's file is removed with its worker: none but ours
logging.disable()
worker_process._EXIT_TIME = 0.2
"""What says more than a pipe holds after its ending never ends by itself: one case of twelve waited 5 s for that."""
EVENTS = st.one_of(*map(st.from_type, events.Event.__args__)).map(to_line)
READY = to_line(events.Ready()).encode()
"""Nobody asks for that."""
LONG = 1 << 20
"""The supervisor reads so many bytes at once."""


def case(data: st.DataObject) -> None:
    whole: list[bytes] = []
    lines: list[bytes] = []
    for _ in range(data.draw(st.integers(0, 8))):
        line = data.draw(EVENTS).encode()
        match data.draw(st.sampled_from(["whole", "whole", "damaged", "field", "json", "bytes", "long"])):
            case "whole":
                if line != READY:
                    whole.append(line)
            case "damaged":
                at = data.draw(st.integers(0, len(line) - 1))
                line = line[:at] + data.draw(st.binary(max_size=3)) + line[at + data.draw(st.integers(0, 3)) :]
            case "field":
                plain = json.loads(line)
                plain[data.draw(st.sampled_from(sorted(plain)))] = data.draw(ANY_JSON)
                line = to_line(plain).encode()
            case "json":
                line = to_line(data.draw(ANY_JSON)).encode()
            case "bytes":
                line = data.draw(st.binary(max_size=80))
            case "long":
                line = b"x" * (LONG * data.draw(st.integers(1, 3)) + data.draw(st.integers(-2, 2)))
        lines.append(line if line.endswith(b"\n") else line + b"\n")
    heard = heard_of(b"".join(lines))
    check(heard, whole, lines)


def heard_of(said: bytes) -> list[Event]:
    (FOLDER / "said").write_bytes(said)
    worker = WorkerProcess(launch.piped(["cat", "said"]))
    worker.join(30)
    assert not worker.alive
    heard = []
    while not worker.events.empty():
        heard.append(worker.events.get())
    return heard


OF_NOBODY = "stopped without a result", "its version is another than Blender's"
"""Endings that no line tells of."""


def check(heard: list[Event], whole: list[bytes], lines: list[bytes]) -> None:
    """One ending, last; all that was whole before it, in order; nothing that was not said."""
    assert [isinstance(event, Ending) for event in heard] == [False] * (len(heard) - 1) + [True]
    own = isinstance(heard[-1], Failed) and any(words in heard[-1].message for words in OF_NOBODY)
    if own:
        heard = heard[:-1]
    plains: list[Any] = [to_plain(event) for event in heard]
    parts = iter(part for line in lines for part in line.split(b"\n"))
    for plain in plains:  # each from a line of its own, in their order
        assert any(says(plain, written) for written in map(parsed, parts) if isinstance(written, dict)), plain
    rest = iter(plains)
    for line in whole:
        found = any(plain == json.loads(line) for plain in rest)
        assert found or not own, line
        if not found:
            break


def parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8", "replace"))
    except ValueError:
        return None
