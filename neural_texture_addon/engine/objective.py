"""What a step minimises: the signed, weighted sum of its loss terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ..job.description import SlicedWasserstein, Term
from .exemplar import Exemplar
from .features import patches
from .features.patches import Filters
from .losses import sliced_wasserstein
from .schedule import Octave
from .torus import PLANE, Wrap

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor

CROWD = 1.5
"""So many times the canvas's windows an exemplar may have before it is sampled."""
LARGEST_SAMPLE = 2**18
"""Windows: enough for the quantiles of any canvas, and 150 MB of texels."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Objective:
    """The objective of one step in one octave: called with the canvas, it returns the loss."""

    terms: tuple[Term, ...]
    exemplars: list[Float[Tensor, "1 c h w"]]
    """At the octave's scale."""
    weights: list[float]
    """Of the exemplars."""
    wrap: Wrap
    stride_side: float
    generator: Generator

    def __call__(self, canvas: Float[Tensor, "1 c h w"]) -> Float[Tensor, ""]:
        """The signed sum of the terms. Random features are drawn anew at each call."""
        return torch.stack([term.weight * self._distance(term, canvas) for term in self.terms]).sum()

    def _distance(self, term: SlicedWasserstein, canvas: Tensor) -> Tensor:
        spec = term.features
        filters = patches.draw(spec.filters, canvas.shape[1], spec.size, self.generator, canvas.device)
        stride = spec.stride if self.stride_side >= spec.stride_from else 1
        seen = filters(canvas, self.wrap, stride)
        with torch.no_grad():
            summaries = [
                sliced_wasserstein.summarise(self._of_exemplar(filters, texels, stride, seen.shape[1]))
                for texels in self.exemplars
            ]
            target = sliced_wasserstein.merge(summaries, self.weights, seen.shape[1])
        return sliced_wasserstein.distance(seen, target)

    def _of_exemplar(self, filters: Filters, texels: Tensor, stride: int, count: int) -> Tensor:
        """Windows as dense as the canvas's; of an exemplar with many more of them, a sample that costs as much."""
        if texels[0, 0].numel() / stride**2 <= CROWD * count:
            return filters(texels, PLANE, stride)
        return filters.sampled(texels, min(count, LARGEST_SAMPLE), self.generator)


def build(
    terms: tuple[Term, ...], exemplars: list[Exemplar], octave: Octave, wrap: Wrap, generator: Generator
) -> Objective:
    """The objective for an octave."""
    return Objective(
        terms=terms,
        exemplars=[exemplar.at(octave.scale) for exemplar in exemplars],
        weights=[exemplar.weight for exemplar in exemplars],
        wrap=wrap,
        stride_side=octave.side,
        generator=generator,
    )
