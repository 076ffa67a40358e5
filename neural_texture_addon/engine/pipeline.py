"""A job from start to end: seed, then [steps, save the stage, enlarge] octave by octave. Knows no terminal, no pipe."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import torch

from ..job.description import (
    Job,
    Layer,
    MapKind,
    MatchColours,
    Offset,
    Optimise,
    Patches,
    Picture,
    Request,
    Term,
    Vgg19,
)
from ..job.events import Event, Failed, FailureReason, Finished, Noted, Progress, StageSaved, Started
from . import adjustments, memory, picture, schedule, solver, stage
from . import canvas as canvases
from . import device as devices
from . import exemplar as exemplars_on_disk
from .clock import Clock
from .errors import EngineError, InputError
from .exemplar import Exemplar
from .features import vgg
from .features import weights as weight_files
from .features.vgg import Network
from .objective import Objective, Surroundings
from .stage import JobFolder, Stage

if TYPE_CHECKING:
    from torch import Tensor


def run(request: Request) -> Iterator[Event]:
    """Does the job; ends with Finished or Failed. To cancel it, stop asking or raise KeyboardInterrupt.

    Determinism: every random number comes from one generator on the CPU, so that a seed means the same draws on
    every device; on one CPU the same job gives the same picture, bit for bit.
    """
    try:
        yield from _run(request)
    except InputError as error:
        yield Failed(message=str(error), reason=FailureReason.INPUT)
    except EngineError as error:
        yield Failed(message=str(error), reason=FailureReason.FAILURE)
    except (torch.OutOfMemoryError, MemoryError) as error:
        yield _out_of_memory(request.job, error)
    except RuntimeError as error:
        finest = schedule.octaves(request.job.canvas, request.job.octaves, math.inf)[-1:]
        if not memory.ran_short(request.job, finest, devices.choose(request.device)):
            raise
        yield _out_of_memory(request.job, error)


def _run(request: Request) -> Iterator[Event]:
    job, began = request.job, time.monotonic()
    device = devices.choose(request.device)
    exemplars = exemplars_on_disk.load(job.exemplars, job.canvas.maps, device)
    content = picture.load(job.content, job.canvas).to(device) if job.content else None
    seed = picture.load(job.canvas.seed, job.canvas) if isinstance(job.canvas.seed, Picture) else content
    network = _network(job, request.weights, device)
    _check_windows(job, exemplars)
    octaves = schedule.octaves(
        job.canvas, job.octaves, min((exemplar.side for exemplar in exemplars), default=math.inf)
    )
    memory.check(job, octaves, device)
    resumed = _resumed(request, octaves)
    folder = JobFolder(request.out, request.job, keep=request.resume_from)
    yield Started(device=devices.name(device), octaves=tuple((octave.width, octave.height) for octave in octaves))
    yield from (Noted(message=note) for exemplar in exemplars for note in exemplar.notes)
    yield from _notes_on_extent(job, exemplars)

    wrap, anchored = canvases.wrap_of(job.canvas), _is_anchored(job)
    if resumed:
        canvas, generator = resumed.canvas.to(device), resumed.generator
    else:
        generator = torch.Generator().manual_seed(job.canvas.random_seed)
        canvas = canvases.paint(job.canvas, octaves[0].height, octaves[0].width, exemplars, generator, seed).to(device)
    clock = Clock(job.steps, octaves, request.resume_from)
    for number, octave in list(enumerate(octaves, 1))[request.resume_from :]:
        canvas = canvases.enlarge(canvas, octave.height, octave.width, wrap, 0 if anchored else number)
        around = Surroundings(
            exemplars=exemplars,
            content=content,
            maps=job.canvas.maps,
            octave=octave,
            wrap=wrap,
            network=network,
            generator=generator,
        )
        for step_number, step in enumerate(job.steps, 1):
            if not schedule.applies(step, octave):
                continue
            if not isinstance(step, Optimise):
                canvas = _adjusted(step, canvas, job.canvas.maps, around)
                continue
            for iteration, loss in enumerate(_optimise(step, canvas, around), 1):
                if clock.advance(step, octave):
                    yield Progress(
                        octave=number,
                        octaves=len(octaves),
                        step=step_number,
                        steps=len(job.steps),
                        iteration=iteration,
                        iterations=schedule.iterations(step.solver, octave),
                        loss=_finite(loss, number),
                        fraction=clock.fraction,
                        seconds_left=clock.seconds_left,
                    )
            _finite(loss, number)
            _finite(canvas.mean(), number)  # no loss tells of the last change
        saved = folder.save_stage(number, canvas, generator)
        yield StageSaved(octave=number, octaves=len(octaves), width=octave.width, height=octave.height, maps=saved)
    result = canvas if anchored else canvases.with_calm_border(canvas, wrap)
    yield Finished(maps=folder.save_result(result), seconds=time.monotonic() - began)


def _is_anchored(job: Job) -> bool:
    """Whether it matters where on the torus things are: then nothing may be rolled but by the job's own steps."""
    placed = job.content or isinstance(job.canvas.seed, Picture)
    return bool(placed) or any(isinstance(step, Offset) for step in job.steps)


