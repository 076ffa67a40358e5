"""A penalty on values that no image can hold; for solvers that don't keep the canvas within 0 and 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def distance(maps: Float[Tensor, "c h w"]) -> Float[Tensor, ""]:
    """The mean square of what lies outside."""
    return (maps - maps.detach().clamp(0, 1)).square().mean()
