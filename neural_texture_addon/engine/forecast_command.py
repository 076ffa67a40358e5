"""``neural-texture forecast``: what a job would take, in time and memory. Prints."""

from __future__ import annotations

import argparse

from ..job.description import Job
from ..job.events import Failed, Forecast
from . import foreground, synthesize_command, worker
from .errors import InputError

_ALONE = "JOB.json"


def add_to(command: argparse.ArgumentParser) -> None:
    """Gives the command its arguments: those of ``synthesize``, or a job file."""
    command.epilog = f"In place of style images and options, {_ALONE} may stand: a job file."
    synthesize_command.add_job(command)
    shaping = {
        name: value for name, value in vars(command.parse_args([])).items() if name not in ("command", "exemplars")
    }
    foreground.add_device(command)
    command.set_defaults(command=lambda parsed: show(parsed, shaping))


def show(parsed: argparse.Namespace, shaping: dict[str, object]) -> int:
    """Prints the forecast; the exit status is 2 also if the job would be refused.

    `shaping` is what is in place of the options that shape a job if none of them is given.
    """
    from . import device, forecast

    job = _job(parsed, shaping)
    parsed.heed()
    device.use_all_cores()
    (end,) = forecast.run(foreground.request(parsed, job))
    match end:
        case Forecast(refusal=refusal):
            print("\n".join(_in_words(end)))
            return foreground.complain(refusal, 2) if refusal else 0
        case Failed(message=message):
            return foreground.complain(message, worker.exit_status(end))
    raise TypeError(f"{type(end).__name__} is no end of a forecast")


def _job(parsed: argparse.Namespace, shaping: dict[str, object]) -> Job:
    if not any(path.endswith(".json") for path in parsed.exemplars):
        return synthesize_command.job_of(parsed)
    from . import job_reader

    if len(parsed.exemplars) > 1 or any(getattr(parsed, name) != value for name, value in shaping.items()):
        raise InputError(f"a job file stands alone: neural-texture forecast {_ALONE}")
    return job_reader.read_file(parsed.exemplars[0])


def _in_words(said: Forecast) -> list[str]:
    from .progress_bar import duration

    pieces = [said.pieces] if said.pieces else []
    sizes = " ".join(f"{width}x{height}" for width, height in said.octaves)
    return [
        f"{said.device}; octaves {sizes}",
        f"time: about {duration(said.seconds)}",
        f"memory: about {said.memory / 1e9:.1f} GB at the peak, {said.memory_free / 1e9:.1f} GB are free",
        *pieces,
    ]
