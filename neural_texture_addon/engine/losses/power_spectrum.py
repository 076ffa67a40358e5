"""Power spectrum of the features (Liu, Gousseau & Xia 2016): the strength of each frequency, wherever it stands.

The paper asks for the exemplar's own Fourier modulus, so both images must be of one size. Here the spectrum is the
transform of the windowed autocorrelation (Blackman & Tukey 1958): it is known at the same frequencies for images of any
size, and needs no pretence that the exemplar wraps. Amplitudes are compared, as in the paper, not powers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from ...job.description import PowerSpectrum
from . import autocorrelation
from .averages import SMALL

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

merge = autocorrelation.merge
in_units = autocorrelation.in_units


def summarise(maps: Float[Tensor, "c h w"], _term: PowerSpectrum) -> Float[Tensor, "c h w"]:
    """The autocovariance at each lag, of maps that end at their border."""
    return autocorrelation.lags(_without_mean(maps))


def distance(maps: Float[Tensor, "c h w"], target: Float[Tensor, "c _ _"], term: PowerSpectrum) -> Float[Tensor, ""]:
    """Squared distance of the amplitudes, in units of the target's squared length; means are left out."""
    return in_units(*error_and_unit(maps, target, term), len(maps))


def error_and_unit(
    maps: Float[Tensor, "c h w"], target: Float[Tensor, "c _ _"], _term: PowerSpectrum
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """The squared distance, and the squared length of the target."""
    own = _amplitudes(autocorrelation.of_canvas(_without_mean(maps), target))
    wanted = _amplitudes(autocorrelation.of_target(target, maps.shape[1:]))
    return (own - wanted).square().sum(), wanted.square().sum()


def unit(target: Float[Tensor, "c _ _"], size: Sequence[int], _term: PowerSpectrum) -> Float[Tensor, ""]:
    """The second of the two, for maps of this height and width."""
    return _amplitudes(autocorrelation.of_target(target, size)).square().sum()


def _without_mean(maps: Tensor) -> Tensor:
    return maps - maps.mean((1, 2), keepdim=True)


def _amplitudes(lags: Tensor) -> Tensor:
    """Of the frequencies but zero. An estimate from few pairs may fall below zero power."""
    power = torch.fft.rfft2(lags).real.clamp_min(0)
    return (power.flatten(1)[:, 1:] + SMALL).sqrt()