def _resumed(request: Request, octaves: list[schedule.Octave]) -> Stage | None:
    """The stage to go on from. Raises InputError."""
    number = request.resume_from
    if not number:
        return None
    octave, channels = octaves[min(number, len(octaves)) - 1], sum(kind.channels for kind in request.job.canvas.maps)
    return stage.load(request.out, request.job, number, (1, channels, octave.height, octave.width))


def _adjusted(step: adjustments.Adjustment, canvas: Tensor, maps: tuple[MapKind, ...], around: Surroundings) -> Tensor:
    """The exemplars' colours, too, are those at the octave's scale: less contrast where detail is lost."""
    scale, matches = around.octave.scale, isinstance(step, MatchColours)
    exemplars = [dataclasses.replace(e, texels=e.at(scale)) for e in around.exemplars if matches]
    return adjustments.apply(step, canvas, exemplars, maps, around.wrap, around.generator)


def _optimise(step: Optimise, canvas: Tensor, around: Surroundings) -> Iterator[Tensor]:
    solving = dataclasses.replace(step.solver, iterations=schedule.iterations(step.solver, around.octave))
    return solver.minimise(canvas, Objective(step.terms, canvas, around), solving)


def _out_of_memory(job: Job, error: Exception) -> Failed:
    said = f" ({type(error).__name__}: {' '.join(str(error).split())})" if str(error) else ""
    message = (
        f"out of memory at {job.canvas.width}x{job.canvas.height} px; choose a smaller size or another device. "
        f"The stages saved before stay{said}"
    )
    return Failed(message=message, reason=FailureReason.FAILURE)


def _check_windows(job: Job, exemplars: list[Exemplar]) -> None:
    size = max((patches.size for patches in _patches(job)), default=0)
    for exemplar in exemplars:
        if exemplar.side < size:
            raise InputError(
                f"{exemplar.name}: its shorter side has {exemplar.side} px, cropped and scaled; "
                f"a features.size of {size} needs as many"
            )


def _patches(job: Job) -> Iterator[Patches]:
    """Its random filters."""
    for step in job.steps:
        for term in step.terms if isinstance(step, Optimise) else ():
            if isinstance(patches := getattr(term, "features", None), Patches):
                yield patches


def _network(job: Job, weights: str, device: torch.device) -> Network | None:
    """The pretrained network, as deep as the job needs it. Raises InputError."""
    layers = {layer for step in job.steps for term in getattr(step, "terms", ()) for layer in _layers_of(term)}
    if not layers:
        return None
    path = weight_files.locate(weights)
    if path is None:
        raise InputError(
            f"{vgg.deepest(layers).value} needs the weights of VGG-19, which are not there yet: "
            "neural-texture weights fetch (9 MB), or --weights FILE"
        )
    return vgg.load(str(path), layers, job.canvas.maps, device)


def _layers_of(term: Term) -> Iterable[Layer]:
    features = getattr(term, "features", None)
    return (layer for layer, weight in features.layers.items() if weight) if isinstance(features, Vgg19) else ()


def _finite(number: Tensor, octave: int) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise EngineError(f"the loss became {value} in octave {octave}; lower the terms' weights or the learning rate")
    return value


def _notes_on_extent(job: Job, exemplars: list[Exemplar]) -> Iterator[Noted]:
    for exemplar in exemplars:
        height, width = exemplar.texels.shape[2:]
        shown = job.canvas.width * job.canvas.height / (width * height)
        if shown < 0.25:
            fitting = job.exemplars[exemplar.index].scale * math.sqrt(shown)
            yield Noted(
                message=f"{exemplar.name}: the canvas has room for {shown:.0%} of it at its own texel size; "
                f"a scale of {fitting:.2g} would show all of it"
            )
