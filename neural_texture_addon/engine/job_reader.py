"""Reads jobs strictly: unknown, missing and out-of-range fields are named, all at once. Opens no image."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..job.description import (
    FORMAT_VERSION,
    Content,
    Features,
    FileFormat,
    FromContent,
    Job,
    Lbfgs,
    Levels,
    MapKind,
    MatchColours,
    NearestPatches,
    Noise,
    Offset,
    Optimise,
    Output,
    Patches,
    PatternAlignment,
    Picture,
    Request,
    SlicedWasserstein,
    Step,
    StyleTerm,
    Term,
    Tiling,
    Vgg19,
    limits,
    relocated,
)
from ..job.wire import Plain, WireError, from_line, job_from_file, job_from_plain, to_plain
from .errors import InputError

_LONGEST_WEBP = 16383


def read_file(path: str) -> Job:
    """The job of a file; its relative paths count from the file's folder. Raises InputError."""
    try:
        job = job_from_file(path)
    except WireError as error:
        raise InputError(f"{path}: {error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not a job file (not UTF-8 text)") from None
    except (OSError, ValueError) as error:  # ValueError: it could never be a path
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: the job file can't be read ({reason})") from None
    return checked(_with_absolute_paths(job, Path(path).absolute().parent))


def read_plain(plain: dict[str, Plain]) -> Job:
    """The job that a document describes; relative paths count from the working folder. Raises InputError."""
    try:
        job = job_from_plain(plain)
    except WireError as error:
        raise InputError(str(error)) from None
    return checked(_with_absolute_paths(job, Path.cwd()))


def proven(job: Job) -> Job:
    """The job, if it would be read from a document just so; its paths made absolute. Raises InputError."""
    return read_plain({"version": FORMAT_VERSION} | to_plain(job))


def read_request(line: str) -> Request:
    """The request on a line of the worker's pipe. Raises InputError."""
    try:
        request = from_line(Request, line)
    except WireError as error:
        raise InputError(str(error)) from None
    return replace(request, job=checked(request.job))


def checked(job: Job) -> Job:
    """The job, if its fields also fit each other. Raises InputError."""
    faults = [
        *_faults_of_canvas(job),
        *_faults_of_exemplars(job),
        *_faults_of_content(job),
        *_faults_of_output(job.output),
    ]
    for i, step in enumerate(job.steps):
        faults.extend(_faults_of_step(f"steps[{i}]", step, job))
    for at, term in _terms(job):
        if isinstance(term, NearestPatches):
            faults.extend(_faults_of_window(at, term.size, job))
        faults.extend(_faults_of_features(f"{at}.features", getattr(term, "features", None), job))
    if faults:
        raise InputError("; ".join(faults))
    return job


def in_need_of_exemplars(job: Job) -> list[str]:
    """The parts of a job that can't do without an exemplar, by their names in it."""
    needing = [f"steps[{i}]" for i, step in enumerate(job.steps) if isinstance(step, MatchColours)]
    needing += [at for at, term in _terms(job) if isinstance(term, StyleTerm | PatternAlignment)]
    return needing + (["canvas.seed"] if isinstance(job.canvas.seed, Noise) else [])


def in_need_of_content(job: Job) -> list[str]:
    """The parts of a job that can't do without a content image, by their names in it."""
    needing = [at for at, term in _terms(job) if isinstance(term, Content)]
    return needing + (["canvas.seed"] if isinstance(job.canvas.seed, FromContent) else [])


def _faults_of_canvas(job: Job) -> Iterator[str]:
    canvas = job.canvas
    if len(set(canvas.maps)) < len(canvas.maps):
        yield "canvas.maps names a map twice"
    if MapKind.COLOUR not in canvas.maps:
        in_colour = [f"steps[{i}]" for i, step in enumerate(job.steps) if isinstance(step, MatchColours | Levels)]
        in_colour += [at for at, term in _terms(job) if isinstance(term, Content)]
        in_colour += ["canvas.seed"] if isinstance(canvas.seed, Picture | FromContent) else []
        in_colour += ["canvas.colour"] if canvas.colour else []
        yield from (f"canvas.maps lacks colour, which {at} is about" for at in in_colour)
    if not any(canvas.map_weights.get(kind, 1.0) for kind in canvas.maps):
        yield "canvas.map_weights: all weights are 0; one of canvas.maps at least must count"
    if canvas.colour and set(canvas.maps) == {MapKind.COLOUR}:
        yield "canvas.colour is made already, and canvas.maps asks for nothing else; add a map that is to follow it"
    if job.output.format is FileFormat.WEBP and max(canvas.width, canvas.height) > _LONGEST_WEBP:
        yield f"output.format is webp, which ends at {_LONGEST_WEBP} px a side; allowed: png, tiff, exr"


