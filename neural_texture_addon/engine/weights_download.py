"""Fetches pretrained VGG-19 features from the network; called only after an explicit yes.

What is verified. Both sources are reached by TLS alone (also where they redirect to), at addresses that are fixed here.

`HUB` is torchvision's weights as safetensors, at a pinned commit. Only ranges of it are fetched, so the SHA-256 of the
whole file, though known, can't be computed. Verified instead: that the hub, where it says which file it serves,
names that SHA-256; that no byte comes from another version (ETag and length at each range); names, types, shapes and
places in the file's header; and that the numbers are finite. Not verified: the fetched numbers themselves, against
anything but what the server sends.

`OFFICIAL` is torchvision's own file. Fetched whole, and the eight hex digits of its SHA-256 that its name carries are
verified: enough against accidents, not against a forger. It is a pickle; it is read with `weights_only`.

SourceError     this source can't give the weights; another may
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..job.events import Fetched, Fetching
from .errors import EngineError
from .features import weights
from .http_ranges import RemoteFile, SourceError
from .stage import write_atomically

if TYPE_CHECKING:
    from torch import Tensor

MIRROR = "NEURAL_TEXTURE_WEIGHTS_URL"
"""The environment variable that names a server with the same paths, in place of both sources': a mirror inside a
company, or a test's. It alone may be http://."""
_LARGEST_HEADER = 1 << 20
_FIRST_LOOK = 1 << 16
"""Bytes of a safetensors file that hold its header, as a rule."""
_WORTH_A_REQUEST = 1 << 18
"""Bytes between two wanted spans that are rather fetched along."""


@dataclass(frozen=True, kw_only=True)
class Hub:
    """A safetensors file of which ranges are fetched."""

    url: str
    sha256: str
    """Of the whole file."""

    def size(self, up_to: str) -> int:
        """Bytes to fetch, about."""
        return weights.bytes_up_to(up_to)


@dataclass(frozen=True, kw_only=True)
class Official:
    """A state dict in torch's format that is fetched whole."""

    url: str
    sha256: str
    """Its beginning."""
    length: int

    def size(self, _up_to: str) -> int:
        """Bytes to fetch."""
        return self.length


Source = Hub | Official
# Commit and SHA-256 are as the hub's own pages show them for the file.
HUB = Hub(
    url="https://huggingface.co/timm/vgg19.tv_in1k/resolve/128d4708565b3a414bcbb9bbad440b2fe37b9f18/model.safetensors",
    sha256="11aea017b543ff59233749d8f1cf544cda749378f5790d2fedab841fb86b7669",
)
# torchvision.models.VGG19_Weights.IMAGENET1K_V1
OFFICIAL = Official(url="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth", sha256="dcbb9e9d", length=574_673_361)


def sources() -> dict[str, Source]:
    """By name, in the order to try them; on the mirror, if one is named."""
    mirror = os.environ.get(MIRROR, "").rstrip("/")
    named: dict[str, Source] = {"hub": HUB, "official": OFFICIAL}
    return {
        name: replace(source, url=mirror + urlsplit(source.url).path) if mirror else source
        for name, source in named.items()
    }


def host(source: Source) -> str:
    """The server's name."""
    return urlsplit(source.url).netloc


