"""Maps stacked along the channels of one tensor: where each lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import torch

from ..job import map_names
from ..job.description import MapKind

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def channels_of(kind: MapKind, maps: tuple[MapKind, ...]) -> slice:
    """Where a map lies in a tensor of these `maps`."""
    first = sum(each.channels for each in maps[: maps.index(kind)])
    return slice(first, first + kind.channels)


_NEUTRAL = {MapKind.METALNESS: 0.0}
"""What stands in a shared file for a map that is not there, of those for which it is not 1."""


def in_one_file(channels: map_names.Channels, maps: Mapping[MapKind, Tensor]) -> Float[Tensor, "1 c h w"]:
    """What a file with these channels holds of the `maps`; for one that is not there what changes nothing."""
    if len(channels) == 1 and channels[0].kind:
        return maps[channels[0].kind]
    black = torch.zeros_like(next(maps[kind] for kind in map_names.held(channels) if kind in maps))
    layers = []
    for channel in channels:
        kind = channel.kind
        layer = maps.get(kind, black + _NEUTRAL.get(kind, 1.0)) if kind else black
        layers.append(1 - layer if channel.inverted else layer)
    return torch.cat(layers, 1)


def changed(
    texels: Float[Tensor, "1 c h w"], maps: tuple[MapKind, ...], kind: MapKind, change: Callable[[Tensor], Tensor]
) -> Float[Tensor, "1 c h w"]:
    """The tensor with what `change` makes of one of its `maps`; the same tensor if it has no such map."""
    if kind not in maps:
        return texels
    place, copy = channels_of(kind, maps), texels.clone()
    copy[:, place] = change(texels[:, place])
    return copy
