"""A penalty on values that no image can hold; for solvers that don't keep the canvas within 0 and 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...job.description import ValueRange

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(maps: Float[Tensor, "c h w"], _term: ValueRange) -> Float[Tensor, ""]:
    """The mean square of what lies outside."""
    return (maps - maps.detach().clamp(0, 1)).square().mean()


def compare(square: Float[Tensor, ""], _target: None, _term: ValueRange) -> Float[Tensor, ""]:
    """As it is."""
    return square
