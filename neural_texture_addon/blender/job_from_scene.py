"""What the artist chose -> Job. Raises UserError; starts nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import bpy

from ..job import presets, together, wire
from ..job.description import (
    Canvas,
    Content,
    Crop,
    Exemplar,
    FromContent,
    Green,
    Job,
    MapKind,
    Octaves,
    Optimise,
    Output,
    PackedAs,
    PatternAlignment,
    Picture,
    Request,
    Seed,
    Step,
    StyleTerm,
    Term,
    Tiling,
    Vgg19,
)
from ..job.presets import Family, NeedsWeightsError, NotMadeForError
from ..job.wire import WireError
from . import described, preset_list, style_image_files, words
from .errors import UserError
from .translations import rpt_

AUTO = "auto"
"""The features that the preset makes most of, as far as there are weights."""
MAP_FILES: Mapping[MapKind, str] = {kind: kind.value for kind in MapKind} | {MapKind.COLOUR: "filepath"}
"""The property of a style image that names each map's file."""
MAP_IMAGES: Mapping[MapKind, str] = {kind: f"{kind}_image" for kind in MapKind} | {MapKind.COLOUR: "image"}
"""The property that names an image in Blender in place of that file."""
AS_PRESET = "preset"
"""Repeats as the preset has it."""
_FETCH = "fetch them in the extension's preferences (9 MB)"


@dataclass(frozen=True, kw_only=True)
class StyleImage:
    """An image file and how it takes part."""

    filepath: str
    """Or a reference to an image in Blender."""
    other_maps: dict[MapKind, str] = field(default_factory=dict)
    weight: float = Exemplar.weight
    scale: float = Exemplar.scale
    magnifications: tuple[float, ...] = Exemplar.magnifications
    crop: Crop | None = None
    packed: str = Exemplar.packed
    packed_as: PackedAs = Exemplar.packed_as
    green: Green = Exemplar.green

    @classmethod
    def of_exemplar(cls, exemplar: Exemplar) -> "StyleImage":
        """What makes this exemplar."""
        maps = dict(exemplar.maps)
        said: dict[str, Any] = {f.name: getattr(exemplar, f.name) for f in fields(Exemplar) if f.name != "maps"}
        return cls(filepath=maps.pop(MapKind.COLOUR, ""), other_maps=maps, **said)

    @classmethod
    def of(cls, image: Any) -> "StyleImage":
        """A row of the panel's list."""
        others = {kind: path for kind in MapKind if (path := _map_of(image, kind))}
        filepath = others.pop(MapKind.COLOUR, "")
        said: dict[str, Any] = {
            name: described.value(Exemplar, name, image)
            for name in ("weight", "scale", "magnifications", "packed", "packed_as", "green")
        }
        said["crop"] = described.value(Exemplar, "crop", image) if image.use_crop else None
        said["magnifications"] = said["magnifications"] or Exemplar.magnifications
        return cls(filepath=filepath, other_maps=others, **said)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the artist chose, be it in the panel, by an operator's keywords or on a command line."""

    images: tuple[StyleImage, ...] = ()
    width: int = Canvas.width
    height: int = Canvas.height
    seed: int = Canvas.random_seed
    tiling: str = AS_PRESET
    preset: str = presets.DEFAULT
    features: str = AUTO
    device: str = Request.device.value
    memory: float = Request.memory
    maps: tuple[MapKind, ...] = Canvas.maps
    map_weights: Mapping[MapKind, float] = field(default_factory=dict)
    colour: Picture | None = None
    output: Output = field(default_factory=Output)
    content: Picture | None = None
    octaves: Octaves | None = None
    """Where it is None: the preset's. So with the next two."""
    start: Seed | None = None
    steps: tuple[Step, ...] | None = None

    @classmethod
    def of(cls, settings: Any) -> "Choice":
        """What is set in the panel."""
        own = settings.customised
        return cls(
            images=tuple(StyleImage.of(image) for image in settings.images if image.enabled),
            maps=described.value(Canvas, "maps", settings),
            map_weights=described.value(Canvas, "map_weights", settings),
            colour=described.value(Canvas, "colour", settings) if settings.use_colour else None,
            output=described.value(Job, "output", settings),
            content=described.value(Job, "content", settings) if settings.use_content else None,
            octaves=described.value(Job, "octaves", settings) if own or settings.use_octaves else None,
            start=described.value(Canvas, "seed", settings, "start") if own or settings.use_start else None,
            steps=_renumbered(described.value(Job, "steps", settings), settings.images) if own else None,
            **{name: getattr(settings, name) for name in _PLAIN}
            | ({} if settings.is_property_set("height") else {"height": settings.width}),
        )

    @classmethod
    def of_job(cls, job: Job, device: str = Request.device.value, memory: float = Request.memory) -> "Choice":
        """What makes this job."""
        canvas = job.canvas
        return cls(
            images=tuple(map(StyleImage.of_exemplar, job.exemplars)),
            width=canvas.width,
            height=canvas.height,
            seed=canvas.random_seed,
            tiling=canvas.tiling.value,
            maps=canvas.maps,
            map_weights=canvas.map_weights,
            colour=canvas.colour,
            output=job.output,
            content=job.content,
            octaves=job.octaves,
            start=canvas.seed,
            steps=job.steps,
            device=device,
            memory=memory,
        )

    def overruled_by(self, operator: Any) -> "Choice":
        """With the keywords that were given to `operator` in place of these; a preset in place of all steps.

        Of a square, one side says both.
        """
        given = {name: getattr(operator, name) for name in _PLAIN if operator.properties.is_property_set(name)}
        if self.width == self.height and len(sides := given.keys() & {"width", "height"}) == 1:
            given["width"] = given["height"] = given[sides.pop()]
        if self.steps is not None and given.keys() & {"preset", "features"}:
            given |= {"steps": None, "octaves": None, "start": None}
        if operator.images:
            given["images"] = tuple(StyleImage(filepath=path) for path in operator.images.splitlines())
        if operator.content:
            given["content"] = replace(self.content or Picture(path=""), path=operator.content)
        return replace(self, **given)


