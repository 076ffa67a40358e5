"""How the other maps depend on one that is held: made again what it is in the exemplars. Draws no random numbers.

What is optimised has some noise of its own within the spread that its exemplar has, so it goes less with a colour that
can't give way than the exemplar's own does. Where the colour is of one kind, the exemplars say how each other map is
distributed: the values are moved to that. Smoothly, as the grain of a colour is none of a relief's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch

from ..job.description import MapKind
from . import normals, stacked, torus
from .losses.ranks import ordered, quantiles, residual
from .objective import Surroundings

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor

CUTS = 5
"""Of the colours into halves, one after the other: 32 kinds."""
FEWEST = 1000
"""Texels of a kind, in the exemplars: fewer don't say what is usual."""
ROUNDS = 8
"""After which little is left to move."""
SMOOTH = (0.57, 0.205, 0.01)
"""A Gaussian of 0.7 px, its centre first: over so many texels the moves are averaged."""


def restored(canvas: Float[Tensor, "1 c h w"], held: MapKind, around: Surroundings) -> Float[Tensor, "1 c h w"]:
    """The canvas (0 to 1) with other maps that go with the one that is held as those of the exemplars do at this scale.

    Each channel gets, within a kind of colour, the exemplars' values of its ranks: the shortest way from one
    distribution to another along a line (Pitié, Kokaram & Dahyot 2005). As it is, if there are no exemplars.
    """
    images = [exemplar.at(around.octave.scale).flatten(2)[0] for exemplar in around.exemplars]
    if not images:
        return canvas
    place = stacked.channels_of(held, around.maps)
    others = [channel for channel in range(canvas.shape[1]) if not place.start <= channel < place.stop]
    shares = [exemplar.weight / image.shape[1] for exemplar, image in zip(around.exemplars, images, strict=True)]
    wanted = [
        (there, _mixture([image[others][:, few] for image, few in zip(images, own, strict=True)], shares))
        for *own, there in _kinds([image[place] for image in (*images, canvas.flatten(2)[0])])
        if len(there) and any(map(len, own))
    ]
    for _ in range(ROUNDS):
        values = canvas[:, others]
        moves = values.new_zeros(values.shape)
        for there, values_there in wanted:
            moves.flatten(2)[0, :, there] = -residual(values.flatten(2)[0, :, there], values_there)
        moved = canvas.clone()
        moved[:, others] = (values + torus.filtered(moves, SMOOTH, around.wrap)).clamp(0, 1)
        canvas = normals.renormalised_in(moved, around.maps)
    return canvas


def _kinds(
    images: Sequence[Float[Tensor, "c _"]], chosen: Sequence[Int[Tensor, " _"]] | None = None, cuts: int = CUTS
) -> Iterator[Sequence[Int[Tensor, " _"]]]:
    """Which of the texels of each image are of one kind, for each kind.

    All images but the last say what the kinds are, by median cut (Heckbert 1982) across the principal axis.
    """
    chosen = chosen or [torch.arange(image.shape[1], device=image.device) for image in images]
    own = torch.cat([image[:, few] for image, few in zip(images[:-1], chosen[:-1], strict=True)], 1)
    if not cuts or own.shape[1] < 2 * FEWEST:
        yield chosen
        return
    axis = torch.linalg.eigh(own.cov().cpu()).eigenvectors[:, -1].to(own)
    middle = (axis @ own).median()
    above = [axis @ image[:, few] > middle for image, few in zip(images, chosen, strict=True)]
    yield from _kinds(images, [few[is_above] for few, is_above in zip(chosen, above, strict=True)], cuts - 1)
    yield from _kinds(images, [few[~is_above] for few, is_above in zip(chosen, above, strict=True)], cuts - 1)


def _mixture(parts: Sequence[Float[Tensor, "f _"]], shares: Sequence[float]) -> Float[Tensor, "f n"]:
    """The values in order, where a value of each part counts for so much."""
    if len(parts) == 1:
        return ordered(parts[0])
    most = max(share for part, share in zip(parts, shares, strict=True) if part.shape[1])
    counts = [round(part.shape[1] * share / most) for part, share in zip(parts, shares, strict=True)]
    each = [quantiles(ordered(part), count) for part, count in zip(parts, counts, strict=True) if count]
    return ordered(torch.cat(each, 1))
