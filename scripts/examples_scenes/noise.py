# SPDX-License-Identifier: GPL-3.0-or-later
"""Random fields for geometry and colour: spectral noise on grids, gradient noise at points. Knows nothing of Blender.

Lengths are metres. Every field has mean 0 and standard deviation 1 unless its docstring says otherwise.
"""

import numpy as np

MARGIN = 1.2  # spectral noise wraps; a crop of a larger field does not


def smoothstep(low, high, value):
    """0 below `low`, 1 above `high`, a cubic between (`low` may exceed `high`, which turns it round)."""
    step = np.clip((value - low) / (high - low), 0, 1)
    return step * step * (3 - 2 * step)


def mix(first, second, weight):
    """`first` where weight is 0, `second` where it is 1; a colour is mixed over its last axis."""
    first, second, weight = (np.asarray(part, np.float32) for part in (first, second, weight))
    if 3 in (*first.shape[-1:], *second.shape[-1:]):
        weight = weight[..., None]
    return first * (1 - weight) + second * weight


def linear(code):
    """The linear RGB of an sRGB hexadecimal code such as 'a34a32'."""
    encoded = np.array([int(code[at : at + 2], 16) for at in (0, 2, 4)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(np.float32)


class Chart:
    """Spectral noise over a grid of `shape` (rows, columns) points, `cell` metres apart; each call is another field."""

    def __init__(self, rng, shape, cell):
        self.rng, self.shape, self.cell = rng, shape, cell

    def fractal(self, scale, slope=2.0, stretch=(1, 1)):
        """Flat down to features of `scale`, then falling with frequency^-slope; `stretch` lengthens it in (y, x)."""
        return self._field(scale, stretch, lambda square: (1 + square) ** (-slope / 2))

    def blobs(self, scale, stretch=(1, 1)):
        """Smooth blobs of one size, `scale` across; `stretch` lengthens them in (y, x)."""
        return self._field(scale, stretch, lambda square: 4 * square * np.exp(-4 * square))

    def _field(self, scale, stretch, amplitude):
        rows, columns = (int(side * MARGIN) // 2 * 2 for side in self.shape)
        frequency_y = np.fft.fftfreq(rows, self.cell)[:, None] * stretch[0]
        frequency_x = np.fft.rfftfreq(columns, self.cell)[None] * stretch[1]
        white = np.fft.rfft2(self.rng.standard_normal((rows, columns), np.float32))
        weight = amplitude((frequency_y**2 + frequency_x**2) * scale**2)
        weight[0, 0] = 0
        field = np.fft.irfft2(white * weight, s=(rows, columns))[: self.shape[0], : self.shape[1]]
        return ((field - field.mean()) / field.std()).astype(np.float32)


def _lattice(corner, seed):
    """A hash of integer lattice points (..., 3) to gradients in the cube -1..1."""
    keys = corner.astype(np.uint32) * np.array([0x8DA6B343, 0xD8163841, 0xCB1AB31F], np.uint32)
    state = keys[..., 0] ^ keys[..., 1] ^ keys[..., 2] ^ np.uint32(seed * 0x9E3779B1 & 0xFFFFFFFF)
    gradients = []
    for _ in range(3):
        state = (state ^ (state >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
        state = (state ^ (state >> np.uint32(12))) * np.uint32(0x297A2D39)
        gradients.append(state.astype(np.float32) / 2**31 - 1)
    return np.stack(gradients, -1)


def gradient(points, seed=0):
    """Perlin's gradient noise at points (..., 3) in lattice units, about -1..1."""
    floor = np.floor(points)
    part = (points - floor).astype(np.float32)
    fade = part * part * part * (part * (part * 6 - 15) + 10)
    total = np.zeros(points.shape[:-1], np.float32)
    for offset in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(offset, fade, 1 - fade), -1)
        lattice = _lattice(floor.astype(np.int64) + offset, seed)
        total += weight * np.sum(lattice * (part - np.array(offset, np.float32)), -1)
    return total


def turbulence(points, seed=0, octaves=4, gain=0.5):
    """Octaves of gradient noise at points (..., 3), about -1..1."""
    return sum(gain**octave * gradient(points * 2**octave + 17.3 * octave, seed + octave) for octave in range(octaves))
