"""The presets that an artist can choose: the built-in ones, and files of the artist's own that look like them.

These lie in the extension's user folder, which upgrades leave. One that can't be read is listed with its fault.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy
from bpy.types import UILayout

from ..job import file_names, presets
from ..job.presets import Preset
from ..job.wire import WireError
from . import described, thumbnails
from .errors import UserError
from .extension import user_folder
from .translations import rpt_

_LONGEST_NAME = 60
_MISSING = "missing:"
_BROKEN = "broken:"
"""Before the name of a file that can't be used: no preset can be called so."""
_Item = tuple[str, str, str, int, int]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the list."""

    name: str
    title: str
    description: str
    picture: str
    """Path of a small picture of what it makes, be it there or not."""
    file: Path | None = None
    """Of one of the artist's own."""
    preset: Preset | None
    """None: it can't be read, and `description` says why."""


def folder() -> Path:
    """Where the artist's own presets are."""
    return user_folder("presets")


def entries() -> tuple[Entry, ...]:
    """The built-in presets, then the artist's own by their names."""
    return (*_built_in(), *_own(_signature()))


def names() -> list[str]:
    """Of those that can be used."""
    return [entry.name for entry in entries() if entry.preset]


def find(name: str) -> Entry | None:
    """The line of that name."""
    return next((entry for entry in entries() if entry.name == name), None)


def title_of(name: str) -> str:
    """What the artist knows it by; empty if it is not there."""
    entry = find(name)
    return entry.title if entry else ""


def load(name: str) -> Preset:
    """The preset of that name. Raises UserError."""
    entry = find(name)
    if entry is None:
        raise UserError(rpt_("The preset that was chosen is not on this computer: choose another"))
    if entry.preset is None:
        raise UserError(
            rpt_("The preset {removeprefix} can't be used: {description}").format(
                removeprefix=name.removeprefix(_BROKEN), description=entry.description
            )
        )
    return entry.preset


def save(preset: Preset) -> None:
    """Write it, over one of the artist's own that has its name. Raises UserError."""
    if preset.name in presets.names():
        raise UserError(rpt_("{title} is the name of a built-in preset: choose another").format(title=preset.title))
    path = folder() / f"{preset.name}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(presets.to_json(preset), encoding="utf-8")
    except OSError as error:
        raise UserError(
            rpt_("{path}: the preset can't be saved ({strerror})").format(path=path, strerror=error.strerror)
        ) from None


def remove(name: str) -> None:
    """Delete one of the artist's own. Raises UserError."""
    entry = find(name)
    if entry is None or entry.file is None:
        raise UserError(rpt_("{name} is not one of your own presets").format(name=name))
    try:
        entry.file.unlink()
    except OSError as error:
        raise UserError(
            rpt_("{file}: the preset can't be removed ({strerror})").format(file=entry.file, strerror=error.strerror)
        ) from None


def name_of(title: str) -> str:
    """The name that a preset of this title has in files and scripts. Raises UserError."""
    name = bpy.path.clean_name(title.strip()).lower()[:_LONGEST_NAME]
    if not name.strip("_"):
        raise UserError(rpt_("Give the preset a name"))
    return file_names.portable(name)


def items(owner: Any, _context: Any) -> list[_Item]:
    """The list for the EnumProperty `preset`, with what a .blend from elsewhere may have chosen."""
    listed = [_item(entry) for entry in entries()]
    number = _number_in(owner)
    if number is not None and all(item[-1] != number for item in listed):
        listed.append(
            (_MISSING, "Missing Preset", "It is not on this computer: choose another", _icon("ERROR"), number)
        )
    return [described.kept(item) for item in listed]


DEFAULT: int = described.enum_item(presets.DEFAULT, "", "")[4]
"""The number by which that EnumProperty knows the default."""


@lru_cache(maxsize=1)
def _built_in() -> tuple[Entry, ...]:
    return tuple(map(_listed, map(presets.load, presets.names())))


def _listed(preset: Preset) -> Entry:
    picture = str(presets.picture(preset.name))
    return Entry(name=preset.name, title=preset.title, description=preset.description, picture=picture, preset=preset)


@lru_cache(maxsize=1)
def _own(signature: tuple[tuple[str, int, int], ...]) -> tuple[Entry, ...]:
    """The presets of these files, which are read again only when one has changed."""
    return tuple(_read(Path(path)) for path, *_ in signature)


def _signature() -> tuple[tuple[str, int, int], ...]:
    """The artist's files, when each was changed, and its size."""
    return tuple(sorted(_stamps(folder().glob("*.json"))))


def _stamps(paths: Iterable[Path]) -> Iterator[tuple[str, int, int]]:
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            continue
        yield str(path), found.st_mtime_ns, found.st_size


def _read(file: Path) -> Entry:
    name, picture = file.stem, str(file.with_suffix(".png"))
    try:
        if name in presets.names():
            raise WireError(["its name is a built-in preset's: rename the file"])
        preset = presets.from_json(name, file.read_text(encoding="utf-8"))
        about = preset.description or "One of your own presets"
        return Entry(name=name, title=preset.title, description=about, picture=picture, file=file, preset=preset)
    except WireError as error:
        fault = "; ".join(error.faults)
    except UnicodeDecodeError:
        fault = "it is not UTF-8 text"
    except OSError as error:
        fault = rpt_("it can't be read ({strerror})").format(strerror=error.strerror)
    title = rpt_("{name} (can't be used)").format(name=name)
    return Entry(name=f"{_BROKEN}{name}", title=title, description=fault, picture=picture, file=file, preset=None)


def icon_of(entry: Entry) -> int:
    """What stands before its title."""
    return thumbnails.of_file(entry.picture) or _icon("USER" if entry.preset else "ERROR")


def _icon(name: str) -> int:
    layout: Any = UILayout.bl_rna
    return layout.functions["prop"].parameters["icon"].enum_items[name].value


def _number_in(owner: Any) -> int | None:
    """What the .blend holds; None if the preset was not chosen."""
    if owner is None:
        return None
    held = owner.bl_system_properties_get() if bpy.app.version >= (5, 0, 0) else owner
    return held.get("preset") if held else None


def _item(entry: Entry) -> _Item:
    number = described.enum_item(entry.name, "", "")[4]
    return entry.name, entry.title, entry.description, icon_of(entry), number
