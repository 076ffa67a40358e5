"""Which terms look through the same lens, and at which of its layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...job.description import NearestPatches, Patches, Pooling, Term, Texels, TotalVariation, Vgg19
from .lens import ALL
from .view import NEXT

Key = Texels | Patches | Pooling | NearestPatches
"""Says which terms can share a view: those of equal patches or windows, and those of a network that pools alike."""


def key_of(term: Term) -> Key:
    """The term's."""
    if isinstance(term, NearestPatches):
        return replace(term, weight=1.0, exemplars=(), levels=1)
    match getattr(term, "features", Texels()):
        case Vgg19(pooling=pooling):
            return pooling
        case features:
            return features


def layers_of(term: Term) -> Mapping[str, float]:
    """Those that the term looks at, with their weights."""
    if isinstance(term, TotalVariation):
        return {NEXT: 1.0}
    match getattr(term, "features", Texels()):
        case Vgg19(layers=layers):
            return {layer: weight for layer, weight in layers.items() if weight}
        case _:
            return {ALL: 1.0}
