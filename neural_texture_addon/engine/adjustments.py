"""The steps that optimise nothing: they sharpen, blur, roll the canvas or change its colours. No loss, no network.

Each commutes with rolling the canvas along the axes that wrap, bit for bit: so sums are taken of whole numbers, in
which order does not count, and functions of a texel are taken by its value alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from ..job.description import Blur, ColourMatching, Levels, MapKind, MatchColours, Offset, Sharpen
from . import rotation, stacked, torus
from .exemplar import Exemplar
from .stacked import channels_of

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor

Adjustment = Sharpen | Blur | MatchColours | Levels | Offset
"""The steps of a job that are not `Optimise`."""

ROTATIONS = 20
"""Of the matching of distributions; Pitié, Kokaram & Dahyot (2005, fig. 6) see it at rest after 10 to 20."""
SAMPLED = 2**18
"""Texels of an exemplar whose colours are matched, at most."""
_GOLDEN = (math.sqrt(5) - 1) / 2
"""Its multiples are spread evenly over a circle, however many there are (Weyl 1916)."""
BINS = 2**16
"""Of a canvas's values along a line."""
_UNIT = 2**24
"""What 1 is as a whole number: 2^38 texels can be added up in 64 bits."""
_LEAST_VARIANCE = 1e-8
"""Of a colour direction in a canvas: below, there is nothing to stretch."""


def apply(
    step: Adjustment,
    canvas: Float[Tensor, "1 c h w"],
    exemplars: list[Exemplar],
    maps: tuple[MapKind, ...],
    wrap: torus.Wrap,
    generator: Generator,
) -> Float[Tensor, "1 c h w"]:
    """The canvas (of these `maps`, values 0 to 1) after the step; the one given stays as it is.

    The exemplars are those at the octave's scale. Colours and levels change the colour map alone.
    """
    match step:
        case Sharpen(amount=amount, radius=radius):
            return (canvas + amount * (canvas - blurred(canvas, radius, wrap))).clamp(0, 1)
        case Blur(radius=radius):
            return blurred(canvas, radius, wrap)
        case Offset(x=x, y=y):
            return torus.roll(canvas, round(y * canvas.shape[torus.HEIGHT]), round(x * canvas.shape[torus.WIDTH]))
        case Levels():
            return _with_colour(canvas, maps, lambda texels: stretched(texels, step))
        case MatchColours(method=method):
            all_of_them = (one.texels[0, channels_of(MapKind.COLOUR, maps)].flatten(1) for one in exemplars)
            colours = [_sample(texels) for texels in all_of_them]
            weights = [exemplar.weight for exemplar in exemplars]
            if method is ColourMatching.COVARIANCE:
                return _with_colour(canvas, maps, lambda texels: with_covariance_of(texels, colours, weights))
            return _with_colour(canvas, maps, lambda texels: with_distribution_of(texels, colours, weights, generator))


def blurred(canvas: Float[Tensor, "1 c h w"], radius: float, wrap: torus.Wrap) -> Float[Tensor, "1 c h w"]:
    """Convolved with a Gaussian of that standard deviation in texels, cut off at four of them."""
    half = [math.exp(-0.5 * (tap / radius) ** 2) for tap in range(math.ceil(4 * radius) + 1)]
    total = half[0] + 2 * sum(half[1:])
    return torus.filtered(canvas, [tap / total for tap in half], wrap).clamp(0, 1)


def stretched(texels: Float[Tensor, "c n"], levels: Levels) -> Float[Tensor, "c n"]:
    """`black` to 0, `white` to 1, in between to the power of 1 / `gamma`."""
    texels = ((texels - levels.black) / (levels.white - levels.black)).clamp(0, 1)
    if levels.gamma == 1.0:
        return texels
    # in double precision on the CPU: the power's last bit depends on where in memory the texel lies
    return texels.cpu().double().pow(1 / levels.gamma).float().to(texels.device)


def with_distribution_of(
    texels: Float[Tensor, "c n"], exemplars: list[Float[Tensor, "c m"]], weights: list[float], generator: Generator
) -> Float[Tensor, "c n"]:
    """The texels moved until they are distributed as the exemplars' are.

    Iterated matching of one-dimensional distributions, along the axes of random rotations (Pitié, Kokaram & Dahyot
    2005, algorithm 1).
    """
    for _ in range(ROTATIONS):
        axes = rotation.draw(len(texels), generator).tolist()
        moved = [
            _matched(_along(axis, texels), [_along(axis, exemplar) for exemplar in exemplars], weights) for axis in axes
        ]
        texels = torch.stack([_along(axis, moved) for axis in zip(*axes, strict=True)])
    return texels.clamp(0, 1)


