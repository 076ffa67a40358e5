"""The energy of texture optimisation (Kwatra, Essa, Bobick & Kwatra 2005, eq. 1): a sum over places.

Each window of the canvas is to be like one of the exemplar's, whichever is most similar just now. It says nothing of
how often each is to occur: that is for other terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from ...job.description import NearestPatches
from .. import fused, precision
from .averages import SMALL

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

AT_ONCE, AT_ONCE_ON_A_CARD = 2**20, 2**26
"""Distances that are held at once: so many stay in a processor's cache; so many keep a graphics card busy."""
_ALIGNED = 8
"""Columns of a matrix are a multiple of so many where its product is computed fastest."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """The windows that the canvas's may be like."""

    windows: Float[Tensor, "n f"]
    """By their features, those first that tell most of them apart."""
    unit: Float[Tensor, ""]
    """Their mean squared distance from their mean."""


def summarise(maps: Float[Tensor, "f h w"], _term: NearestPatches) -> Float[Tensor, "n f"]:
    """The exemplar's windows."""
    return maps.flatten(1).T.contiguous()


def merge(summaries: list[Float[Tensor, "_ f"]], weights: list[float]) -> Candidates:
    """All of them: where only the nearest counts, a share says nothing but whether it is there."""
    windows = torch.cat([summary for summary, weight in zip(summaries, weights, strict=True) if weight])
    return Candidates(windows=windows, unit=windows.var(0, correction=0).sum())


def to_nearest(maps: Float[Tensor, "f h w"], target: Candidates, term: NearestPatches) -> Float[Tensor, ""]:
    """The mean squared distance of the canvas's windows from the nearest; the choice carries no gradient."""
    seen, count = maps.flatten(1).T, term.components
    nearest = target.windows[_nearest(seen.detach()[:, :count], target.windows[:, :count])]
    return (seen - nearest).square().sum(1).mean()


def compare(square: Float[Tensor, ""], target: Candidates, _term: NearestPatches) -> Float[Tensor, ""]:
    """In units of how far the exemplar's windows are from their mean."""
    return square / target.unit.clamp_min(SMALL)


def _nearest(seen: Float[Tensor, "m f"], windows: Float[Tensor, "n f"]) -> Float[Tensor, " m"]:
    """Of each of `seen`, the index of the nearest window; on a graphics card, one as near, to three digits."""
    if seen.device.type == "cuda" and precision.of_network(seen.device) is not torch.float32:
        return _nearest_in_half(seen, windows)
    lengths, few = windows.square().sum(1), max(AT_ONCE // len(windows), 1)
    # |s - w|^2 but for |s|^2, which is the same for all w
    return torch.cat([_least(torch.addmm(lengths, part, windows.T, alpha=-2)) for part in seen.split(few)])


def _nearest_in_half(seen: Float[Tensor, "m f"], windows: Float[Tensor, "n f"]) -> Float[Tensor, " m"]:
    """Its products are many times as fast; its digits are counted from the middle."""
    middle, count = windows.mean(0), len(windows)
    seen, windows = (seen - middle).half(), (windows - middle).half()
    lengths = windows.float().square().sum(1)
    if fused.works(seen.device):
        return fused.nearest(seen, windows, lengths)
    windows, lengths = (torch.cat((each, each[: -count % _ALIGNED])) for each in (windows, lengths.half()))
    parts = seen.split(max(AT_ONCE_ON_A_CARD // len(windows), 1))
    return torch.cat([_least(torch.addmm(lengths, part, windows.T, alpha=-2)) for part in parts]) % count


def _least(distances: Float[Tensor, "m n"]) -> Float[Tensor, " m"]:
    if distances.device.type == "cpu":  # numpy looks with vector instructions: a third of torch's time
        return torch.from_numpy(np.argmin(distances.numpy(), 1))
    return distances.argmin(1)
