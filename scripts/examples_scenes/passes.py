# SPDX-License-Identifier: GPL-3.0-or-later
"""The render's passes as float arrays, and from them the true maps. Decides nothing about the scene."""

import tempfile
from pathlib import Path

import bpy
import numpy as np

SOCKETS = {"colour": "Image", "albedo": "DiffCol", "normal": "Normal", "height": "height", "roughness": "roughness"}


def _ask_for_passes(folder):
    scene = bpy.context.scene
    layer = scene.view_layers[0]
    layer.use_pass_normal = layer.use_pass_diffuse_color = True
    for name in ("height", "roughness"):
        aov = layer.aovs.add()
        aov.name, aov.type = name, "VALUE"
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers = tree.nodes.new("CompositorNodeRLayers")
    output = tree.nodes.new("CompositorNodeOutputFile")
    output.base_path = str(folder)
    output.format.file_format, output.format.color_depth = "OPEN_EXR", "32"
    output.file_slots.clear()
    for name, socket in SOCKETS.items():
        tree.links.new(layers.outputs[socket], _slot(output, name))


def _slot(output, name):
    output.file_slots.new(name)
    return output.inputs[name]


def _read(path):
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(height, width, 4)[::-1, :, :3]


def render():
    """Render the scene; give its passes (rows, columns, 3) from the top row, linear and unclamped, by name."""
    with tempfile.TemporaryDirectory() as folder:
        _ask_for_passes(folder)
        bpy.ops.render.render()
        return {name: _read(next(Path(folder).glob(f"{name}*.exr"))) for name in SOCKETS}


def maps(passes):
    """The true maps in 0..1: normal (rows, columns, 3), height and roughness (rows, columns); and height's metres."""
    normal = passes["normal"] / np.maximum(np.linalg.norm(passes["normal"], axis=-1, keepdims=True), 1e-6)
    height = passes["height"][..., 0]
    span = float(height.max() - height.min())
    return normal / 2 + 0.5, (height - height.min()) / span, np.clip(passes["roughness"][..., 0], 0, 1), span