def with_covariance_of(
    texels: Float[Tensor, "c n"], exemplars: list[Float[Tensor, "c m"]], weights: list[float]
) -> Float[Tensor, "c n"]:
    """The texels with the exemplars' mean and covariance, by the linear map that moves them least.

    The Monge-Kantorovich solution for Gaussians (Pitié & Kokaram 2007, eq. 10).
    """
    mean, covariance = _mean_and_covariance([texels], [1.0])
    wanted_mean, wanted_covariance = _mean_and_covariance(exemplars, weights)
    root = _power(covariance, 0.5)
    inverse_root = _power(covariance, -0.5)
    linear = inverse_root @ _power(root @ wanted_covariance @ root, 0.5) @ inverse_root
    shift = wanted_mean - linear @ mean
    rows = zip(linear.tolist(), shift.tolist(), strict=True)
    return torch.stack([_along(row, texels) + constant for row, constant in rows]).clamp(0, 1)


def _sample(texels: Float[Tensor, "c n"]) -> Float[Tensor, "c m"]:
    """So many of them, at most, as say how all are distributed; spread evenly, but not along a grid."""
    count = texels.shape[1]
    if count <= SAMPLED:
        return texels
    turns = torch.arange(SAMPLED, dtype=torch.float64) * _GOLDEN % 1
    return texels[:, (turns * count).long().to(texels.device)]


def _with_colour(
    canvas: Tensor, maps: tuple[MapKind, ...], change: Callable[[Tensor], Tensor]
) -> Float[Tensor, "1 c h w"]:
    """The canvas with its colours changed; a canvas without colour as it is."""
    return stacked.changed(
        canvas, maps, MapKind.COLOUR, lambda colour: change(colour[0].flatten(1)).view_as(colour[0])[None]
    )


def _along(axis: list[float] | tuple[float, ...], texels: Tensor | list[Tensor]) -> Float[Tensor, " n"]:
    """The texels' coordinate along an axis. A matrix product might round the last texels otherwise than the first."""
    first, *others = [row * share for share, row in zip(axis, texels, strict=True)]
    return sum(others, first)


def _matched(
    values: Float[Tensor, " n"], exemplars: list[Float[Tensor, " m"]], weights: list[float]
) -> Float[Tensor, " n"]:
    """The values by the rising map that gives them the exemplars' distribution. Equal values stay equal."""
    low, high = float(values.min()), float(values.max())
    width = max(high - low, 1e-6) / (BINS - 1)
    bins = ((values - low) / width).round().long().clamp(0, BINS - 1)
    counts = bins.bincount(minlength=BINS)
    rank = (counts.cumsum(0) - counts / 2) / len(values)
    moves = _quantiles(exemplars, weights, rank) - (low + width * torch.arange(BINS, device=values.device))
    return values + moves[bins]


def _quantiles(
    exemplars: list[Float[Tensor, " m"]], weights: list[float], ranks: Float[Tensor, " k"]
) -> Float[Tensor, " k"]:
    """The values of these ranks (0 to 1) among all exemplars' texels, each exemplar with its share."""
    values = torch.cat(exemplars)
    shares = torch.cat([torch.full_like(e, w / len(e)) for e, w in zip(exemplars, weights, strict=True)])
    values, order = values.sort()
    upper = shares[order].cpu().double().cumsum(0)
    middles = ((upper - shares[order].cpu() / 2) / upper[-1]).float().to(ranks.device)
    above = torch.searchsorted(middles, ranks).clamp_max(len(middles) - 1)
    below = (above - 1).clamp_min(0)
    step = (middles[above] - middles[below]).clamp_min(1e-12)
    return values[below] + ((ranks - middles[below]) / step).clamp(0, 1) * (values[above] - values[below])


def _mean_and_covariance(parts: list[Tensor], weights: list[float]) -> tuple[Tensor, Tensor]:
    """Over all parts, each with its share of the weight. In double precision, on the CPU."""
    shares = [weight / sum(weights) for weight in weights]
    means = [torch.stack([_mean(row) for row in part]) for part in parts]
    products = [torch.stack([torch.stack([_mean(row * other) for other in part]) for row in part]) for part in parts]
    mean = sum((share * m for share, m in zip(shares, means, strict=True)), torch.zeros_like(means[0]))
    product = sum((share * p for share, p in zip(shares, products, strict=True)), torch.zeros_like(products[0]))
    return mean, product - mean.outer(mean)


def _mean(values: Float[Tensor, " n"]) -> Float[Tensor, ""]:
    return (values * _UNIT).round().long().sum().cpu().double() / _UNIT / len(values)


def _power(symmetric: Tensor, exponent: float) -> Tensor:
    """Of a matrix without negative eigenvalues."""
    eigenvalues, axes = torch.linalg.eigh(symmetric)
    return (axes * eigenvalues.clamp_min(_LEAST_VARIANCE) ** exponent) @ axes.T
