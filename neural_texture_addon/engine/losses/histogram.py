"""The distribution of each feature by itself (Risser, Wilmot & Barnes 2017), compared by optimal transport."""

from .sliced_wasserstein import distance, error_and_unit, in_units, merge, summarise, unit

__all__ = ["distance", "error_and_unit", "in_units", "merge", "summarise", "unit"]
