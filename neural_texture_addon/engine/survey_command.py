"""``neural-texture survey``: a job in all combinations of some fields' values, on one contact sheet. Prints."""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..job.events import Event, Failed, Noted, Progress, Started
from . import foreground, process

if TYPE_CHECKING:
    from .progress_bar import ProgressBar


def add_to(command: argparse.ArgumentParser) -> None:
    """Gives the command its arguments."""
    command.add_argument("job", metavar="JOB.json")
    command.add_argument(
        "--vary",
        action="append",
        required=True,
        metavar="FIELD=VALUES",
        help="seed=1..3, canvas.tiling=both,none or steps.0.terms.1.weight=-1,0,1: the first makes rows, the second "
        "columns, further ones blocks of them",
    )
    foreground.add_options(command, out="folder for the contact sheet, and a folder for each result")
    command.set_defaults(command=conduct)


def conduct(parsed: argparse.Namespace) -> int:
    """Makes what isn't there yet; the exit status. Raises InputError."""
    from . import device, job_reader, survey
    from .progress_bar import ProgressBar

    job = job_reader.read_file(parsed.job)
    planned = survey.plan(job, [survey.parse(text) for text in parsed.vary])
    count = sum(not survey.is_done(combination, parsed.out) for combination in planned.combinations)
    device.use_all_cores()
    sheet = Path(parsed.out).absolute() / survey.SHEET_FILE
    failed = {}
    try:
        with ProgressBar() as bar, closing(survey.run(planned, foreground.request(parsed, job))) as told:
            show = _Show(bar, count)
            for combination, event in told:
                parsed.heed()
                show.event(combination.label, event)
                if isinstance(event, Failed):
                    failed[combination.label] = event.message
    except KeyboardInterrupt as stop:
        said = f"cancelled; {sheet} shows what is done, the same command goes on from there"
        return foreground.complain(said, process.exit_status(stop))
    print(sheet)
    for label, message in failed.items():
        foreground.complain(f"{label}: {message}", 1)
    return 1 if failed else 0


class _Show:
    """The events of one job after another as those of one large job."""

    def __init__(self, bar: ProgressBar, count: int) -> None:
        self._bar = bar
        self._count = count
        self._begun = 0
        self._began = time.monotonic()
        self._notes: set[str] = set()

    def event(self, label: str, event: Event) -> None:
        """Shows what is worth it, each note once."""
        match event:
            case Started():
                self._begun += 1
                self._bar.say(f"{self._begun}/{self._count}  {label}")
            case Noted(message=message) if message not in self._notes:
                self._notes.add(message)
                self._bar.show(event)
            case Progress():
                fraction = (self._begun - 1 + event.fraction) / self._count
                passed = time.monotonic() - self._began
                left = passed * (1 / fraction - 1) if fraction > 0.02 else None
                self._bar.show(replace(event, fraction=fraction, seconds_left=left))
            case Failed():
                self._bar.say(f"{label}: failed")
