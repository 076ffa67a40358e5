"""A material's maps as files in a folder: what they are called, how deep they are, what they say of themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..job import file_names, map_names
from ..job.description import Bits, FileFormat, Green, MapKind, Naming, Output, Packing
from . import image_file, stacked
from .errors import InputError
from .stage import same, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jaxtyping import Float
    from torch import Tensor

    from ..job.map_names import Channels
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
    packing: Packing = Packing.SEPARATE

    def output(self, channels: Channels) -> Output:
        """The format of a file."""
        fine = len(channels) == 1 and channels[0].kind in _FINE
        return Output(format=self.format, bits=self.bits if fine else self.colour_bits)

    @property
    def report(self) -> Path:
        """What is said of all of them."""
        return self.folder / f"{self.material}_maps.json"

    def paths(self, kinds: Iterable[MapKind]) -> dict[Path, Channels]:
        """The image files that hold these maps, and what each holds."""
        files = map_names.files(self.naming, self.packing, self.material, kinds)
        return {self.folder / f"{name}.{self.format.value}": channels for name, channels in files.items()}

    def complete(self, kinds: Iterable[MapKind]) -> tuple[MapKind, ...]:
        """These maps, with those that share a file with one of them."""
        wanted = {kind for channels in self.paths(kinds).values() for kind in map_names.held(channels)}
        return tuple(kind for kind in MapKind if kind in wanted)


def check(files: Files, kinds: Iterable[MapKind], spared: Path) -> None:
    """Makes the folder. Raises InputError if the files can't be written, or the image `spared` would be lost."""
    if not file_names.is_portable(files.material):
        raise InputError(f"the material's name is {files.material!r}; allowed: {file_names.ALLOWED}")
    for bits in (files.bits, files.colour_bits):
        most = files.format.most_bits
        if bits > most:
            raise InputError(f"{bits.value} bits a channel in {files.format.value}; allowed: up to {most.value}")
    for path, channels in files.paths(kinds).items():
        image_file.check_can_encode(files.output(channels))
        if same(path, spared):
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
    for path, channels in paths.items():
        held = map_names.held(channels)
        said = {kind.value: says[kind] for kind in held}
        remark = "; ".join(f"{name}: {text}" for name, text in said.items())
        # a shared image is no colour: any kind of data is encoded as another
        image = image_file.encode(stacked.in_one_file(channels, maps), held[0], files.output(channels), remark)
        write_atomically(path, image)
        green_of = {"green": green} if MapKind.NORMAL in held else {}
        written.append({"file": path.name, "channels": said, **green_of})
    content = json.dumps({**report, "files": written}, indent=2) + "\n"
    write_atomically(files.report, content.encode())
    return list(paths)
