# SPDX-License-Identifier: GPL-3.0-or-later
"""The empty stage: an orthographic camera looking straight down at the origin, sun and sky. Builds no surface.

The picture's right is +x, its up is +y and +z looks at the viewer: world space is the picture's tangent space.
"""

import math
from dataclasses import dataclass

import bpy


@dataclass(frozen=True, kw_only=True)
class Light:
    """A sun and a sky: angles in degrees, the sun's `spread` is its angular diameter (haze makes it large).

    `grey` is the linear level the camera's meter brings the picture's mean luminance to.
    """

    azimuth: float = 125.0
    elevation: float = 48.0
    spread: float = 4.0
    sun: float = 3.2
    sky: float = 0.9
    grey: float = 0.17


def clear():
    """An empty file with nothing of the user's settings."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def _link(name, data):
    thing = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def _add_camera(width):
    camera = bpy.data.cameras.new("camera")
    camera.type = "ORTHO"
    camera.ortho_scale = width
    thing = _link("camera", camera)
    thing.location = (0, 0, 2)
    bpy.context.scene.camera = thing


def _add_sun(light):
    sun = bpy.data.lights.new("sun", "SUN")
    sun.energy = light.sun
    sun.angle = math.radians(light.spread)
    sun.color = (1.0, 0.93, 0.84)
    thing = _link("sun", sun)
    thing.rotation_euler = (0, math.radians(90 - light.elevation), math.radians(light.azimuth))


def _add_sky(light):
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.80, 0.89, 1.0, 1)
    background.inputs["Strength"].default_value = light.sky
    bpy.context.scene.world = world


def _set_cycles(pixels, samples):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = pixels
    scene.render.resolution_percentage = 100
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.seed = 0
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = False
    cycles.max_bounces = 3
    cycles.filter_width = 1.3  # a little crisper than Cycles' 1.5, as a sharp lens is
    cycles.sample_clamp_indirect = 4.0


def light_up(width, light, pixels, samples):
    """Set camera, light and renderer for a frame `width` metres wide of pixels x pixels."""
    _add_camera(width)
    _add_sun(light)
    _add_sky(light)
    _set_cycles(pixels, samples)
