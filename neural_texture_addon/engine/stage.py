"""The files of a job's folder, written so that each is whole or not there."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from ..job.description import Canvas, FileFormat, Job, MapKind, images
from ..job.wire import job_to_json
from . import image_file
from .errors import EngineError, InputError

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

JOB_FILE = "job.json"
_RESULT = "result"


class JobFolder:
    """Where a job's files go: `job.json`, `stages/` and the result."""

    def __init__(self, path: str, job: Job) -> None:
        """Makes the folder and writes the job. Stages of an earlier job there are deleted. Raises InputError."""
        self.path = Path(path).absolute()
        self._format = job.output.format
        self._canvas = job.canvas
        self._spare_images(job)
        try:
            (self.path / "stages").mkdir(parents=True, exist_ok=True)
            for old in (self.path / "stages").glob("octave_*.*"):
                old.unlink()
            write_atomically(self.path / JOB_FILE, job_to_json(job).encode(errors="backslashreplace"))
        except (OSError, EngineError, ValueError) as error:  # ValueError: the path could never be one
            reason = error.strerror if isinstance(error, OSError) else error
            raise InputError(f"out is {path}, which can't be written to ({reason}); name another folder") from None

    def save_stage(self, octave: int, canvas: Float[Tensor, "1 c h w"]) -> dict[MapKind, str]:
        """Writes an octave's maps (`octave` counts from 1); the path of each."""
        return self._save(f"stages/octave_{octave:03}_{canvas.shape[3]}x{canvas.shape[2]}", canvas)

    def save_result(self, canvas: Float[Tensor, "1 c h w"]) -> dict[MapKind, str]:
        """Writes the result's maps; the path of each."""
        return self._save(_RESULT, canvas)

    def _spare_images(self, job: Job) -> None:
        """A job may read the result of an earlier one, but not of the one that this folder holds."""
        ours = set(result_paths(self.path, job).values())
        for path in map(Path, images(job)):
            if path in ours or path.parent == self.path / "stages":
                raise InputError(f"out is {self.path}, where the image {path} would be lost; name another folder")

    def _save(self, stem: str, canvas: Tensor) -> dict[MapKind, str]:
        kinds = self._canvas.maps
        layers = canvas.split([kind.channels for kind in kinds], dim=1)
        paths = {kind: self.path / name for kind, name in _names(stem, self._canvas, self._format).items()}
        for kind, layer in zip(kinds, layers, strict=True):
            write_atomically(paths[kind], image_file.encode(layer, self._format))
        return {kind: str(path) for kind, path in paths.items()}


def result_paths(folder: Path, job: Job) -> dict[MapKind, Path]:
    """Where the maps of the job's result are, or will be."""
    return {kind: folder / name for kind, name in _names(_RESULT, job.canvas, job.output.format).items()}


def write_atomically(path: Path, content: bytes) -> None:
    """Writes beside `path`, then renames: at every instant the file is the old one or the new. Raises EngineError."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")  # tempfile's would be for our eyes only
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
        reason = "the disk is full" if full else error.strerror
        raise EngineError(f"{path}: could not be written ({reason}); files saved before are whole") from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _names(stem: str, canvas: Canvas, file_format: FileFormat) -> dict[MapKind, str]:
    return {kind: f"{stem}{_suffix(kind, file_format)}" for kind in canvas.maps}


def _suffix(kind: MapKind, file_format: FileFormat) -> str:
    return f".{file_format.value}" if kind is MapKind.COLOUR else f"_{kind.value}.{file_format.value}"
