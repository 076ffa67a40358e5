"""The files of a job's folder, written so that each is whole or not there; a stage also read again, to go on from."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import safetensors.torch
import torch
from filelock import FileLock, Timeout

from ..job import map_names
from ..job.description import Green, Job, MapKind, Naming, Packing, images
from ..job.wire import WireError, job_from_file, job_to_json
from . import image_file, normals, stacked
from .errors import EngineError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float
    from torch import Generator, Tensor

    from ..job.map_names import Channels

JOB_FILE = "job.json"
_STAGES, _BEFORE = "stages", "before"
_UNFINISHED = ".octave_"
"""How the name begins of a file that a killed process was writing."""
_IN_USE = ".in_use"
"""A file that is locked while a job is at work in its folder."""
_CANVAS, _RANDOM_STATE, _IMAGES = "canvas", "random_state", "images"
_LONGEST_START = 40
"""Letters of a name that a file bears, too, while it is written: in all a name may have 255 bytes."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Stage:
    """All that the octaves after it depend on, as exact as it was."""

    canvas: Float[Tensor, "1 c h w"]
    """On the CPU."""
    generator: Generator


class JobFolder:
    """Where a job's files go: `job.json`, `stages/` and the result."""

    def __init__(self, path: str, job: Job, keep: int = 0) -> None:
        """Makes the folder, writes the job, deletes the stages there but for the first `keep`. Raises InputError.

        The result of another job is put away, into `before/`. Until it is closed, or the process ends, no other job
        gets the folder.
        """
        self.path = Path(path).absolute()
        self._hold = FileLock(self.path / _IN_USE, timeout=0, thread_local=False)
        self._job = job
        self._images = _digests(job)
        image_file.check_can_encode(job.output)
        try:
            self._spare_images(job)
            (self.path / _STAGES).mkdir(parents=True, exist_ok=True)
            self._take()
            self._begin(keep)
        except InputError:
            raise
        except (OSError, EngineError, ValueError) as error:  # ValueError: the path could never be one
            reason = error.strerror if isinstance(error, OSError) else error
            raise InputError(f"out is {path}, which can't be written to ({reason}); name another folder") from None

    def close(self) -> None:
        """Lets others have the folder."""
        if self._hold.is_locked:
            self._hold.release()
            with contextlib.suppress(OSError):
                (self.path / _IN_USE).unlink()

    def _take(self) -> None:
        try:
            self._hold.acquire()
        except Timeout:
            raise InputError(f"out is {self.path}, where another job is at work; name another folder") from None
        except NotImplementedError:
            pass  # a file system without locks: there nobody can be kept out

    def save_stage(self, octave: int, canvas: Float[Tensor, "1 c h w"], generator: Generator) -> dict[MapKind, str]:
        """Writes an octave's maps (`octave` counts from 1), and what to go on from; the path of each map."""
        name = f"octave_{octave:03}_{canvas.shape[3]}x{canvas.shape[2]}"
        files = map_names.files(Naming.PLAIN, Packing.SEPARATE, name, self._job.canvas.maps)
        paths = self._save(self.path / _STAGES, files, canvas, quickly=True)
        state = {_CANVAS: canvas.cpu().contiguous(), _RANDOM_STATE: generator.get_state(), _IMAGES: self._images}
        write_atomically(_stage_path(self.path, octave), safetensors.torch.save(state))
        return paths

    def save_result(self, canvas: Float[Tensor, "1 c h w"]) -> dict[MapKind, str]:
        """Writes the result's maps; the path of each."""
        return self._save(self.path, map_names.result(self._job), canvas)

    def _spare_images(self, job: Job) -> None:
        """A job may read the result of an earlier one, but not of the one that this folder holds."""
        ours = [*result_paths(self.path, job).values()]
        ours += [path for name in (_STAGES, _BEFORE) for path in (self.path / name).glob("*")]
        for path in map(Path, images(job)):
            if any(same(path, one) for one in ours):
                raise InputError(f"out is {self.path}, where the image {path} would be lost; name another folder")

    def _begin(self, keep: int) -> None:
        """Nothing is deleted before the job could be written, and the job is not there beside another's result."""
        written = self.path / f".{JOB_FILE}"
        try:
            write_atomically(written, job_to_json(self._job).encode(errors="backslashreplace"))
            for old in (self.path / _STAGES).iterdir():
                if (_octave_of(old) or 0) > keep or old.name.startswith(_UNFINISHED):
                    old.unlink()
            try:
                _check_same_job(self.path, self._job)
            except InputError:
                self._put_away()
            written.replace(self.path / JOB_FILE)
        finally:
            written.unlink(missing_ok=True)

    def _put_away(self) -> None:
        """The result of another job, with that, in place of what was put away before: the new one may be cancelled."""
        old = [path for path in result_paths(self.path, self._job).values() if path.exists()]
        if old:
            (self.path / _BEFORE).mkdir(exist_ok=True)
            for path in (*old, self.path / JOB_FILE):
                if path.exists():
                    path.replace(self.path / _BEFORE / path.name)

    def _save(
        self, folder: Path, files: Mapping[str, Channels], canvas: Tensor, *, quickly: bool = False
    ) -> dict[MapKind, str]:
        kinds, output = self._job.canvas.maps, self._job.output
        maps = dict(zip(kinds, canvas.split([kind.channels for kind in kinds], dim=1), strict=True))
        if MapKind.NORMAL in maps and output.green is Green.DIRECTX:
            maps[MapKind.NORMAL] = normals.flipped(maps[MapKind.NORMAL])
        paths = {}
        for name, channels in files.items():
            path, held = folder / f"{name}.{output.format.value}", map_names.held(channels)
            image = stacked.in_one_file(channels, maps)
            write_atomically(path, image_file.encode(image, held[0], output, quickly=quickly))
            paths.update({kind: str(path) for kind in held if kind in maps})
        return {kind: paths[kind] for kind in kinds}


