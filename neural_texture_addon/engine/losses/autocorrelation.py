"""Autocorrelation of feature maps (Sendik & Cohen-Or 2017; Gonthier et al. 2022): a layer beside itself, moved.

On a torus it is the inverse transform of the power spectrum (Wiener-Khinchin), exactly. An exemplar ends at its border:
there each lag is the mean over the pairs of places that exist (its transform is taken with a margin of zeros).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from ...job.description import Autocorrelation
from .averages import SMALL, weighted

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def summarise(maps: Float[Tensor, "c h w"], _term: Autocorrelation) -> Float[Tensor, "c h w"]:
    """As `lags`."""
    return lags(maps)


def lags(maps: Float[Tensor, "c h w"]) -> Float[Tensor, "c h w"]:
    """Of maps that end at their border: lags up to half a side, zero lag first, negative ones from the end."""
    height, width = maps.shape[1:]
    power = torch.fft.rfft2(maps, s=(2 * height, 2 * width)).abs().square()
    sums = torch.fft.irfft2(power, s=(2 * height, 2 * width))
    pairs = _pairs(height, maps)[:, None] * _pairs(width, maps)
    return _lags(sums / pairs.clamp_min(1), ((height - 1) // 2, (width - 1) // 2))


def within(lags: Float[Tensor, "c _ _"], size: Sequence[int]) -> Float[Tensor, "c _ _"]:
    """Those that a canvas of this height and width reaches, too: all that it can be compared with."""
    return _lags(lags, _reach(size, lags))


def merge(summaries: list[Float[Tensor, "c _ _"]], weights: list[float]) -> Float[Tensor, "c h w"]:
    """The weighted mean, at the lags that all of them know (those without weight aside)."""
    known = [summary for summary, weight in zip(summaries, weights, strict=True) if weight]
    reach = tuple(min(s.shape[dim] // 2 for s in known) for dim in (1, 2))
    return weighted([_lags(s, reach) for s in known], [weight for weight in weights if weight])


def distance(maps: Float[Tensor, "c h w"], target: Float[Tensor, "c _ _"], term: Autocorrelation) -> Float[Tensor, ""]:
    """Squared distance at the lags that both know, in units of the target's squared length; nearer lags count more."""
    return in_units(*error_and_unit(maps, target, term), len(maps))


def error_and_unit(
    maps: Float[Tensor, "c h w"], target: Float[Tensor, "c _ _"], _term: Autocorrelation
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """The squared distance, and the squared length of the target."""
    wanted = of_target(target, maps.shape[1:])
    return (of_canvas(maps, target) - wanted).square().sum(), wanted.square().sum()


def unit(target: Float[Tensor, "c _ _"], size: Sequence[int], _term: Autocorrelation) -> Float[Tensor, ""]:
    """The second of the two, for maps of this height and width."""
    return of_target(target, size).square().sum()


def in_units(errors: Tensor, units: Tensor, _count: int) -> Float[Tensor, ""]:
    """The distance, from the sums over all features."""
    return errors / units.clamp_min(SMALL)


def of_canvas(maps: Float[Tensor, "c h w"], target: Float[Tensor, "c _ _"]) -> Float[Tensor, "c _ _"]:
    """The lags of a canvas on the torus, as far as both reach.

    Windowed, falling linearly from zero lag (Bartlett 1950): of distant places an exemplar holds few pairs.
    """
    own = torch.fft.irfft2(torch.fft.rfft2(maps).abs().square() / maps[0].numel(), s=maps.shape[1:])
    reach = _reach(maps.shape[1:], target)
    return _lags(own, reach) * _window(reach, maps)


def of_target(target: Float[Tensor, "c _ _"], size: Sequence[int]) -> Float[Tensor, "c _ _"]:
    """The target's, as far as it and a canvas of this height and width both reach; windowed alike."""
    reach = _reach(size, target)
    return _lags(target, reach) * _window(reach, target)


def _reach(size: Sequence[int], target: Tensor) -> tuple[int, ...]:
    return tuple(min((length - 1) // 2, known // 2) for length, known in zip(size, target.shape[1:], strict=True))


def _pairs(length: int, like: Tensor) -> Tensor:
    """How many pairs of places there are at each lag of a transform twice as long."""
    lags = torch.arange(2 * length, device=like.device, dtype=like.dtype)
    return (length - torch.minimum(lags, 2 * length - lags)).clamp_min(0)


def _lags(full: Tensor, reach: tuple[int, ...]) -> Tensor:
    """Those up to `reach`, in the order of a transform: 0 .. reach, -reach .. -1."""
    for dim, far in zip((1, 2), reach, strict=True):
        length = full.shape[dim]
        full = torch.cat((full.narrow(dim, 0, far + 1), full.narrow(dim, length - far, far)), dim)
    return full


def _window(reach: tuple[int, ...], like: Tensor) -> Tensor:
    rows, columns = (1 - _distances(far, like) / (far + 1) for far in reach)
    return rows[:, None] * columns


def _distances(far: int, like: Tensor) -> Tensor:
    """Of the lags up to `far` from zero lag, in the order of a transform."""
    up = torch.arange(far + 1, device=like.device, dtype=like.dtype)
    return torch.cat((up, up[1:].flip(0)))
