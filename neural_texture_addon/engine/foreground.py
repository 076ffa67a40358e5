"""A request before the eyes of a person at a terminal: its options, its progress, its end. Prints."""

from __future__ import annotations

import argparse
import math
import re
import sys

from ..job.description import Device, Job, Request, limits
from ..job.events import Cancelled, Event, Failed, Finished, Started
from . import process, worker


def add_options(command: argparse.ArgumentParser, out: str = "folder for result, stages and job.json") -> None:
    """What a request holds beside its job."""
    add_device(command)
    command.add_argument("--out", required=True, metavar="DIR", help=out)


def add_device(command: argparse.ArgumentParser) -> None:
    """Where to compute, and with which weights."""
    command.add_argument("--device", choices=[device.value for device in Device], default=Device.AUTO.value)
    command.add_argument(
        "--memory",
        type=_gigabytes,
        default=Request.memory,
        metavar="SIZE",
        help="that it may hold on the device at most, e.g. 4GB; what does not fit is done in pieces",
    )
    command.add_argument("--weights", default="", metavar="FILE", help="of VGG-19, in place of the fetched ones")


def request(parsed: argparse.Namespace, job: Job) -> Request:
    """The job with those options."""
    return Request(
        job=job,
        out=getattr(parsed, "out", ""),
        device=Device(parsed.device),
        memory=parsed.memory,
        weights=parsed.weights,
    )


def show(request: Request, heed: process.Heed, remark: str = "") -> int:
    """Does what is asked for, with a remark once it begins, unless it is stopped; the exit status."""
    from . import device, pipeline
    from .progress_bar import ProgressBar

    heed()
    device.use_all_cores()
    last: Event = Cancelled()
    with ProgressBar() as bar:
        for last in pipeline.run(request):
            heed()
            bar.show(last)
            if remark and isinstance(last, Started):
                bar.say(remark)
    match last:
        case Finished(maps=maps):
            print("\n".join(dict.fromkeys(maps.values())))
            print(_in_words(last), file=sys.stderr)
        case Failed(message=message):
            complain(message, 1)
    return worker.exit_status(last)


def complain(message: str, status: int) -> int:
    """One line on stderr, if anybody reads it; the exit status."""
    try:
        print(f"neural-texture: {message}", file=sys.stderr)
    except OSError:
        process.silence(sys.stderr)
    return status


def _gigabytes(written: str) -> float:
    """What 4GB, 800MB or 4 says. Raises ArgumentTypeError."""
    low, high = limits(Request, "memory")
    match = re.fullmatch(r"\s*([0-9.]+)\s*(GB|MB|)\s*", written, re.IGNORECASE)
    try:
        value = float(match[1]) / (1000 if match[2].upper() == "MB" else 1) if match else math.nan
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(
            f"{written!r} is no amount of memory; for example 4GB or 800MB, 0 for no limit"
        )
    return value


def _in_words(end: Finished) -> str:
    """What it took, and how its border is."""
    said = [f"{end.width}x{end.height} px in {end.seconds:.0f} s"]
    if end.peak_memory is not None:
        said.append(f"{end.peak_memory / 1e6:.0f} MB of memory at the peak")
    if end.seam is not None:
        verdict = "no seam" if end.seam <= 1 else "a seam may show"
        said.append(f"{verdict} (its border is {end.seam:.2f} of what the sharpest edges inside are)")
    if end.relief is not None:
        said.append(f"normals and height agree to {end.relief:.2f}{_beside(end.exemplar_relief)}")
    return "; ".join(said)


def _beside(exemplar_relief: float | None) -> str:
    return "" if exemplar_relief is None else f" (the style images' own: {exemplar_relief:.2f})"