def _faults_of_exemplars(job: Job) -> Iterator[str]:
    needing = in_need_of_exemplars(job)
    if not job.exemplars and needing:
        yield f"exemplars is empty; {needing[0]} needs at least one"
    elif job.exemplars and not any(exemplar.weight for exemplar in job.exemplars):
        yield "exemplars: all weights are 0; at least one must be more"
    for i, exemplar in enumerate(job.exemplars):
        missing = [kind.value for kind in job.canvas.maps if not exemplar.path_of(kind)]
        if missing:
            yield f"exemplars[{i}].maps lacks {', '.join(missing)}, which canvas.maps asks for"
    for at, term in _terms(job):
        for number in getattr(term, "exemplars", ()):
            if number >= len(job.exemplars):
                yield f"{at}.exemplars names {number}; there are {len(job.exemplars)}, counted from 0"
            elif not job.exemplars[number].weight:
                yield f"{at}.exemplars names {number}, whose weight is 0"


def _faults_of_content(job: Job) -> Iterator[str]:
    needing = in_need_of_content(job)
    if job.content is None and needing:
        yield f"content is missing; {needing[0]} needs it"


def _faults_of_output(output: Output) -> Iterator[str]:
    most = output.format.most_bits
    if output.bits > most:
        deeper = ", ".join(other.value for other in FileFormat if other.most_bits >= output.bits)
        yield f"output.bits is {output.bits.value}; {output.format.value} has up to {most.value} (more: {deeper})"


def _faults_of_step(at: str, step: Step, job: Job) -> Iterator[str]:
    """What of the step contradicts itself or the canvas."""
    if step.from_size >= step.to_size < limits(type(step), "to_size")[1]:
        yield f"{at}.to_size is {step.to_size}; allowed: more than its from_size ({step.from_size})"
    match step:
        case Optimise(solver=Lbfgs(), terms=terms):
            drawn = [i for i, term in enumerate(terms) if _is_drawn_anew(term)]
            yield from (
                f"{at}.solver is lbfgs, which can't follow terms[{i}]: what it sees is drawn anew at each iteration; "
                "allowed: adam"
                for i in drawn
            )
        case Levels(black=black, white=white) if black >= white:
            yield f"{at}.white is {white}; allowed: more than its black ({black})"
        case Offset() if job.canvas.colour:
            yield f"{at} is offset, which would roll the other maps away from canvas.colour; leave it out"
        case Offset(x=x, y=y):
            tiling = job.canvas.tiling
            wraps = {Tiling.BOTH: "xy", Tiling.X: "x", Tiling.Y: "y", Tiling.NONE: ""}[tiling]
            for axis, share in (("x", x), ("y", y)):
                if share and axis not in wraps:
                    yield f"{at}.{axis} is {share}; allowed: 0, for canvas.tiling ({tiling.value}) ends there"


def _is_drawn_anew(term: Term) -> bool:
    return isinstance(term, SlicedWasserstein | NearestPatches) or isinstance(getattr(term, "features", None), Patches)


def _faults_of_window(at: str, size: int, job: Job) -> Iterator[str]:
    if size > min(job.octaves.start_size, job.canvas.width, job.canvas.height):
        most = f"octaves.start_size ({job.octaves.start_size}) and the canvas's sides"
        yield f"{at}.size is {size}; allowed: at most {most}"


def _faults_of_features(at: str, features: Features | None, job: Job) -> Iterator[str]:
    match features:
        case Patches(size=size):
            yield from _faults_of_window(at, size, job)
        case Vgg19(layers=layers) if not any(layers.values()):
            yield f"{at}.layers: all weights are 0; one at least must not be"


def _terms(job: Job) -> Iterator[tuple[str, Term]]:
    """Each loss term and its place."""
    for i, step in enumerate(job.steps):
        for j, term in enumerate(step.terms if isinstance(step, Optimise) else ()):
            yield f"steps[{i}].terms[{j}]", term


def _with_absolute_paths(job: Job, folder: Path) -> Job:
    return relocated(job, lambda path: str(folder / path))
