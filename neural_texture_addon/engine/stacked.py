"""Maps stacked along the channels of one tensor: where each lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..job.description import MapKind

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def channels_of(kind: MapKind, maps: tuple[MapKind, ...]) -> slice:
    """Where a map lies in a tensor of these `maps`."""
    first = sum(each.channels for each in maps[: maps.index(kind)])
    return slice(first, first + kind.channels)


def changed(
    texels: Float[Tensor, "1 c h w"], maps: tuple[MapKind, ...], kind: MapKind, change: Callable[[Tensor], Tensor]
) -> Float[Tensor, "1 c h w"]:
    """The tensor with what `change` makes of one of its `maps`; the same tensor if it has no such map."""
    if kind not in maps:
        return texels
    place, copy = channels_of(kind, maps), texels.clone()
    copy[:, place] = change(texels[:, place])
    return copy
