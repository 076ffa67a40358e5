"""Blender's list of asset catalogs, a text file beside the .blend. No line of it is changed, one may be added."""

import shutil
import uuid
from pathlib import Path

import bpy

from .errors import UserError
from .translations import rpt_

_FILE = "blender_assets.cats.txt"
_NEW = """\
# This is an Asset Catalog Definition file for Blender.
#
# Empty lines and lines starting with `#` will be ignored.
# The first non-ignored line should be the version indicator.
# Other lines are of the format "UUID:catalog/path/for/assets:simple catalog name"

VERSION 1

"""
_OURS = uuid.UUID("6f1c1ad0-5a5c-4c29-9a0e-2d1a3c8f6b57")
"""Namespace of the catalogs that are made here: the same path has the same identity in every file."""


def folder() -> Path | None:
    """Where the open .blend's catalogs stand: in the asset library that it lies in, or beside it. None if unsaved."""
    if not bpy.data.filepath:
        return None
    beside = Path(bpy.data.filepath).parent
    libraries = bpy.context.preferences.filepaths.asset_libraries  # type: ignore[union-attr]
    roots = (Path(library.path) for library in libraries if library.path)
    return next((root for root in roots if beside.is_relative_to(root)), beside)


def identity(path: str) -> str:
    """The UUID of the catalog of that path, in a file that doesn't have it yet."""
    return str(uuid.uuid5(_OURS, path))


def ensure(where: Path, path: str) -> str:
    """The UUID of the catalog `path` (its parts joined by /) in `where`; it is added if need be. Raises UserError."""
    file = (where / _FILE).resolve()
    try:
        text = file.read_bytes().decode("utf-8") if file.exists() else _NEW
        ours = identity(path)
        for line in text.splitlines():
            found, _, rest = line.partition(":")
            if found.strip().lower() == ours or (rest.split(":")[0].strip() == path and not line.startswith("#")):
                return found.strip()
        newline = "\r\n" if "\r\n" in text else "\n"
        end = "" if text.endswith("\n") else newline
        _replace(file, f"{text}{end}{ours}:{path}:{path.replace('/', '-')}{newline}")
    except OSError as fault:
        raise UserError(
            rpt_("The catalog can't be added to {file}: {strerror}").format(file=file, strerror=fault.strerror)
        ) from None
    except UnicodeDecodeError:
        raise UserError(rpt_("The catalog can't be added to {file}: it is not UTF-8 text").format(file=file)) from None
    return ours


def _replace(file: Path, text: str) -> None:
    """Write the file at once: never half of it."""
    new = file.with_name(f"{file.name}.{uuid.uuid4().hex[:8]}")
    try:
        new.write_bytes(text.encode("utf-8"))
        if file.exists():
            shutil.copymode(file, new)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
