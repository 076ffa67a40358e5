"""Reads jobs strictly: unknown, missing and out-of-range fields are named, all at once. Opens no image."""

import dataclasses
from pathlib import Path

from ..job.description import Exemplar, FileFormat, Job, Patches, Request
from ..job.wire import Plain, WireError, from_line, job_from_json, job_from_plain
from .errors import InputError

_LONGEST_WEBP = 16383


def read_file(path: str) -> Job:
    """The job of a file; its relative paths count from the file's folder. Raises InputError."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: the job file can't be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not a job file (not UTF-8 text)") from None
    try:
        job = job_from_json(text)
    except WireError as error:
        raise InputError(f"{path}: {error}") from None
    return checked(_with_absolute_paths(job, Path(path).absolute().parent))


def read_plain(plain: dict[str, Plain]) -> Job:
    """The job that a document describes; relative paths count from the working folder. Raises InputError."""
    try:
        job = job_from_plain(plain)
    except WireError as error:
        raise InputError(str(error)) from None
    return checked(_with_absolute_paths(job, Path.cwd()))


def read_request(line: str) -> Request:
    """The request on a line of the worker's pipe. Raises InputError."""
    try:
        request = from_line(Request, line)
    except WireError as error:
        raise InputError(str(error)) from None
    return dataclasses.replace(request, job=checked(request.job))


def checked(job: Job) -> Job:
    """The job, if its fields also fit each other. Raises InputError."""
    faults = []
    if not any(exemplar.weight for exemplar in job.exemplars):
        faults.append("exemplars: all weights are 0; at least one must be more")
    for i, exemplar in enumerate(job.exemplars):
        missing = [kind.value for kind in job.canvas.maps if kind not in exemplar.maps]
        if missing:
            faults.append(f"exemplars[{i}].maps lacks {', '.join(missing)}, which canvas.maps asks for")
    if len(set(job.canvas.maps)) < len(job.canvas.maps):
        faults.append("canvas.maps names a map twice")
    if job.output.format is FileFormat.WEBP and max(job.canvas.width, job.canvas.height) > _LONGEST_WEBP:
        faults.append(f"output.format is webp, which ends at {_LONGEST_WEBP} px a side; allowed: png, tiff")
    for i, step in enumerate(job.steps):
        for j, term in enumerate(getattr(step, "terms", ())):
            if isinstance(getattr(term, "features", None), Patches) and term.features.size > min(job.octaves.start_size, job.canvas.width, job.canvas.height):
                faults.append(
                    f"steps[{i}].terms[{j}].features.size is {term.features.size}; "
                    f"allowed: at most octaves.start_size ({job.octaves.start_size}) and the canvas's sides"
                )
    if faults:
        raise InputError("; ".join(faults))
    return job


def _with_absolute_paths(job: Job, folder: Path) -> Job:
    def located(exemplar: Exemplar) -> Exemplar:
        maps = {kind: str(folder / path) for kind, path in exemplar.maps.items()}
        return dataclasses.replace(exemplar, maps=maps)

    return dataclasses.replace(job, exemplars=tuple(map(located, job.exemplars)))
