"""Textures whose normal maps have OpenGL's green and DirectX's, made by the engine, under a low sun."""

import math
from pathlib import Path

import bpy
import numpy as np
from harness import ARGUMENTS, extension, module
from view import new_scene, seen

colour, normal, folder = ARGUMENTS
SUNS = {"top": 90, "right": 0}
"""Azimuths, counterclockwise from the picture's right, in degrees."""
ELEVATION = 20


def stage() -> bpy.types.Object:
    """A plane that fills the picture, in sunlight."""
    new_scene()
    bpy.ops.mesh.primitive_plane_add(size=8)
    plane = bpy.context.object
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy = 1.5
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Sun", sun))
    row = bpy.context.scene.neural_texture.images.add()
    row.filepath, row.normal = colour, normal
    bpy.context.scene.neural_texture.maps = {"colour", "normal"}
    return plane


def make(plane: bpy.types.Object, green: str, out: str) -> bpy.types.Image:
    """A job's material on the plane; its normal map."""
    plane.data.materials.clear()
    bpy.context.scene.neural_texture.output.green = green
    sizes = {"width": 64, "height": 64, "texture_width": 8.0}
    bpy.ops.neural_texture.generate(preset="draft", device="cpu", out=out, **sizes)
    return texture_of(plane.active_material).image


def texture_of(material: bpy.types.Material) -> bpy.types.Node:
    return module("image_swap").texture_of(material.node_tree, module("preview").MapKind.NORMAL)


def looks() -> np.ndarray:
    """The pictures under each sun."""
    found = []
    for azimuth in SUNS.values():
        bpy.data.objects["Sun"].rotation_euler = (0, math.radians(90 - ELEVATION), math.radians(azimuth))
        found.append(seen(folder)[..., :3])
    return np.stack(found)


def in_projections(plane: bpy.types.Object) -> dict[str, np.ndarray]:
    found = {}
    for projection in ("box", "object", "uv"):
        bpy.context.view_layer.objects.active = plane
        bpy.ops.neural_texture.set_size(projection=projection, texture_width=8.0)
        found[projection] = looks()
    return found


def by_hand(plane: bpy.types.Object, path: str, *, inverted: bool) -> bpy.types.Material:
    """An artist's own material with a normal map, maybe one whose nodes turn the green."""
    material = bpy.data.materials.new("by hand")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    tree = material.node_tree
    image, reader = tree.nodes.new("ShaderNodeTexImage"), tree.nodes.new("ShaderNodeNormalMap")
    image.image = bpy.data.images.load(path, check_existing=False)
    image.image.colorspace_settings.is_data = True
    numbers = image.outputs["Color"]
    if inverted:
        curves = tree.nodes.new("ShaderNodeRGBCurve")
        for point, height in zip(curves.mapping.curves[1].points, (1.0, 0.0), strict=True):
            point.location.y = height
        curves.mapping.update()
        tree.links.new(numbers, curves.inputs["Color"])
        numbers = curves.outputs["Color"]
    tree.links.new(numbers, reader.inputs["Color"])
    tree.links.new(reader.outputs["Normal"], tree.nodes["Principled BSDF"].inputs["Normal"])
    plane.data.materials.clear()
    plane.data.materials.append(material)
    return material


def exchanged(material: bpy.types.Material, image: bpy.types.Image) -> np.ndarray:
    kinds, layout = module("preview").MapKind, module("projection").Layout()
    module("image_swap").swap(material, {kinds.NORMAL: image}, layout)
    assert texture_of(material).image == image
    return looks()


def off(some: np.ndarray, others: np.ndarray) -> float:
    """The mean difference, as a share of the contrast."""
    return float(np.abs(some - others).mean() / others.std())


with extension() as findings:
    plane = stage()
    opengl = make(plane, "opengl", f"{folder}/opengl")
    expected = in_projections(plane)
    texels = np.array(opengl.pixels[:]).reshape(-1, 4)
    directx = make(plane, "directx", f"{folder}/directx")
    findings["green of the files"] = float(np.abs(1 - texels[:, 1] - np.array(directx.pixels[:])[1::4]).max())
    seen_there = in_projections(plane)
    findings["ours"] = {kind: off(seen_there[kind], expected[kind]) for kind in expected}
    texture_of(plane.active_material).image = opengl
    findings["wrong green"] = off(looks(), expected["uv"])

    written = {green: str(next(Path(folder, green).glob("*normal.png"))) for green in ("opengl", "directx")}
    renamed = Path(folder, "wall_NormalDX.png")
    renamed.write_bytes(Path(written["directx"]).read_bytes())
    findings["artist's"] = {}
    for name, path, inverted in (("plain", written["opengl"], False), ("inverted", str(renamed), True)):
        theirs = by_hand(plane, path, inverted=inverted)
        before = looks()
        ways = {"directx": directx, "directx again": directx, "opengl": opengl, "back": directx}
        findings["artist's"][name] = {way: off(exchanged(theirs, image), before) for way, image in ways.items()}

    by_hand(plane, written["opengl"], inverted=False)
    before = looks()
    loaded = bpy.data.images.load(str(renamed), check_existing=False)
    loaded.colorspace_settings.is_data = True
    plane.data.materials[0] = module("material").build("of a set", {module("preview").MapKind.NORMAL: loaded})
    findings["a set's file"] = off(looks(), before)
