"""The module of each loss term, and which terms look at all places of a feature at once."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from ...job.description import (
    Autocorrelation,
    ChannelMean,
    Content,
    Gram,
    Histogram,
    Moments,
    NearestPatches,
    PatternAlignment,
    PatternEnhancement,
    PowerSpectrum,
    SlicedWasserstein,
    TotalVariation,
    ValueRange,
)
from . import (
    autocorrelation,
    channel_mean,
    content,
    gram,
    histogram,
    moments,
    nearest_patches,
    pattern_alignment,
    pattern_enhancement,
    power_spectrum,
    sliced_wasserstein,
    total_variation,
    value_range,
)

STATISTICS: Mapping[type, ModuleType] = {
    SlicedWasserstein: sliced_wasserstein,
    ChannelMean: channel_mean,
    Moments: moments,
    Gram: gram,
    Histogram: histogram,
    PowerSpectrum: power_spectrum,
    Autocorrelation: autocorrelation,
    NearestPatches: nearest_patches,
    PatternEnhancement: pattern_enhancement,
    PatternAlignment: pattern_alignment,
    Content: content,
    TotalVariation: total_variation,
    ValueRange: value_range,
}
TAKES_HALF = Moments | Gram | PatternAlignment
"""Those whose features may be in half precision: what is made of them is in single precision all the same."""
Sorted = SlicedWasserstein | Histogram
Transformed = PowerSpectrum | Autocorrelation
