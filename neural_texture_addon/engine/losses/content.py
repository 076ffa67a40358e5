"""The content image's features, place by place (Gatys, Ecker & Bethge 2016, eq. 1): a sum over places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...job.description import Content
from .averages import SMALL

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(maps: Float[Tensor, "c h w"], wanted: Float[Tensor, "c h w"]) -> Float[Tensor, ""]:
    """The squared distance. Raises ValueError if the sizes differ."""
    if maps.shape != wanted.shape:
        raise ValueError(f"content of shape {tuple(wanted.shape)} for a canvas of {tuple(maps.shape)}")
    return (maps - wanted).square().sum()


def compare(square: Float[Tensor, ""], unit: Float[Tensor, ""], _term: Content) -> Float[Tensor, ""]:
    """In units of the content's squared length."""
    return square / unit.clamp_min(SMALL)