def saved_octaves(folder: Path) -> list[int]:
    """The octaves whose stages there can be gone on from."""
    octaves = {_octave_of(path): path for path in (folder / _STAGES).glob("octave_*.safetensors")}
    return sorted(octave for octave, path in octaves.items() if octave and path == _stage_path(folder, octave))


def load(path: str, job: Job, octave: int, shape: tuple[int, ...]) -> Stage:
    """What the folder's job left at the end of an octave, if it is this job. Raises InputError."""
    folder = Path(path).absolute()
    _check_same_job(folder, job)
    if octave not in saved_octaves(folder):
        saved = ", ".join(map(str, saved_octaves(folder)))
        allowed = f"of octave {octave}; allowed: {saved}" if saved else "to go on from"
        raise InputError(f"{folder}: holds no stage {allowed}")
    file = _stage_path(folder, octave)
    try:
        state, generator = safetensors.torch.load(file.read_bytes()), torch.Generator()
        canvas = state[_CANVAS]
        generator.set_state(state[_RANDOM_STATE])
    except (OSError, safetensors.SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        said = " ".join(str(error).split())
        raise InputError(f"{file}: the stage is damaged ({said}); go on from another octave") from None
    _check_same_images(job, state.get(_IMAGES))
    if tuple(canvas.shape) != shape or canvas.dtype is not torch.float32:
        raise InputError(f"{file}: is no canvas of {shape[3]}x{shape[2]} px, as the job and its images have it there")
    return Stage(canvas=canvas, generator=generator)


def result_paths(folder: Path, job: Job) -> dict[MapKind, Path]:
    """Where the maps of the job's result are, or will be."""
    files = map_names.result(job)
    suffix = job.output.format.value
    return {
        kind: folder / f"{name}.{suffix}"
        for kind in job.canvas.maps
        for name, channels in files.items()
        if kind in map_names.held(channels)
    }


def same(one: Path, other: Path) -> bool:
    """Whether both lead to one file, however they are spelled."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # one is not there, or could never be
        return one.absolute() == other.absolute()


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Writes beside `path`, then renames: at every instant the file is the old one or the new. Raises EngineError.

    One that is `durable` survives a loss of power, too, and takes its time for it.
    """
    beside = path.with_name(
        f".{path.name[:_LONGEST_START]}.{secrets.token_hex(4)}"
    )  # tempfile's would be for our eyes only
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
        reason = "the disk is full" if full else error.strerror
        raise EngineError(f"{path}: could not be written ({reason}); files saved before are whole") from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _check_same_job(folder: Path, job: Job) -> None:
    try:
        same = job_from_file(folder / JOB_FILE) == job
    except OSError as error:
        raise InputError(
            f"{folder / JOB_FILE}: can't be read ({error.strerror}); there is no job to go on with"
        ) from None
    except (WireError, ValueError):
        same = False
    if not same:
        raise InputError(f"{folder / JOB_FILE}: is another job than the one to go on with")


def _check_same_images(job: Job, before: Tensor | None) -> None:
    """A stage of an earlier version of ours knows nothing of them."""
    now = _digests(job)
    if before is None or before.shape != now.shape:
        return
    for path, same in zip(images(job), (before == now).all(1).tolist(), strict=True):
        if not same:
            raise InputError(f"{path}: has changed since the job began; bring the old one back, or run the job anew")


def _digests(job: Job) -> Tensor:
    """The SHA-256 of each of its image files, in rows; of one that can't be read, zeros."""
    rows = torch.zeros(len(images(job)), hashlib.sha256().digest_size, dtype=torch.uint8)
    for row, path in zip(rows, map(Path, images(job)), strict=True):
        with contextlib.suppress(OSError, ValueError), path.open("rb") as file:
            row.copy_(torch.tensor(list(hashlib.file_digest(file, "sha256").digest())))
    return rows


def _stage_path(folder: Path, octave: int) -> Path:
    return folder / _STAGES / f"octave_{octave:03}.safetensors"


def _octave_of(path: Path) -> int | None:
    """The octave whose stage a file is part of."""
    match = re.match(r"octave_(\d{1,9})[_.]", path.name)
    return int(match[1]) if match else None
