"""Rotations of spaces of any dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor


def draw(dimensions: int, generator: Generator) -> Float[Tensor, "dimensions dimensions"]:
    """Drawn evenly from all rotations and reflections (Mezzadri 2007); in double precision."""
    normal = torch.randn(dimensions, dimensions, dtype=torch.float64, generator=generator)
    orthogonal, triangular = torch.linalg.qr(normal)
    return orthogonal * triangular.diagonal().sign()
