"""A style image in memory, and at the scale of an octave."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from ..job import description, map_names
from . import image_file, memory, normals, torus
from .errors import InputError

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_COPIES = 3
"""Of a texture while it is scaled."""
SHORTEST_SIDE = 16
"""In px: a window or two must fit with room to move."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Exemplar:
    """The texture to resemble: all its maps, stacked along the channels."""

    texels: Float[Tensor, "1 c h w"]
    """At the result's texel size, 0 to 1."""
    weight: float
    maps: tuple[description.MapKind, ...] = ()
    """What its channels are; without any they are plain numbers."""
    name: str = ""
    """Path of its first map."""
    index: int = 0
    """Its place among the job's exemplars."""
    notes: tuple[str, ...] = ()

    @property
    def side(self) -> int:
        """Its shorter side in px."""
        return min(self.texels.shape[2:])

    def at(self, scale: float) -> Float[Tensor, "1 c h w"]:
        """Its texels with every side multiplied by `scale`."""
        return _scaled(self.texels, scale, self.maps)


def load(
    described: Sequence[description.Exemplar], maps: tuple[description.MapKind, ...], device: torch.device
) -> list[Exemplar]:
    """The exemplars' `maps`, cropped and scaled as they say: each magnification one, those without weight left out.

    Raises InputError.
    """
    return [
        exemplar
        for index, one in enumerate(described)
        if one.weight
        for exemplar in _magnified(one, index, maps, device)
    ]


def _magnified(
    exemplar: description.Exemplar, index: int, maps: tuple[description.MapKind, ...], device: torch.device
) -> Iterator[Exemplar]:
    """The exemplar at each of its magnifications, which share its weight."""
    texels, notes = _read(exemplar, maps)
    texels = _cropped(texels, exemplar)
    for number, magnification in enumerate(exemplar.magnifications):
        scale = exemplar.scale * magnification
        height, width = _size_at(scale, texels)
        if (height, width) != texels.shape[2:]:
            memory.check_can_be_read(_name(exemplar), width, height, _COPIES * texels.shape[1] * texels.itemsize)
        scaled = _scaled(texels, scale, maps)
        if min(scaled.shape[2:]) < SHORTEST_SIDE:
            raise InputError(
                f"{_name(exemplar)}: is {_size(scaled)} px, cropped and scaled; "
                f"at least {SHORTEST_SIDE} px a side are needed"
            )
        yield Exemplar(
            texels=scaled.to(device),
            weight=exemplar.weight / len(exemplar.magnifications),
            maps=maps,
            name=_name(exemplar),
            index=index,
            notes=() if number else notes,
        )


def _read(exemplar: description.Exemplar, maps: tuple[description.MapKind, ...]) -> tuple[Tensor, tuple[str, ...]]:
    """All maps, stacked, and what is to be noted of their files."""
    layers: list[Tensor] = []
    notes: list[str] = []
    for kind in maps:
        read = _read_map(exemplar, kind)
        layers.append(read.values)
        notes.extend(read.notes)
    if len({layer.shape[2:] for layer in layers}) > 1:
        sizes = ", ".join(f"{kind.value} {_size(layer)}" for kind, layer in zip(maps, layers, strict=True))
        raise InputError(f"{_name(exemplar)}: its maps differ in size ({sizes} px); they must show the same texels")
    return torch.cat(layers, 1), tuple(notes)


def _read_map(exemplar: description.Exemplar, kind: description.MapKind) -> image_file.Texels:
    """One map as the engine has it: of a packed file its channel, normals in OpenGL's convention."""
    path = exemplar.path_of(kind)
    if path is None:
        raise InputError(f"{_name(exemplar)}: has no {kind.value} map, which the canvas asks for")
    if kind not in exemplar.maps:
        packed = image_file.read_packed(path, exemplar.packed_as)
        number, channel = map_names.in_packed(exemplar.packed_as, kind)
        values = packed.values[:, number : number + 1]
        return replace(packed, values=1 - values if channel.inverted else values)
    read = image_file.read(path, kind)
    if kind is not description.MapKind.NORMAL:
        return read
    directx = exemplar.green is description.Green.DIRECTX
    return replace(read, values=normals.renormalised(normals.flipped(read.values) if directx else read.values))


def _cropped(texels: Tensor, exemplar: description.Exemplar) -> Tensor:
    crop = exemplar.crop
    if crop is None:
        return texels
    height, width = texels.shape[2:]
    top, left = round(crop.top * height), round(crop.left * width)
    bottom, right = round((crop.top + crop.height) * height), round((crop.left + crop.width) * width)
    if crop.top + crop.height > 1 + 1e-6 or crop.left + crop.width > 1 + 1e-6 or bottom <= top or right <= left:
        raise InputError(f"{_name(exemplar)}: its crop is empty or reaches beyond the image; all of it is 0, 0, 1, 1")
    return texels[:, :, top:bottom, left:right]


def _scaled(texels: Tensor, scale: float, maps: tuple[description.MapKind, ...]) -> Tensor:
    if math.isclose(scale, 1.0):
        return texels
    height, width = _size_at(scale, texels)
    return normals.renormalised_in(torus.resize(texels, height, width, torus.PLANE).clamp(0, 1), maps)


def _size_at(scale: float, texels: Tensor) -> tuple[int, int]:
    """Height and width."""
    height, width = (max(1, round(length * scale)) for length in texels.shape[2:])
    return height, width


def _name(exemplar: description.Exemplar) -> str:
    return next(iter(exemplar.maps.values()))


def _size(texels: Tensor) -> str:
    return f"{texels.shape[3]}x{texels.shape[2]}"
