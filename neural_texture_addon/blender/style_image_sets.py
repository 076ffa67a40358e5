"""Files that an artist chose -> style images: one file of a set of maps, or its folder, brings the others."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..job import map_files
from ..job.description import Exemplar, MapKind
from .errors import UserError
from .job_from_scene import MAP_FILES


def at(paths: Iterable[Path]) -> list[tuple[str, Exemplar]]:
    """A name and a style image for each path; for several files of a set, one. Raises UserError."""
    found: list[tuple[str, Exemplar]] = []
    for path in paths:
        exemplar = _at(path)
        if exemplar not in [other for _, other in found]:
            found.append((path.name if path.is_dir() else Path(exemplar.maps[MapKind.COLOUR]).stem, exemplar))
    return found


def put(row: Any, name: str, exemplar: Exemplar) -> None:
    """Let a new row of the panel's list have these files."""
    row.name, row.packed, row.green = name, exemplar.packed, exemplar.green.value
    row.packed_as = exemplar.packed_as.value
    for kind, path in exemplar.maps.items():
        setattr(row, MAP_FILES[kind], path)


def _at(path: Path) -> Exemplar:
    try:
        if path.is_dir():
            return map_files.in_folder(str(path))
        return map_files.around(str(path)) or Exemplar(maps={MapKind.COLOUR: str(path)})
    except map_files.MapFilesError as error:
        raise UserError(str(error)) from None
