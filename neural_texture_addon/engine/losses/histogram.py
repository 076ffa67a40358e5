"""The distribution of each feature by itself (Risser, Wilmot & Barnes 2017), compared by optimal transport."""

from .sliced_wasserstein import distance, in_units, merge, summarise, to_slopes, unit

__all__ = ["distance", "in_units", "merge", "summarise", "to_slopes", "unit"]
