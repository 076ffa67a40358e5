"""Look at objects with Cycles: an orthographic camera, no light but the objects' own."""

import bpy
import numpy as np
from mathutils import Vector

VIEW, PIXELS = 7.0, 140
"""What the camera sees, in metres and in pixels."""


def new_scene() -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    camera = bpy.data.cameras.new("Camera")
    camera.type, camera.ortho_scale = "ORTHO", VIEW
    scene.camera = bpy.data.objects.new("Camera", camera)
    scene.collection.objects.link(scene.camera)
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.cycles.pixel_filter_type = "BOX"
    scene.render.resolution_x = scene.render.resolution_y = PIXELS
    scene.view_settings.view_transform = "Raw"


def shine(material: bpy.types.Material, colour: bpy.types.NodeSocket) -> None:
    """Let the material show that socket's colour by itself."""
    tree = material.node_tree
    emission = tree.nodes.new("ShaderNodeEmission")
    tree.links.new(colour, emission.inputs["Color"])
    tree.links.new(emission.outputs["Emission"], tree.get_output_node("ALL").inputs["Surface"])


def seen(folder: str, looking: tuple[float, float, float] = (0, 0, -1)) -> np.ndarray:
    """What shows to a camera that looks that way: rows from below, columns, RGBA."""
    scene, camera = bpy.context.scene, bpy.context.scene.camera
    camera.rotation_euler = Vector(looking).to_track_quat("-Z", "Y").to_euler()
    camera.location = Vector(looking) * -20
    scene.render.filepath = f"{folder}/seen.png"
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(scene.render.filepath)
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    pixels = np.array(image.pixels[:]).reshape(height, width, 4)
    bpy.data.images.remove(image)
    return pixels


def texture(name: str, texels: np.ndarray) -> bpy.types.Image:
    """An image of these numbers: rows from below, columns, up to four channels."""
    height, width, channels = texels.shape
    image = bpy.data.images.new(name, width, height, float_buffer=True, is_data=True)
    whole = np.ones((height, width, 4), np.float32)
    whole[..., :channels] = texels
    image.pixels.foreach_set(whole.ravel())
    return image