_PLAIN = ("width", "height", "seed", "tiling", "preset", "features", "device", "memory")


def job(choice: Choice, weights_are_there: Callable[[], bool]) -> Job:
    """The job of `choice`; asks for the weights of VGG-19 only where the preset gains from them. Raises UserError."""
    start = Job(steps=choice.steps) if choice.steps is not None else preset_job(choice, weights_are_there)
    if faults := [*_empty(choice)]:
        raise UserError("; ".join(faults))
    return replace(
        start,
        exemplars=tuple(map(_exemplar, choice.images)),
        content=_located(choice.content),
        canvas=Canvas(
            width=choice.width,
            height=choice.height,
            maps=choice.maps,
            map_weights=choice.map_weights,
            colour=_located(choice.colour),
            tiling=start.canvas.tiling if choice.tiling == AS_PRESET else Tiling(choice.tiling),
            seed=_located(choice.start or start.canvas.seed),
            random_seed=choice.seed,
        ),
        octaves=choice.octaves or start.octaves,
        output=choice.output,
    )


def preset_job(choice: Choice, weights_are_there: Callable[[], bool]) -> Job:
    """The job of the preset, for the features and the maps that were chosen. Raises UserError."""
    preset = preset_list.load(choice.preset)
    wanted = None if choice.features == AUTO else Family(choice.features)
    try:
        job = preset.choose(wanted, preset.gains_from_weights and weights_are_there())
    except NotMadeForError as error:
        raise UserError(_sentence(str(error))) from None
    except NeedsWeightsError as error:
        raise UserError(_sentence(f"{error}: {_FETCH}")) from None
    maps = choice.maps or job.canvas.maps
    return together.with_terms_for_several(replace(job, canvas=replace(job.canvas, maps=maps)))


def would_gain(choice: Choice, weights_are_there: Callable[[], bool]) -> bool:
    """Whether the preset would take another job if the weights were there."""
    automatic = choice.steps is None and choice.features == AUTO
    return automatic and preset_list.load(choice.preset).gains_from_weights and not weights_are_there()


def check(job: Job, weights_are_there: Callable[[], bool]) -> None:
    """See whether its values are allowed, and all that it reads is there. Raises UserError."""
    if not job.exemplars and any(isinstance(term, StyleTerm | PatternAlignment) for term in _terms(job)):
        raise UserError(rpt_("There is no style image: add one in the Neural Texture panel"))
    if job.content is None and follows_content(job):
        raise UserError(rpt_("A content image is needed: choose one in the Neural Texture panel"))
    if job.output.bits > (most := job.output.format.most_bits):
        name = words.CHOICES[job.output.format][0]
        raise UserError(
            rpt_("{name} files have up to {value} bits: choose fewer, or another format, under Output").format(
                name=name, value=most.value
            )
        )
    if faults := [*_missing_files(job)]:
        raise UserError("; ".join(faults))
    if any(isinstance(getattr(term, "features", None), Vgg19) for term in _terms(job)) and not weights_are_there():
        raise UserError(
            rpt_("The steps look through a trained network, and its VGG-19 weights are not there: {_FETCH}").format(
                _FETCH=_FETCH
            )
        )
    try:
        wire.from_plain(Job, wire.to_plain(job))
    except WireError as error:
        raise UserError(str(error)) from None


