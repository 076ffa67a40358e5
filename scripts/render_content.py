# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the gallery's content image, `examples/still_life.jpg`: PYTHON scripts/render_content.py

PYTHON is any that has `bpy` (its wheel, 4.5).
"""

import math
from pathlib import Path

import bpy

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT, SAMPLES = 512, 384, 96


def main():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    build()
    light_up()
    render(ROOT / "examples" / "still_life.jpg")


def build():
    """The monkey, a ball and a cone on a table."""
    bpy.ops.mesh.primitive_plane_add(size=30)
    finish((0.55, 0.42, 0.3))
    bpy.ops.mesh.primitive_monkey_add(size=2.4, location=(-0.7, 0.2, 1.0), rotation=(math.radians(-12), 0, 0.5))
    bpy.context.object.modifiers.new("smooth", "SUBSURF").render_levels = 2
    finish((0.75, 0.2, 0.08))
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.75, location=(1.6, -0.6, 0.75), segments=64, ring_count=32)
    finish((0.08, 0.3, 0.65))
    bpy.ops.mesh.primitive_cone_add(radius1=0.8, depth=2.2, location=(1.7, 1.5, 1.1), vertices=96)
    finish((0.85, 0.7, 0.15))


def finish(colour):
    """Smooth the active object and give it a colour."""
    bpy.ops.object.shade_smooth()
    material = bpy.data.materials.new("paint")
    material.use_nodes = True
    principled = material.node_tree.nodes["Principled BSDF"]
    principled.inputs["Base Color"].default_value = (*colour, 1)
    principled.inputs["Roughness"].default_value = 0.45
    bpy.context.object.data.materials.append(material)


def light_up():
    """A window from the left, a pale wall, a camera at eye level."""
    bpy.ops.object.light_add(type="AREA", location=(-4, -3, 5), rotation=(math.radians(45), 0, math.radians(-50)))
    bpy.context.object.data.energy, bpy.context.object.data.size = 700, 2.5
    world = bpy.data.worlds.new("wall")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.5, 0.55, 0.6, 1)
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.5
    bpy.context.scene.world = world
    bpy.ops.object.camera_add(location=(0.4, -8.2, 3.0), rotation=(math.radians(75), 0, math.radians(1)))
    bpy.context.scene.camera = bpy.context.object


def render(path):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = SAMPLES, True
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.render.image_settings.file_format, scene.render.image_settings.quality = "JPEG", 92
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


if __name__ == "__main__":
    main()
