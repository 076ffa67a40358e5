"""All maps of a material from its colour, each made of the ones that it depends on. Knows no files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ...job.description import Estimates, Green, MapKind
from .. import relief, torus
from . import height, illumination, occlusion, roughness
from .light import Light

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float
    from torch import Tensor

NOT_ESTIMATED = frozenset({MapKind.METALNESS})
"""Maps that are the same all over, as was said: nothing in a colour tells of them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """The maps of one surface, texel by texel."""

    maps: Mapping[MapKind, Float[Tensor, "1 c h w"]]
    """Values 0 to 1; colour display-encoded."""
    light: Light | None
    """Whence the light came that the height was estimated by; None if it wasn't found, or no map needed it."""


def estimated(
    colour: Float[Tensor, "1 3 h w"],
    kinds: Iterable[MapKind],
    wanted: Estimates,
    wrap: torus.Wrap,
    green: Green = Green.OPENGL,
) -> Material:
    """Those maps, in their order. The colour is flattened first, and all else estimated from it as it is then."""
    kinds, width = tuple(kinds), colour.shape[torus.WIDTH]
    even = illumination.flattened(colour, wanted, wrap)
    surface, light = even.new_empty(0), None
    if not {MapKind.HEIGHT, MapKind.NORMAL, MapKind.OCCLUSION}.isdisjoint(kinds):
        surface, light = height.estimated(even, wanted, wrap)

    def made(kind: MapKind) -> Tensor:
        match kind:
            case MapKind.COLOUR:
                return even
            case MapKind.HEIGHT:
                return surface
            case MapKind.NORMAL:
                return relief.normals(surface, wanted.relief * width, wrap, green)
            case MapKind.OCCLUSION:
                return occlusion.seen(surface, wanted.relief * width, wanted.reach * width, wrap)
            case MapKind.ROUGHNESS:
                return roughness.estimated(even, wanted, wrap)
            case MapKind.METALNESS:
                return torch.full_like(colour[:, : kind.channels], wanted.metalness)

    return Material(maps={kind: made(kind) for kind in kinds}, light=light)
