"""``neural-texture resume``: a job that was cut off, from one of its stages to its end."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from . import foreground
from .errors import InputError


def add_to(command: argparse.ArgumentParser) -> None:
    """Gives the command its arguments."""
    command.add_argument("out", metavar="DIR", help="the job's folder")
    command.add_argument("--from", dest="octave", type=int, metavar="N", help="octave to go on after; else the last")
    foreground.add_device(command)
    command.set_defaults(command=resume)


def resume(parsed: argparse.Namespace) -> int:
    """Goes on; the exit status."""
    from . import job_reader, stage

    folder = Path(parsed.out)
    job = job_reader.read_file(str(folder / stage.JOB_FILE))
    saved = stage.saved_octaves(folder)
    if not saved:
        raise InputError(f"{folder}: holds no stage to go on from")
    octave = saved[-1] if parsed.octave is None else parsed.octave
    if octave not in saved:
        raise InputError(f"--from is {octave}; allowed: {', '.join(map(str, saved))}")
    return foreground.show(replace(foreground.request(parsed, job), resume_from=octave), parsed.heed)