def fetch(source: Source, target: Path, up_to: str) -> Iterator[Fetching | Fetched]:
    """Fetches what `up_to` needs into the safetensors file `target`, going on where an earlier try was cut off.

    Raises SourceError, and EngineError if the disk won't have it.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield from _fetch(source, target, up_to)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
        reason = "the disk is full" if full else error.strerror
        raise EngineError(f"{target}: could not be written ({reason}); name another file (--to)") from None


def _fetch(source: Source, target: Path, up_to: str) -> Iterator[Fetching | Fetched]:
    import safetensors.torch

    with RemoteFile(source.url) as remote:
        match source:
            case Hub():
                places = _places(remote, source, up_to)
                spans = _spans(places)
            case Official():
                spans = [(0, remote.length)]
        part = _part(target, remote, spans)
        for done, total in _download(remote, spans, part):
            yield Fetching(source=host(source), done=done, total=total)
    try:
        match source:
            case Hub():
                tensors = weights.checked(_cut_out(part, spans, places, up_to), up_to, source.url)
            case Official():
                _verify(part, source)
                tensors = weights.load(part, up_to)
    except EngineError as error:
        part.unlink()
        raise SourceError(str(error)) from None
    said = {"source": source.url, "up_to": up_to}
    write_atomically(target, safetensors.torch.save(tensors, metadata=said))
    for old in target.parent.iterdir():
        if old.name.startswith(f".{target.name}.") and old.suffix == ".part":
            with suppress(OSError):  # someone else may be fetching too
                old.unlink()
    yield Fetched(path=str(target), up_to=up_to)


def _part(target: Path, remote: RemoteFile, spans: list[tuple[int, int]]) -> Path:
    """Where the bytes gather. Its name says of what: a part of another version is not found, so not mixed in."""
    what = json.dumps([remote.url, remote.version, remote.length, spans])
    return target.with_name(f".{target.name}.{hashlib.sha256(what.encode()).hexdigest()[:16]}.part")


def _download(remote: RemoteFile, spans: list[tuple[int, int]], part: Path) -> Iterator[tuple[int, int]]:
    """Brings the spans, one after the other, into `part`; bytes done and bytes in all."""
    total = sum(stop - start for start, stop in spans)
    part.touch()
    with part.open("r+b") as file:  # not appending: another process may write the same bytes
        done = file.seek(0, os.SEEK_END)
        if done > total:
            file.truncate(0)
            done = 0
        free = shutil.disk_usage(part.parent).free
        if total - done > free:
            needs = f"{in_words(total - done)} are needed, {in_words(free)} are free"
            raise EngineError(f"{part.parent}: the disk is too full: {needs}; name another file (--to)")
        yield done, total
        before = 0
        for start, stop in spans:
            for position, chunk in remote.read(start + max(0, done - before), stop):
                done = before + position - start
                file.seek(done)
                file.write(chunk)
                file.flush()
                done += len(chunk)
                yield done, total
            before += stop - start


def _places(remote: RemoteFile, source: Hub, up_to: str) -> dict[str, tuple[int, int]]:
    """Where in the file each tensor lies, by its key; from the header. Raises SourceError."""
    if remote.sha256 not in (None, source.sha256):
        raise SourceError(f"{remote.url}: is not the file that it was (SHA-256 {remote.sha256})")
    if not remote.ranged:
        raise SourceError(f"{remote.url}: the server sends the whole file only")
    start = remote.content(0, min(_FIRST_LOOK, remote.length))
    length = int.from_bytes(start[:8], "little")
    if not 2 <= length <= min(_LARGEST_HEADER, remote.length - 8):
        raise SourceError(f"{remote.url}: is no safetensors file: its header would have {length} bytes")
    text = start[8 : 8 + length]
    text += remote.content(8 + len(text), 8 + length) if len(text) < length else b""
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise SourceError(f"{remote.url}: is no safetensors file: its header can't be read") from None
    end = remote.length - 8 - length
    places = {}
    for key, shape in weights.shapes_up_to(up_to).items():
        start_at, stop_at = _place(header, key, shape, end, remote.url)
        places[key] = (8 + length + start_at, 8 + length + stop_at)
    return places


def _place(header: object, key: str, shape: tuple[int, ...], end: int, url: str) -> tuple[int, int]:
    match header.get(key) if isinstance(header, Mapping) else None:
        case {"dtype": "F32", "shape": [*sizes], "data_offsets": [int(start), int(stop)]} if (
            tuple(sizes) == shape and 0 <= start < stop <= end and stop - start == 4 * math.prod(shape)
        ):
            return start, stop
    raise SourceError(f"{url}: does not hold VGG-19's {key}, float32, {shape}")


def _spans(places: Mapping[str, tuple[int, int]]) -> list[tuple[int, int]]:
    """What to fetch: the places in order, neighbours as one."""
    spans: list[tuple[int, int]] = []
    for start, stop in sorted(places.values()):
        if spans and start - spans[-1][1] <= _WORTH_A_REQUEST:
            spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
        else:
            spans.append((start, stop))
    return spans


def _cut_out(
    part: Path, spans: list[tuple[int, int]], places: Mapping[str, tuple[int, int]], up_to: str
) -> dict[str, Tensor]:
    import torch

    content, moved, before = bytearray(part.read_bytes()), {}, 0
    for span_start, span_stop in spans:
        for key, (start, stop) in places.items():
            if span_start <= start and stop <= span_stop:
                moved[key] = before + start - span_start
        before += span_stop - span_start
    return {
        key: torch.frombuffer(content, dtype=torch.float32, count=math.prod(shape), offset=moved[key]).reshape(shape)
        for key, shape in weights.shapes_up_to(up_to).items()
    }


def _verify(part: Path, source: Official) -> None:
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(source.sha256):
        raise SourceError(f"{source.url}: came damaged (SHA-256 {found[:8]}..., not {source.sha256}...); try again")


def in_words(count: int) -> str:
    """Bytes, e.g. ``9 MB``."""
    return f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
