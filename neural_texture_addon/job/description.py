"""The job: one frozen description of everything that shapes a result. Nothing here computes a picture.

Every default of the product stands here, once; so does every allowed range (in the field's metadata, where the
reader, the command line and Blender's panel look it up).
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FORMAT_VERSION = 1
"""Raised whenever a job that was valid before would be read differently."""


class MapKind(StrEnum):
    """One map of a material: what the numbers of an image mean."""

    COLOUR = "colour"
    NORMAL = "normal"
    HEIGHT = "height"
    ROUGHNESS = "roughness"

    @property
    def channels(self) -> int:
        """How many numbers a texel of this map holds."""
        return _CHANNELS[self]


_CHANNELS = {MapKind.COLOUR: 3, MapKind.NORMAL: 3, MapKind.HEIGHT: 1, MapKind.ROUGHNESS: 1}


class Tiling(StrEnum):
    """The axes along which the canvas wraps around. `BOTH` is the torus; `X` repeats to the left and right only."""

    BOTH = "both"
    X = "x"
    Y = "y"


class FileFormat(StrEnum):
    """Lossless formats of the result; the value is the file's suffix."""

    PNG = "png"
    TIFF = "tiff"
    WEBP = "webp"


class Device(StrEnum):
    """Where the engine computes. `AUTO` takes CUDA, then MPS, then the CPU."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


def ranged(default: float, low: float, high: float) -> Any:
    """A number field with its default and its allowed range, both ends included."""
    return field(default=default, metadata={"low": low, "high": high})


def at_least_one(**default: Any) -> Any:
    """A tuple field that may not be empty."""
    return field(**default, metadata={"at_least": 1})


class Variant:
    """A member of a union of dataclasses. Its JSON says which one it is: ``{"type": "plasma", ...}``."""


@dataclass(frozen=True, kw_only=True)
class Crop:
    """A rectangle of the exemplar, as fractions of its width and height; (0, 0) is the upper left corner."""

    left: float = ranged(0.0, 0.0, 1.0)
    top: float = ranged(0.0, 0.0, 1.0)
    width: float = ranged(1.0, 0.0, 1.0)
    height: float = ranged(1.0, 0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Exemplar:
    """A style image: the texture to resemble. All its maps show the same surface, texel by texel."""

    maps: Mapping[MapKind, str] = at_least_one()
    """Path of each map's image file."""
    weight: float = ranged(1.0, 0.0, 1000.0)
    """Its share in the target, relative to the other exemplars."""
    scale: float = ranged(1.0, 0.01, 16.0)
    """Size of its features on the canvas: 1 keeps its texels, 2 draws everything twice as large."""
    crop: Crop | None = None


@dataclass(frozen=True, kw_only=True)
class Plasma(Variant):
    """Diamond-square fractal noise in the exemplar's colours (Fournier, Fussell & Carpenter 1982)."""

    roughness: float = ranged(0.6, 0.0, 1.0)
    """Share of its amplitude that the random displacement keeps from one scale to the next: 0 smooth, 1 noise."""


@dataclass(frozen=True, kw_only=True)
class Noise(Variant):
    """Independent texels, each a random texel of the exemplar."""


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """The picture being optimised."""

    width: int = ranged(512, 16, 16384)
    height: int = ranged(512, 16, 16384)
    maps: tuple[MapKind, ...] = at_least_one(default=(MapKind.COLOUR,))
    tiling: Tiling = Tiling.BOTH
    seed: Plasma | Noise = Plasma()
    random_seed: int = ranged(1, 0, 2**32 - 1)


@dataclass(frozen=True, kw_only=True)
class Octaves:
    """The pyramid: from `start_size` px up to the final size, each octave `growth` times larger than the one before."""

    start_size: int = ranged(23, 8, 4096)
    """Length in px, at the coarsest octave, of the shorter side of the canvas or of the smallest exemplar
    (whichever is less): what a filter sees of the exemplar there."""
    growth: float = ranged(2**0.5, 1.05, 4.0)
    """A pyramid of ratio 0.85 has a growth of 1 / 0.85."""


@dataclass(frozen=True, kw_only=True)
class Patches(Variant):
    """Feature family without weights: random linear filters over small windows, drawn anew at each iteration."""

    size: int = ranged(7, 2, 32)
    """Side of the window in texels."""
    filters: int = ranged(64, 1, 1024)
    stride: int = ranged(2, 1, 8)
    """From `stride_from` px up, only every stride-th row and column of windows is seen, at a random offset
    drawn at each iteration: the gradient stays unbiased and the cost falls by the stride's square."""
    stride_from: int = ranged(128, 0, 16384)


Features = Patches


@dataclass(frozen=True, kw_only=True)
class SlicedWasserstein(Variant):
    """Loss term: the distance between the distributions of canvas and exemplar along each filter."""

    weight: float = ranged(1.0, -1000.0, 1000.0)
    features: Features = Patches()


Term = SlicedWasserstein


@dataclass(frozen=True, kw_only=True)
class Adam(Variant):
    """The solver (Kingma & Ba 2015), its step falling linearly, with an average over the last iterates."""

    iterations: int = ranged(150, 1, 100_000)
    """Of the finest octave."""
    coarse_iterations: int = ranged(400, 1, 100_000)
    """Of the coarsest octave, where they are cheap and the layout is decided. In between they change by a constant
    factor from octave to octave."""
    learning_rate: float = ranged(0.02, 1e-6, 1.0)
    final_learning_rate: float = ranged(0.0005, 0.0, 1.0)
    average_from: float = ranged(0.5, 0.0, 1.0)
    """Share of the iterations after which the average starts; 1 takes the last iterate as it is."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One optimisation of the canvas within an octave."""

    terms: tuple[Term, ...] = at_least_one(default=(SlicedWasserstein(),))
    solver: Adam = Adam()


@dataclass(frozen=True, kw_only=True)
class Output:
    """How the result is written."""

    format: FileFormat = FileFormat.PNG


@dataclass(frozen=True, kw_only=True)
class Job:
    """Everything that shapes a result. The same job gives the same picture on the CPU, bit for bit."""

    exemplars: tuple[Exemplar, ...] = at_least_one()
    canvas: Canvas = Canvas()
    octaves: Octaves = Octaves()
    steps: tuple[Step, ...] = at_least_one(default=(Step(),))
    output: Output = Output()


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a worker: a job, the folder for its files, and the device. The latter two shape no picture."""

    job: Job
    out: str
    device: Device = Device.AUTO


def limits(owner: type, name: str) -> tuple[float, float]:
    """The allowed range of a number field, both ends included, e.g. ``limits(Canvas, "width")``."""
    metadata = next(f.metadata for f in dataclasses.fields(owner) if f.name == name)
    return metadata["low"], metadata["high"]
