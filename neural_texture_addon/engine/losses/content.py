"""The content image's features, place by place (Gatys, Ecker & Bethge 2016, eq. 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...job.description import Content
from .averages import relative_square

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(maps: Float[Tensor, "c h w"], _term: Content) -> Float[Tensor, "c h w"]:
    """The features as they are."""
    return maps


def distance(maps: Float[Tensor, "c h w"], target: Float[Tensor, "c h w"], _term: Content) -> Float[Tensor, ""]:
    """Squared distance, in units of the content's squared length. Raises ValueError if the sizes differ."""
    if maps.shape != target.shape:
        raise ValueError(f"content of shape {tuple(target.shape)} for a canvas of {tuple(maps.shape)}")
    return relative_square(maps, target)
