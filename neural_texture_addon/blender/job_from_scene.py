"""What the artist chose -> Request. Raises UserError; starts nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy

from ..job import presets
from ..job.description import Canvas, Exemplar, Job, MapKind, Request, Tiling
from ..job.presets import Family, NeedsWeightsError, NotMadeForError
from .errors import UserError

AUTO = "auto"
"""The features that the preset makes most of, as far as there are weights."""


@dataclass(frozen=True, kw_only=True)
class StyleImage:
    """An image file and how it takes part."""

    filepath: str
    weight: float = Exemplar.weight
    scale: float = Exemplar.scale


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the artist chose, be it in the panel, by an operator's keywords or on a command line."""

    images: tuple[StyleImage, ...] = ()
    width: int = Canvas.width
    height: int = Canvas.height
    seed: int = Canvas.random_seed
    tiling: str = Canvas.tiling.value
    preset: str = presets.DEFAULT
    features: str = AUTO
    device: str = Request.device.value

    @classmethod
    def of(cls, settings: Any) -> "Choice":
        """What is set in the panel."""
        images = (
            StyleImage(filepath=image.filepath, weight=image.weight, scale=image.scale)
            for image in settings.images
            if image.enabled
        )
        return cls(images=tuple(images), **{name: getattr(settings, name) for name in _PLAIN})

    def overruled_by(self, operator: Any) -> "Choice":
        """With the keywords that were given to `operator` in place of these."""
        given = {name: getattr(operator, name) for name in _PLAIN if operator.properties.is_property_set(name)}
        if operator.images:
            given["images"] = tuple(StyleImage(filepath=path) for path in operator.images.splitlines())
        return replace(self, **given)


_PLAIN = ("width", "height", "seed", "tiling", "preset", "features", "device")


def job(choice: Choice, weights_are_there: Callable[[], bool]) -> Job:
    """The job of `choice`; asks for the weights of VGG-19 only where they matter. Raises UserError."""
    preset = _preset_job(choice, weights_are_there)
    canvas = replace(
        preset.canvas,
        width=choice.width,
        height=choice.height,
        random_seed=choice.seed,
        tiling=Tiling(choice.tiling),
    )
    return replace(preset, exemplars=_exemplars(choice.images), canvas=canvas)


def _preset_job(choice: Choice, weights_are_there: Callable[[], bool]) -> Job:
    preset = presets.load(choice.preset)
    wanted = None if choice.features == AUTO else Family(choice.features)
    try:
        return preset.choose(wanted, preset.gains_from_weights and weights_are_there())
    except (NotMadeForError, NeedsWeightsError) as error:
        raise UserError(f"{str(error)[0].upper()}{str(error)[1:]}") from None


def _exemplars(images: Iterable[StyleImage]) -> tuple[Exemplar, ...]:
    exemplars = tuple(_exemplar(image) for image in images)
    if not exemplars:
        raise UserError("There is no style image: add one in the Neural Texture panel")
    return exemplars


def _exemplar(image: StyleImage) -> Exemplar:
    if not image.filepath:
        raise UserError("A style image names no file: choose one or remove it")
    path = Path(bpy.path.abspath(image.filepath)).absolute()
    if not path.is_file():
        raise UserError(f"The style image is not there: {path}")
    return Exemplar(maps={MapKind.COLOUR: str(path)}, weight=image.weight, scale=image.scale)
