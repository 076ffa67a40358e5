"""What a job computes with: the device, its images, the network, its octaves. Changes no canvas, writes no file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ..job.description import Job, Layer, MapKind, Optimise, Patches, Picture, Request, Term, Vgg19
from . import canvas as canvases
from . import device as devices
from . import exemplar as exemplars_on_disk
from . import normals, picture, precision, schedule, stacked, torus
from .errors import InputError
from .exemplar import Exemplar
from .features import vgg
from .features import weights as weight_files
from .features.balance import Balance
from .features.vgg import Network
from .machine import Machine
from .objective import Surroundings
from .plan import Planner
from .torus import Wrap

if TYPE_CHECKING:
    from torch import Generator, Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class Ingredients:
    """All of it, on the device."""

    job: Job
    device: torch.device
    exemplars: list[Exemplar]
    content: Tensor | None
    """At the size of the result."""
    seed: Tensor | None
    """What the canvas is first painted with, if that is a picture."""
    colour: Tensor | None
    """What is made already, at the size of the result."""
    network: Network | None
    balance: Balance | None
    octaves: list[schedule.Octave]

    @property
    def wrap(self) -> Wrap:
        """The canvas's topology."""
        return canvases.wrap_of(self.job.canvas)

    @property
    def channels(self) -> int:
        """Of the canvas."""
        return sum(kind.channels for kind in self.job.canvas.maps)

    @property
    def planner(self) -> Planner:
        """How its steps may be done with the memory that there is."""
        sizes = [(exemplar.texels.shape[2], exemplar.texels.shape[3]) for exemplar in self.exemplars]
        return Planner(job=self.job, exemplars=sizes, machine=Machine.of(self.device))

    def painted(self, octave: schedule.Octave, generator: Generator) -> Tensor:
        """The canvas as it begins."""
        size = octave.height, octave.width
        painted = canvases.paint(self.job.canvas, *size, self.exemplars, generator, self.seed).to(self.device)
        return self.settled(painted)

    def settled(self, canvas: Tensor) -> Tensor:
        """The canvas as it may cross from one octave to the next: its normals of unit length, a colour that is made
        already in its place."""
        maps, colour = self.job.canvas.maps, self.colour
        canvas = normals.renormalised_in(canvas, maps)
        if colour is None:
            return canvas
        there = torus.resize(colour, canvas.shape[2], canvas.shape[3], self.wrap).clamp(0, 1)
        return stacked.changed(canvas, maps, MapKind.COLOUR, lambda _: there)

    def around(self, octave: schedule.Octave, generator: Generator) -> Surroundings:
        """What the objectives of an octave are built in."""
        return Surroundings(
            exemplars=self.exemplars,
            content=self.content,
            maps=self.job.canvas.maps,
            octave=octave,
            wrap=self.wrap,
            network=self.network,
            generator=generator,
            balance=self.balance,
            held=None if self.colour is None else MapKind.COLOUR,
        )


def gather(request: Request) -> Ingredients:
    """Reads what the request names. Raises InputError."""
    job, device = request.job, devices.choose(request.device)
    exemplars = exemplars_on_disk.load(job.exemplars, job.canvas.maps, device)
    content = picture.load(job.content, job.canvas).to(device) if job.content else None
    seed = picture.load(job.canvas.seed, job.canvas) if isinstance(job.canvas.seed, Picture) else content
    colour = picture.load(job.canvas.colour, job.canvas).to(device) if job.canvas.colour else None
    network = _network(job, request.weights, device)
    _check_windows(job, exemplars)
    side = min((exemplar.side for exemplar in exemplars), default=math.inf)
    return Ingredients(
        job=job,
        device=device,
        exemplars=exemplars,
        content=content,
        seed=seed,
        colour=colour,
        network=network,
        balance=Balance.of([exemplar.texels for exemplar in exemplars], job.canvas.maps, job.canvas.map_weights),
        octaves=schedule.up_to(schedule.octaves(job.canvas, job.octaves, side), request.up_to_size),
    )


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
    return vgg.load(str(path), layers, job.canvas.maps, device, precision.of_network(device))


def _layers_of(term: Term) -> Iterable[Layer]:
    features = getattr(term, "features", None)
    return (layer for layer, weight in features.layers.items() if weight) if isinstance(features, Vgg19) else ()