def _empty(choice: Choice) -> Iterator[str]:
    """What the artist emptied or switched off, though a job can't do without it."""
    if not choice.maps:
        yield "No map is chosen: choose one under Output"
    if choice.steps is not None and not choice.steps:
        yield "No step is switched on: add one, or go back to the preset"
    for step in choice.steps or ():
        if isinstance(step, Optimise) and not step.terms:
            yield "An Optimise step has no term that is switched on: add one, or switch off the step"
        for term in step.terms if isinstance(step, Optimise) else ():
            looks = getattr(term, "features", None)
            if isinstance(looks, Vgg19) and not looks.layers:
                yield "A term looks at no layer of VGG-19: add one, or switch off the term"


def _renumbered(steps: tuple[Step, ...], images: Any) -> tuple[Step, ...]:
    """With the style images counted as the job will have them, without those that are switched off."""
    numbers: dict[int, int] = {}
    for row, image in enumerate(images):
        if image.enabled:
            numbers[row] = len(numbers)

    def renumbered(term: Any) -> Any:
        rows = getattr(term, "exemplars", ())
        if not rows:
            return term
        there = tuple(numbers.get(row, row) for row in rows if row in numbers or row >= len(images))
        if not there:
            raise UserError(rpt_("A term looks only at style images that are switched off: switch off the term, too"))
        return replace(term, exemplars=there)

    return tuple(
        replace(step, terms=tuple(map(renumbered, step.terms))) if isinstance(step, Optimise) else step
        for step in steps
    )


def _map_of(image: Any, kind: MapKind) -> str:
    in_blender = getattr(image, MAP_IMAGES[kind])
    return style_image_files.path_of(in_blender) if in_blender else getattr(image, MAP_FILES[kind])


def _exemplar(image: StyleImage) -> Exemplar:
    said = {f.name: getattr(image, f.name) for f in fields(Exemplar) if f.name != "maps"}
    colour = {MapKind.COLOUR: image.filepath} if image.filepath or not image.other_maps else {}
    maps = colour | image.other_maps
    said["packed"] = absolute(image.packed)
    return Exemplar(maps={kind: absolute(path) for kind, path in maps.items()}, **said)


def _located(picture: Any) -> Any:
    return replace(picture, path=absolute(picture.path)) if isinstance(picture, Picture) else picture


def absolute(path: str) -> str:
    """An image's path as it may stand in a job; one that begins with // counts from the .blend."""
    if style_image_files.is_reference(path):
        return path
    return str(Path(bpy.path.abspath(path)).absolute()) if path else ""


def _missing_files(job: Job) -> Iterator[str]:
    for exemplar in job.exemplars:
        for kind in job.canvas.maps:
            what = "style image" if kind is MapKind.COLOUR else rpt_("style image's {kind} map").format(kind=kind)
            yield from _missing_file(what, exemplar.path_of(kind) or "")
    if job.content:
        yield from _missing_file("content image", job.content.path)
    if job.canvas.colour:
        yield from _missing_file("image with the colour", job.canvas.colour.path)
    if isinstance(job.canvas.seed, Picture):
        yield from _missing_file("image to start from", job.canvas.seed.path)


def _missing_file(what: str, path: str) -> Iterator[str]:
    if not path:
        yield rpt_("{what} {what_2} names no file: choose one or remove it").format(
            what="An" if what[0] in "aeiou" else "A", what_2=what
        )
    elif style_image_files.is_reference(path):
        yield from filter(None, [style_image_files.fault(path)])
    elif not Path(path).is_file():
        yield rpt_("The {what} is not there: {path}").format(what=what, path=path)


def follows_content(job: Job) -> bool:
    """Whether it can't do without a content image."""
    return isinstance(job.canvas.seed, FromContent) or any(isinstance(term, Content) for term in _terms(job))


def _terms(job: Job) -> Iterator[Term]:
    return (term for step in job.steps if isinstance(step, Optimise) for term in step.terms)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
