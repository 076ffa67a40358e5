# SPDX-License-Identifier: GPL-3.0-or-later
"""From the linear render to the photograph: cleaned of the sampling's noise, metered, developed. Knows no scene.

There is no denoiser in the `bpy` wheel, so the light that falls on the surface is filtered here, guided by the passes
that have no noise; the surface's own colour, which the light is divided by before and multiplied by after, stays as
sharp as it was rendered.
"""

import numpy as np

FADE = 0.14  # how much of the film curve's extra saturation is taken back
GRAIN = 0.007  # standard deviation of the sensor's grain, of the encoded range
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
REACH = 3  # half the side of the filter's window, in pixels
LIKE_NORMAL, LIKE_HEIGHT, LIKE_LIGHT = 0.17, 0.02, 0.16  # how unlike two pixels may be; height as part of its range


def _window(field):
    """Every shift of a field (rows, columns, channels) within REACH, each with its distance in pixels."""
    rows, columns = field.shape[:2]
    padded = np.pad(field, ((REACH, REACH), (REACH, REACH), (0, 0)), mode="reflect")
    for y, x in np.ndindex(2 * REACH + 1, 2 * REACH + 1):
        yield padded[y : y + rows, x : x + columns], np.hypot(y - REACH, x - REACH)


def _averaged(light, guide):
    """`light` averaged over the window where the `guide` (rows, columns, channels) is alike."""
    total, weights = 0, 0
    both = np.concatenate([light, guide], -1)
    for shifted, distance in _window(both):
        unlike = ((shifted[..., 3:] - guide) ** 2).sum(-1, keepdims=True) + (distance / REACH) ** 2
        weight = np.exp(-unlike)
        total, weights = total + weight * shifted[..., :3], weights + weight
    return total / weights


def clean(passes):
    """The render's linear colours with the noise of their light averaged away (a joint bilateral filter, twice)."""
    albedo = np.maximum(passes["albedo"], 0.004)
    light = passes["colour"] / albedo
    height = passes["height"][..., :1]
    shape = np.concatenate([passes["normal"] / LIKE_NORMAL, height / (LIKE_HEIGHT * np.ptp(height))], -1)
    first = _averaged(light, shape)
    level = np.log(np.maximum(first @ LUMA, 1e-4))[..., None] / LIKE_LIGHT
    return _averaged(light, np.concatenate([shape, level], -1)) * albedo


def develop(colour, grey, rng):
    """The linear picture as a camera shows it: metered to `grey`, through a film curve, in sRGB, a little grainy."""
    metered = colour * (grey / (colour @ LUMA).mean())
    # Narkowicz 2015's fit of the ACES film curve
    film = metered * (2.51 * metered + 0.03) / (metered * (2.43 * metered + 0.59) + 0.14)
    film = np.clip(film * (1 - FADE) + FADE * (film @ LUMA)[..., None], 0, 1)
    encoded = np.where(film <= 0.0031308, film * 12.92, 1.055 * film ** (1 / 2.4) - 0.055)
    grain = rng.standard_normal((*colour.shape[:2], 1)) + 0.4 * rng.standard_normal(colour.shape)
    return np.clip(encoded + GRAIN * grain, 0, 1)
