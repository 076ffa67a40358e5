"""A material of ours through Blender's own glTF exporter and importer; what came back, texel by texel."""

import importlib
import json
import os
import struct
from pathlib import Path

import bpy
import numpy as np
from harness import ARGUMENTS, PACKAGE, extension, module

folder, packing, green = Path(ARGUMENTS[0]), ARGUMENTS[1], ARGUMENTS[2]
SOCKETS = ("Base Color", "Normal", "Roughness", "Metallic")


def lay() -> bpy.types.Object:
    """The files of all maps on a plane, 2 m wide on its 8 m, as the end of a job does."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.mesh.primitive_plane_add(size=8)
    preview, placing, result = module("preview"), module("placement"), module("result")
    description = importlib.import_module(f"{PACKAGE}.job.description")
    output = description.Output(
        naming=description.Naming.PLAIN, packing=description.Packing(packing), green=description.Green(green)
    )
    canvas = description.Canvas(maps=tuple(preview.MapKind))
    job = description.Job(canvas=canvas, output=output)
    images, loaded = {}, {}
    for kind in preview.MapKind:
        shared = packing == "packed" and kind in description.PACKED
        path = str(folder / f"{'packed' if shared else kind.value}.png")
        images[kind] = loaded[path] = loaded.get(path) or preview.load(path, "wall", kind)
    to = placing.Destination.on(bpy.context.object, placing.Placement(texture_width=2.0))
    end = result.Finished(maps={}, seconds=1.0, width=32, height=32, seam=None, peak_memory=None)
    result.deliver("wall", images, to, job, end)
    return bpy.context.object


def said(path: Path) -> dict:
    """The material in the file's own words."""
    content = path.read_bytes()
    length, _ = struct.unpack_from("<II", content, 12)
    return json.loads(content[20 : 20 + length])


def source(socket: bpy.types.NodeSocket) -> tuple[bpy.types.Image, str]:
    """The image that reaches a socket, and by which of its channels."""
    channel = "Color"
    while True:
        link = socket.links[0]
        if link.from_node.type == "TEX_IMAGE":
            return link.from_node.image, channel
        if link.from_node.type == "SEPARATE_COLOR":
            channel = link.from_socket.name
        socket = next(each for each in link.from_node.inputs if each.is_linked)


def apart(image_format: str) -> list:
    """The normal map of an export with files of their own: rows from below, columns, red, green and blue."""
    there = folder / image_format
    there.mkdir()
    settings = {"export_format": "GLTF_SEPARATE", "export_image_format": image_format}
    bpy.ops.export_scene.gltf(filepath=str(there / "wall.gltf"), **settings)
    written = json.loads((there / "wall.gltf").read_text("utf-8"))
    texture = written["textures"][written["materials"][0]["normalTexture"]["index"]]
    image = bpy.data.images.load(str(there / written["images"][texture["source"]]["uri"]))
    image.colorspace_settings.is_data = True
    texels = np.array(image.pixels[:]).reshape(*image.size, 4)[..., :3]
    return np.round(texels * 255).astype(int).tolist()


def came_back(tree: bpy.types.NodeTree) -> dict:
    principled = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    group = next(node for node in tree.nodes if node.type == "GROUP" and "Occlusion" in node.inputs)
    sockets = {name: principled.inputs[name] for name in SOCKETS} | {"Occlusion": group.inputs["Occlusion"]}
    found = {}
    for name, socket in sockets.items():
        image, channel = source(socket)
        texels = np.array(image.pixels[:]).reshape(*image.size, 4)
        texels = texels[..., :3] if channel == "Color" else texels[..., ["Red", "Green", "Blue"].index(channel)]
        found[name] = {
            "image": image.name,
            "channel": channel,
            "space": image.colorspace_settings.name,
            "texels": np.round(texels * 255).astype(int).tolist(),
        }
    return found


with extension() as findings:
    bpy.ops.preferences.addon_enable(module="io_scene_gltf2")
    wearer = lay()
    findings["wired"] = came_back(wearer.active_material.node_tree)
    findings["textures"] = sum(node.type == "TEX_IMAGE" for node in wearer.active_material.node_tree.nodes)
    path = folder / "wall.glb"
    bpy.ops.export_scene.gltf(filepath=str(path), export_format="GLB")
    written = said(path)
    (findings["material"],) = written["materials"]
    findings["images"] = len(written["images"])
    findings["apart"] = {image_format: apart(image_format) for image_format in ("AUTO", "JPEG")}
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.import_scene.gltf(filepath=str(path))
    (back,) = (thing for thing in bpy.data.objects if thing.type == "MESH")
    findings["back"] = came_back(back.active_material.node_tree)
    nodes = back.active_material.node_tree.nodes
    findings["scale"] = [list(node.inputs["Scale"].default_value) for node in nodes if node.type == "MAPPING"]

if bpy.app.version < (4, 5, 0):
    os._exit(0)  # the wheel of 4.2 crashes at its end once Blender's exporter has run, without our extension, too
