"""The distribution of each feature by itself (Risser, Wilmot & Barnes 2017), compared by optimal transport."""

from .sliced_wasserstein import distance, merge, summarise

__all__ = ["distance", "merge", "summarise"]
