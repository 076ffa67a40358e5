"""Where a texture's files go: always into a folder of its own, never over an earlier texture."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import bpy

from ..job import file_names
from .errors import UserError
from .extension import user_folder
from .translations import rpt_

_BESIDE_THE_BLEND = "//textures/neural_texture"

INPUTS = "inputs"
"""The folder in a texture's folder for style images that are no files of their own."""


def new(name: str, folder: str = "") -> Path:
    """A new folder for the texture `name` in `folder` (empty: the usual place). Raises UserError."""
    place = parent(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        for path in _candidates(place, file_names.portable(bpy.path.clean_name(name))):
            try:
                path.mkdir()
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise UserError(
            rpt_("No texture can be saved in {parent}: {strerror}").format(parent=place, strerror=error.strerror)
        ) from None
    raise AssertionError


def parent(folder: str = "") -> Path:
    """Where new folders are made: in `folder`, or in the usual place."""
    return Path(bpy.path.abspath(folder)).absolute() if folder else _usual_place()


def exactly(folder: str) -> Path:
    """Make `folder` itself, as a script asked for. Raises UserError."""
    path = Path(bpy.path.abspath(folder)).absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            rpt_("No texture can be saved in {path}: {strerror}").format(path=path, strerror=error.strerror)
        ) from None
    return path


def remove_if_empty(path: Path) -> None:
    """Take back a folder that `new` made, if no texture was written into it."""
    with suppress(OSError):
        if [file.name for file in path.iterdir()] == [INPUTS]:
            shutil.rmtree(path / INPUTS)
        path.rmdir()


def goes_with_the_extension(path: str) -> bool:
    """Whether a file is where those are whose .blend was not saved yet: an uninstall takes it along."""
    return Path(bpy.path.abspath(path)).is_relative_to(_own_place())


def _usual_place() -> Path:
    if bpy.data.filepath:
        return Path(bpy.path.abspath(_BESIDE_THE_BLEND))
    return _own_place()


def _own_place() -> Path:
    return user_folder("textures")


def _candidates(parent: Path, name: str) -> Iterator[Path]:
    return (parent / (f"{name}_{number:03}" if number > 1 else name) for number in count(1))
