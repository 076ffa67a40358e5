"""A preset's job, or one from a file -> the settings of a scene, where the artist may change it."""

from pathlib import Path
from typing import Any

from ..job.description import Exemplar, Job, MapKind
from . import described, job_from_scene, preferences
from .errors import UserError
from .job_from_scene import AS_PRESET, MAP_FILES, Choice
from .translations import rpt_


def weights_are_there() -> bool:
    """Whether a file of the weights of VGG-19 is there, or is named."""
    return bool(preferences.weights_path())


def customise(settings: Any) -> None:
    """Make the chosen preset's steps the artist's own. Raises UserError."""
    job = _preset_job(settings)
    if not settings.use_octaves:
        described.put(settings, "octaves", job.octaves)
    if not settings.use_start:
        described.put(settings, "start", job.canvas.seed)
    if settings.tiling == AS_PRESET:
        described.put(settings, "tiling", job.canvas.tiling)
    described.put(settings, "steps", job.steps)
    settings.use_octaves = settings.use_start = settings.customised = True


def back_to_preset(settings: Any) -> None:
    """Let the preset's steps, octaves, start and repeats hold again."""
    settings.customised = settings.use_octaves = settings.use_start = False
    settings.tiling = AS_PRESET


def use_octaves(settings: Any) -> None:
    """Begin with the preset's octaves, or go back to them. Raises UserError."""
    if not settings.use_octaves:
        described.put(settings, "octaves", _preset_job(settings).octaves)
    settings.use_octaves = not settings.use_octaves


def use_start(settings: Any) -> None:
    """As `use_octaves`, what the picture is before the first step."""
    if not settings.use_start:
        described.put(settings, "start", _preset_job(settings).canvas.seed)
    settings.use_start = not settings.use_start


def show(job: Job, settings: Any) -> None:
    """Set everything in the panel to what the job says. Raises UserError, and then has changed nothing."""
    if job.canvas.random_seed > described.LARGEST_INT:
        raise UserError(
            rpt_("canvas.random_seed is {random_seed}; Blender's numbers end at {LARGEST_INT}").format(
                random_seed=job.canvas.random_seed, LARGEST_INT=described.LARGEST_INT
            )
        )
    settings.images.clear()
    for exemplar in job.exemplars:
        _show_exemplar(exemplar, settings.images.add())
    settings.active_image = 0
    settings.use_content = job.content is not None
    settings.use_colour = job.canvas.colour is not None
    settings.use_octaves = settings.use_start = settings.customised = True
    if job.content:
        described.put(settings, "content", job.content)
    if job.canvas.colour:
        described.put(settings, "colour", job.canvas.colour)
    for name, said in (
        ("width", job.canvas.width),
        ("height", job.canvas.height),
        ("seed", job.canvas.random_seed),
        ("tiling", job.canvas.tiling),
        ("maps", job.canvas.maps),
        ("map_weights", job.canvas.map_weights),
        ("start", job.canvas.seed),
        ("octaves", job.octaves),
        ("output", job.output),
        ("steps", job.steps),
    ):
        described.put(settings, name, said)
    if job.canvas.width == job.canvas.height:
        settings.property_unset("height")  # as a square has it


def _show_exemplar(exemplar: Exemplar, image: Any) -> None:
    for kind, path in exemplar.maps.items():
        described.put(image, MAP_FILES[kind], path)
    image.name = Path(exemplar.maps.get(MapKind.COLOUR) or next(iter(exemplar.maps.values()))).stem
    image.use_crop = exemplar.crop is not None
    for name in ("weight", "scale", "magnifications", "crop", "packed", "packed_as", "green"):
        if (said := getattr(exemplar, name)) is not None:
            described.put(image, name, said)


def _preset_job(settings: Any) -> Job:
    return job_from_scene.preset_job(Choice.of(settings), weights_are_there)
