"""A request before the eyes of a person at a terminal: its options, its progress, its end. Prints."""

from __future__ import annotations

import argparse
import sys

from ..job.description import Device, Job, Request
from ..job.events import Cancelled, Event, Failed, Finished, Started
from . import worker


def add_options(command: argparse.ArgumentParser, out: str = "folder for result, stages and job.json") -> None:
    """What a request holds beside its job."""
    add_device(command)
    command.add_argument("--out", required=True, metavar="DIR", help=out)


def add_device(command: argparse.ArgumentParser) -> None:
    """Where to compute, and with which weights."""
    command.add_argument("--device", choices=[device.value for device in Device], default=Device.AUTO.value)
    command.add_argument("--weights", default="", metavar="FILE", help="of VGG-19, in place of the fetched ones")


def request(parsed: argparse.Namespace, job: Job) -> Request:
    """The job with those options."""
    return Request(job=job, out=getattr(parsed, "out", ""), device=Device(parsed.device), weights=parsed.weights)


def show(request: Request, remark: str = "") -> int:
    """Does what is asked for, with a remark once it begins; the exit status."""
    from . import device, pipeline
    from .progress_bar import ProgressBar

    device.use_all_cores()
    last: Event = Cancelled()
    with ProgressBar() as bar:
        for last in pipeline.run(request):
            bar.show(last)
            if remark and isinstance(last, Started):
                bar.say(remark)
    match last:
        case Finished(maps=maps):
            print("\n".join(maps.values()))
            print(_in_words(last), file=sys.stderr)
        case Failed(message=message):
            complain(message, 1)
    return worker.exit_status(last)


def complain(message: str, status: int) -> int:
    """One line on stderr; the exit status."""
    print(f"neural-texture: {message}", file=sys.stderr)
    return status


def _in_words(end: Finished) -> str:
    """What it took, and how its border is."""
    said = [f"{end.width}x{end.height} px in {end.seconds:.0f} s"]
    if end.peak_memory is not None:
        said.append(f"{end.peak_memory / 1e6:.0f} MB of memory at the peak")
    if end.seam is not None:
        verdict = "no seam" if end.seam <= 1 else "a seam may show"
        said.append(f"{verdict} (its border is {end.seam:.2f} of what the sharpest edges inside are)")
    return "; ".join(said)
