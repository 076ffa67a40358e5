"""The same texture in every format: what Blender shows of its maps, packed and after a reload."""

import bpy
import numpy as np
from harness import ARGUMENTS, extension, module

style, folder = ARGUMENTS
FORMATS = (("png", "8"), ("png", "16"), ("exr", "16"), ("exr", "32"))


def linear(image: bpy.types.Image) -> np.ndarray:
    """Its numbers as a shader gets them."""
    numbers = np.array(image.pixels[:]).reshape(-1, 4)[:, :3]
    if image.is_float or image.colorspace_settings.is_data:
        return numbers
    return np.where(numbers <= 0.04045, numbers / 12.92, ((numbers + 0.055) / 1.055) ** 2.4)


def maps() -> dict:
    """The images of the material that the cube wears."""
    nodes = bpy.data.objects["Cube"].active_material.node_tree.nodes
    images = [node.image for node in nodes if node.type == "TEX_IMAGE"]
    return {module("image_record").read(image).map.value: image for image in images}


with extension() as findings:
    settings = bpy.context.scene.neural_texture
    row = settings.images.add()
    row.filepath = row.roughness = style
    settings.maps = {"colour", "roughness"}
    bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/formats.blend")
    first = {}
    for format, bits in FORMATS:
        settings = bpy.context.scene.neural_texture
        settings.output.format, settings.output.bits = format, bits
        bpy.ops.neural_texture.generate(width=32, height=32, preset="draft", device="cpu", storage="pack")
        numbers = {kind: linear(image) for kind, image in maps().items()}
        bpy.ops.wm.save_mainfile()
        bpy.ops.wm.open_mainfile(filepath=f"{folder}/formats.blend")
        images = maps()
        first = first or numbers
        findings[f"{format} {bits}"] = {
            "off": {kind: float(np.abs(numbers[kind] - first[kind]).max()) for kind in numbers},
            "levels": {kind: len(np.unique(numbers[kind])) for kind in numbers},
            "reopened": all(np.array_equal(linear(images[kind]), numbers[kind]) for kind in images),
            "packed": all(image.packed_file for image in images.values()),
            "data": {kind: image.colorspace_settings.is_data for kind, image in images.items()},
        }
