"""A photograph -> a material in an asset library, a .blend. What is in it is known by the photograph's path."""

import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Material

from ..job.description import Device, Exemplar, Job, MapKind, limits
from ..job.events import Cancelled, Failed
from . import asset, asset_catalog, generation, job_from_scene, output_folder, preview
from .asset import About
from .errors import UserError
from .job_from_scene import Choice, StyleImage
from .placement import Destination, Placement
from .preset_in_scene import weights_are_there
from .session import Session
from .translations import rpt_

_KEY = "neural_texture_photograph"
_path: Any = bpy.path
"""Its stubs don't know what Blender calls an image."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What every photograph is to become."""

    choice: Choice
    scale: float | None
    """Of the photographs' features; None shows all of each."""
    placement: Placement
    about: About


def photographs(folder: Path, library: Path) -> list[Path]:
    """The image files in `folder` and the folders in it, but for the library's own and hidden ones."""

    def within(path: Path) -> Iterator[Path]:
        for entry in sorted(path.iterdir()):
            if entry.name.startswith(".") or entry == _textures(library):
                continue
            if entry.is_dir():
                yield from within(entry)
            elif entry.suffix.lower() in _path.extensions_image:
                yield entry

    return list(within(folder))


def check(photo: Path, wish: Wish) -> None:
    """See whether photographs can be made into what is wished for. Raises UserError."""
    _job(photo, wish)


def open_or_begin(library: Path, catalog: str) -> None:
    """Open the .blend, or save an empty one: a place that can't be written to is told before the work.

    Raises UserError.
    """
    try:
        if library.exists():
            bpy.ops.wm.open_mainfile(filepath=str(library), load_ui=False, use_scripts=False)
        else:
            bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
            bpy.ops.wm.save_as_mainfile(filepath=str(library))
    except RuntimeError as fault:
        raise UserError(
            rpt_("{library} is no library that can be written: {reason}").format(library=library, reason=_reason(fault))
        ) from None
    where, path = asset_catalog.folder(), asset.catalog_path(catalog)
    if where and path:
        asset_catalog.ensure(where, path)


def save() -> None:
    """Save the library. Raises UserError."""
    try:
        bpy.ops.wm.save_mainfile()
    except RuntimeError as fault:
        raise UserError(
            rpt_("{filepath} can't be saved: {reason}").format(filepath=bpy.data.filepath, reason=_reason(fault))
        ) from None
    for image in bpy.data.images:
        image.buffers_free()  # a library may have hundreds


def known() -> set[Path]:
    """The photographs that have a material in the library."""
    materials: Any = bpy.data.materials
    kept = (material.get(_KEY) for material in materials if not material.library)
    return {Path(bpy.path.abspath(path)).resolve() for path in kept if isinstance(path, str)}


def add(photo: Path, folders: Sequence[str], wish: Wish, show: Callable[[Session], object]) -> Material | None:
    """Make the material of a photograph, which lies in `folders`; None if it was cancelled. Raises UserError."""
    textures = _textures(Path(bpy.data.filepath))
    asked = generation.asked_for(
        _job(photo, wish),
        Destination(images_only=True, preset=wish.choice.preset),
        folder=str(textures),
        device=Device(wish.choice.device),
        memory=wish.choice.memory,
    )
    generation.submit(asked)
    generation.wait(asked, show)
    out = Path(asked.request.out)
    match asked.ending:
        case Cancelled():
            _remove(out)
            return None
        case Failed(message=why):
            _remove(out)
            raise UserError(why)
    image = preview.by_uid(asked.image_uids.get(MapKind.COLOUR))
    if image is None:
        raise UserError(rpt_("Blender can't read the texture in {out}").format(out=out))
    made, _ = generation.apply(asked, Destination(placement=wish.placement))
    made[_KEY] = preview.notation(str(photo.resolve()))
    if image.packed_files:
        _forget_file(image, out)
    asset.mark(made, image, _about(photo, folders, wish))
    return made


def _job(photo: Path, wish: Wish) -> Job:
    scale = _fitting(photo, wish.choice) if wish.scale is None else wish.scale
    images = (StyleImage(filepath=str(photo), scale=scale),)
    job = job_from_scene.job(replace(wish.choice, images=images), weights_are_there)
    job_from_scene.check(job, weights_are_there)
    return job


def _forget_file(image: Any, out: Path) -> None:
    """The .blend has it now. Only a photograph that was converted for the engine stays: the record names it."""
    image.filepath_raw = f"//{out.parent.name}/{bpy.path.clean_name(image.name)}{Path(image.filepath).suffix}"
    for packed in image.packed_files:
        packed.filepath = image.filepath_raw
    if not (out / output_folder.INPUTS).exists():
        _remove(out)


def _remove(out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    with suppress(OSError):
        out.parent.rmdir()


def _reason(fault: RuntimeError) -> str:
    return str(fault).strip().removeprefix("Error: ")


def _fitting(photo: Path, choice: Choice) -> float:
    """The scale at which the canvas has room for all of a photograph; none is enlarged."""
    try:
        image = bpy.data.images.load(str(photo))
    except RuntimeError:
        return Exemplar.scale  # the engine says what is wrong with it
    width, height = image.size
    bpy.data.images.remove(image)
    shown = choice.width * choice.height / max(1, width * height)
    return max(limits(Exemplar, "scale")[0], min(1.0, math.sqrt(shown)))


def _about(photo: Path, folders: Sequence[str], wish: Wish) -> About:
    said = wish.about
    return replace(
        said,
        description=rpt_("From the photograph {name}").format(name=photo.name),
        tags=(*said.tags, *folders),
        catalog="/".join((said.catalog, *folders)),
    )


def _textures(library: Path) -> Path:
    """Where the files are, or were until they were packed."""
    return library.with_name(f"{library.stem}_textures")
