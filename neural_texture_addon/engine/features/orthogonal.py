"""Random directions at right angles to those drawn before them, until a basis of the space is through; then the next.

What is averaged over them varies less than over independent ones (Rowland et al. 2019, "Orthogonal estimation of
Wasserstein distances"); over as many as there are dimensions a mean square does not vary at all.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from .. import rotation

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor

_MOST_DIMENSIONS = 512
"""Beyond them a few independent directions are nearly at right angles anyway, and a basis takes long to find."""


class OrthogonalDirections:
    """Of a space of so many dimensions: the vectors of one basis after the other, each uniform on the sphere."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._left: Tensor = torch.empty(0, dimensions)
        """Of the last basis."""
        self._bases: _Bases | None = None

    def draw(self, count: int, generator: Generator) -> Float[Tensor, "count dimensions"]:
        """The next ones: unit vectors."""
        if self._dimensions > _MOST_DIMENSIONS:
            return functional.normalize(torch.randn(count, self._dimensions, generator=generator), dim=1)
        self._bases = self._bases or _Bases(self._dimensions, generator)
        missing = max(math.ceil((count - len(self._left)) / self._dimensions), 0)
        found = torch.cat((self._left, *(self._bases.next(generator) for _ in range(missing))))
        drawn, self._left = found[:count], found[count:]
        return drawn


def held(dimensions: int) -> int:
    """Bytes between two draws: two bases in double precision, and what is left of one in single."""
    return (2 * 8 + 4) * dimensions**2 if dimensions <= _MOST_DIMENSIONS else 0


class _Bases:
    """Each is the one before, with its vectors' signs drawn and then turned, always the same way.

    To turn a basis that is drawn evenly gives another that is; signs make it another each time. To draw each anew would
    take as long as looking through it. In double precision, as it goes on for thousands of them.
    """

    def __init__(self, dimensions: int, generator: Generator) -> None:
        self._basis, self._turn = (rotation.draw(dimensions, generator) for _ in range(2))

    def next(self, generator: Generator) -> Float[Tensor, "dimensions dimensions"]:
        signs = torch.randint(2, (len(self._turn),), generator=generator) * 2 - 1
        self._basis = (self._turn * signs) @ self._basis
        return self._basis.float()
