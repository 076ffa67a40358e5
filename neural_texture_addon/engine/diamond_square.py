"""The plasma: fractal noise by the diamond-square algorithm, on the torus. A texture generator of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from .torus import HEIGHT, WIDTH, roll

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Generator, Tensor


def diamond_square(
    channels: int, height: int, width: int, roughness: float, generator: Generator
) -> Float[Tensor, "1 channels height width"]:
    """Independent plasma in each channel, mean 0 and standard deviation 1; it wraps along both axes.

    Height and width are powers of two (ValueError otherwise). `roughness`, 0 to 1, is what the random displacement
    keeps of its amplitude from one scale to the next. Fournier, Fussell & Carpenter (1982); every scale halves the
    spacing of the grid: first the centres of its squares, then the middles of their sides.
    """
    for length in (height, width):
        if length < 1 or length & (length - 1):
            raise ValueError(f"a plasma's side is {length} px; allowed: powers of two")
    short = min(height, width)

    def displacement(rows: int, columns: int) -> Tensor:
        return torch.randn(1, channels, rows, columns, generator=generator)

    plasma, amplitude = displacement(height // short, width // short), 1.0
    for _ in range(int(math.log2(short))):
        amplitude *= roughness
        centres = _mean_of_corners(plasma) + amplitude * displacement(*plasma.shape[2:])
        # Beside a side's middle stand its two ends and the centres of the two squares that share it.
        above = (plasma + roll(plasma, 0, -1) + centres + roll(centres, 1, 0)) / 4
        left = (plasma + roll(plasma, -1, 0) + centres + roll(centres, 0, 1)) / 4
        amplitude_of_sides = amplitude * math.sqrt(0.5)  # their spacing is shorter by sqrt(2)
        above = above + amplitude_of_sides * displacement(*plasma.shape[2:])
        left = left + amplitude_of_sides * displacement(*plasma.shape[2:])
        plasma = _interleaved(_interleaved(plasma, above, WIDTH), _interleaved(left, centres, WIDTH), HEIGHT)
    spread, mean = torch.std_mean(plasma, (HEIGHT, WIDTH), correction=0, keepdim=True)
    return (plasma - mean) / spread.clamp_min(1e-6)


def _mean_of_corners(grid: Tensor) -> Tensor:
    row = grid + roll(grid, 0, -1)
    return (row + roll(row, -1, 0)) / 4


def _interleaved(even: Tensor, odd: Tensor, dim: int) -> Tensor:
    """Lines of both in turn, along `dim`."""
    return torch.stack((even, odd), dim + 1).flatten(dim, dim + 1)
