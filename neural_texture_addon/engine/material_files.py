"""A material's maps as files in a folder: what they are called, how deep they are, what they say of themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..job import file_names, map_names
from ..job.description import Bits, FileFormat, Green, MapKind, Naming, Output
from . import image_file
from .errors import InputError
from .stage import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jaxtyping import Float
    from torch import Tensor

    from ..job.wire import Plain

_FINE = frozenset({MapKind.HEIGHT, MapKind.NORMAL})
"""Maps on which 256 steps would show as terraces."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """How a material is written."""

    folder: Path
    material: str
    """Its name."""
    naming: Naming = Naming.BLENDER
    format: FileFormat = FileFormat.PNG
    bits: Bits = Bits.SIXTEEN
    """Of heights and normals."""
    colour_bits: Bits = Bits.EIGHT
    """Of the other maps."""
    packed: bool = False
    """Occlusion, roughness and metalness in one image, in its red, green and blue."""

    def output(self, kind: MapKind | None) -> Output:
        """The format of a map's file; of the packed image for None."""
        return Output(format=self.format, bits=self.bits if kind in _FINE else self.colour_bits)

    def path(self, kind: MapKind | None) -> Path:
        """Where a map's file is; that of the packed image for None."""
        return self.folder / f"{map_names.stem(self.naming, self.material, kind)}.{self.format.value}"

    @property
    def report(self) -> Path:
        """What is said of all of them."""
        return self.folder / f"{self.material}_maps.json"

    def paths(self, kinds: Iterable[MapKind]) -> dict[Path, tuple[MapKind, ...]]:
        """The image files that hold these maps, and which of them each holds."""
        paths: dict[Path, tuple[MapKind, ...]] = {}
        for kind in kinds:
            if self.packed and kind in map_names.PACKED:
                paths[self.path(None)] = map_names.PACKED
            else:
                paths[self.path(kind)] = (kind,)
        return paths


def check(files: Files, kinds: Iterable[MapKind], spared: Path) -> None:
    """Makes the folder. Raises InputError if the files can't be written, or the image `spared` would be lost."""
    if not file_names.is_portable(files.material):
        raise InputError(f"the material's name is {files.material!r}; allowed: {file_names.ALLOWED}")
    for bits in (files.bits, files.colour_bits):
        most = files.format.most_bits
        if bits > most:
            raise InputError(f"{bits.value} bits a channel in {files.format.value}; allowed: up to {most.value}")
    for path, held in files.paths(kinds).items():
        image_file.check_can_encode(files.output(_single(held)))
        if path.absolute() == spared.absolute() or (path.exists() and spared.exists() and path.samefile(spared)):
            raise InputError(f"out is {files.folder}, where the image {spared} would be lost; name another folder")
    try:
        files.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"out is {files.folder}, which can't be written to ({error.strerror}); name another folder"
        ) from None


def write(
    files: Files,
    maps: Mapping[MapKind, Float[Tensor, "1 c h w"]],
    says: Mapping[MapKind, str],
    green: Green,
    report: Mapping[str, Plain],
) -> list[Path]:
    """Writes the maps, each with what it says of itself, and a report of them all; the image files' paths.

    Raises EngineError.
    """
    written: list[Plain] = []
    paths = files.paths(maps)
    for path, held in paths.items():
        said = {kind.value: says[kind] for kind in held}
        # a packed image is no colour: any kind of data is encoded as another
        image, kind = torch.cat([maps[kind] for kind in held], 1), held[0]
        remark = "; ".join(f"{name}: {text}" for name, text in said.items())
        write_atomically(path, image_file.encode(image, kind, files.output(_single(held)), remark))
        written.append({"file": path.name, "channels": said, **({"green": green} if kind is MapKind.NORMAL else {})})
    content = json.dumps({**report, "files": written}, indent=2) + "\n"
    write_atomically(files.report, content.encode())
    return list(paths)


def _single(held: tuple[MapKind, ...]) -> MapKind | None:
    return held[0] if len(held) == 1 else None
