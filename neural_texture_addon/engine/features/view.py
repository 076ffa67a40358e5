"""A feature family that looks at canvas and exemplars alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ...job.description import Patches
from ..torus import PLANE, Wrap
from . import patches
from .patches import Filters

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor

Maps = Mapping[str, "Float[Tensor, 'c h w']"]
"""Feature maps by the name of their layer."""
ALL = "all"
"""The layer of a family that has but one."""
CROWD = 1.5
"""So many times the canvas's windows an exemplar may have before it is sampled."""
LARGEST_SAMPLE = 2**18
"""Windows: enough for the quantiles of any canvas, and 150 MB of texels."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sight:
    """What a family sees at one iteration."""

    canvas: Maps
    exemplars: list[Maps]
    """Without gradient."""


class FixedView:
    """A family that is the same at every iteration: it looks at the exemplars once."""

    def __init__(self, of_canvas: Callable[[Tensor], Maps], exemplars: list[Maps]) -> None:
        self._of_canvas = of_canvas
        self.exemplars = exemplars

    def look(self, canvas: Float[Tensor, "1 c h w"], _generator: Generator) -> Sight:
        """At the canvas as it is now."""
        return Sight(canvas=self._of_canvas(canvas), exemplars=self.exemplars)


class PatchView:
    """Random filters, drawn anew at every look. Their responses have lost their places: c, 1, windows."""

    def __init__(self, spec: Patches, exemplars: list[Float[Tensor, "1 c h w"]], wrap: Wrap, stride: int) -> None:
        self._spec = spec
        self._exemplars = exemplars
        self._wrap = wrap
        self._stride = stride

    def look(self, canvas: Float[Tensor, "1 c h w"], generator: Generator) -> Sight:
        """At the canvas as it is now, with new filters."""
        filters = patches.draw(self._spec.filters, canvas.shape[1], self._spec.size, generator, canvas.device)
        seen = filters(canvas, self._wrap, self._stride)
        with torch.no_grad():
            exemplars = [self._of_exemplar(filters, texels, seen.shape[1], generator) for texels in self._exemplars]
        return Sight(canvas={ALL: seen[:, None]}, exemplars=[{ALL: responses[:, None]} for responses in exemplars])

    def _of_exemplar(self, filters: Filters, texels: Tensor, count: int, generator: Generator) -> Tensor:
        """Windows as dense as the canvas's; of an exemplar with many more of them, a sample that costs as much."""
        if texels[0, 0].numel() / self._stride**2 <= CROWD * count:
            return filters(texels, PLANE, self._stride)
        return filters.sampled(texels, min(count, LARGEST_SAMPLE), generator)


def projected(sight: Sight, layers: Iterable[str], count: int, generator: Generator) -> Sight:
    """These layers along `count` random directions of each one's feature space (unit vectors, drawn anew)."""
    directions = {}
    for layer in layers:
        drawn = torch.randn(count, sight.canvas[layer].shape[0], generator=generator)
        directions[layer] = torch.nn.functional.normalize(drawn, dim=1).to(sight.canvas[layer])

    def along(maps: Maps) -> Maps:
        return {layer: torch.tensordot(direction, maps[layer], 1) for layer, direction in directions.items()}

    with torch.no_grad():
        exemplars = [along(maps) for maps in sight.exemplars]
    return Sight(canvas=along(sight.canvas), exemplars=exemplars)
