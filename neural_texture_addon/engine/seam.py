"""How much of a seam a canvas has where it wraps around."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..job.description import MapKind
from . import torus

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_INNER = 0.99
"""The quantile of the inner jumps that the border's is held against: a line or two of a picture may well be edges."""
_UNSEEN = 1e-4
"""A jump that no display shows; keeps the ratio finite on a flat canvas."""


def measured(canvas: Float[Tensor, "1 c h w"], wrap: torus.Wrap) -> float | None:
    """The jump across the border over the 99th percentile of the jumps between inner lines, on the worse axis.

    A jump is the mean absolute difference of two neighbouring lines. At 1 and below the border is like any other line.
    Only axes that wrap count; None if there is none (or the canvas has too few lines to say).
    """
    ratios = [_of_axis(canvas, dim) for dim in (torus.HEIGHT, torus.WIDTH) if wrap.along(dim) and canvas.shape[dim] > 2]
    return max(ratios, default=None)


def of_worst(canvas: Float[Tensor, "1 c h w"], maps: Iterable[MapKind], wrap: torus.Wrap) -> float | None:
    """As `measured`, of the one of these maps, stacked in this order, that shows most: none hides another's seam."""
    found = [measured(part, wrap) for part in canvas.split([kind.channels for kind in maps], 1)]
    return max((each for each in found if each is not None), default=None)


def _of_axis(canvas: Tensor, dim: int) -> float:
    jumps = (canvas.roll(-1, dim) - canvas).abs().mean([d for d in range(4) if d != dim]).clamp_min(_UNSEEN)
    return float(jumps[-1] / jumps[:-1].quantile(_INNER))
