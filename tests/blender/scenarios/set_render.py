"""A made set in our material, its exemplar in one made by hand, rendered by Cycles under low suns and a high one."""

import math
from pathlib import Path

import bpy
import numpy as np
from harness import ARGUMENTS, extension, module
from view import new_scene, seen, texture

exemplar, made = map(Path, ARGUMENTS)
SIDE = 96
"""Of maps and picture, in px."""
SUNS = {"right": (0, 20), "top": (90, 20), "left": (180, 20), "bottom": (270, 20), "above": (0, 90)}
"""Azimuth, counterclockwise from the picture's right, and elevation, in degrees."""
SHADE = 0.02
"""Of what no sun reaches: keeps quotients finite."""


def stage() -> bpy.types.Object:
    """A square metre that fills the picture: one face, so that all relief is the material's."""
    new_scene()
    bpy.ops.mesh.primitive_plane_add(size=1)
    scene = bpy.context.scene
    scene.cycles.samples = 8
    scene.render.resolution_x = scene.render.resolution_y = SIDE
    scene.camera.data.ortho_scale = 1
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy = 1.5
    scene.collection.objects.link(bpy.data.objects.new("Sun", sun))
    return bpy.context.object


def wear(files: dict[str, Path]) -> bpy.types.Material:
    """The material that the end of a job with these files makes."""
    wearer = stage()
    preview, placing, result = module("preview"), module("placement"), module("result")
    images = {kind: preview.load(str(files[kind]), "wall", kind) for kind in preview.MapKind if kind in files}
    to = placing.Destination.on(wearer, placing.Placement(texture_width=1.0))
    end = result.Finished(maps={}, seconds=1.0, width=SIDE, height=SIDE, seam=None, peak_memory=None)
    result.deliver("wall", images, to, result.Job(), end)
    return wearer.active_material


def by_hand(files: dict[str, Path]) -> bpy.types.Material:
    """The nodes that Blender's manual has for such maps, none of ours."""
    wearer, material = stage(), bpy.data.materials.new("by hand")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    material.displacement_method = "BOTH"
    tree = material.node_tree
    link, images = tree.links.new, {}
    textures = {kind: tree.nodes.new("ShaderNodeTexImage") for kind in files}
    for kind, path in files.items():
        images[kind] = textures[kind].image = bpy.data.images.load(str(path))
        images[kind].colorspace_settings.name = "sRGB" if kind == "colour" else "Non-Color"
    normal, displacement = tree.nodes.new("ShaderNodeNormalMap"), tree.nodes.new("ShaderNodeDisplacement")
    displacement.inputs["Midlevel"].default_value = 0.5
    displacement.inputs["Scale"].default_value = module("relief").measured(images)
    principled, output = tree.nodes["Principled BSDF"], tree.nodes["Material Output"]
    link(textures["colour"].outputs["Color"], principled.inputs["Base Color"])
    link(textures["roughness"].outputs["Color"], principled.inputs["Roughness"])
    link(textures["normal"].outputs["Color"], normal.inputs["Color"])
    link(normal.outputs["Normal"], principled.inputs["Normal"])
    link(textures["height"].outputs["Color"], displacement.inputs["Height"])
    link(displacement.outputs["Displacement"], output.inputs["Displacement"])
    wearer.data.materials.append(material)
    return material


def under(azimuth: float, elevation: float) -> np.ndarray:
    """The picture: rows from below, columns, red, green and blue."""
    bpy.data.objects["Sun"].rotation_euler = (0, math.radians(90 - elevation), math.radians(azimuth))
    return seen(ARGUMENTS[1])[..., :3]


def looks(material: bpy.types.Material, files: dict[str, Path], spoil: object = lambda _: None) -> dict:
    """How bright it is, how much a low sun models it, and whether that follows the slopes of the height map.

    Where there is a normal map, Cycles doesn't look at the height: so it is looked at once without.
    """
    upward, right = np.gradient(heights(files["height"]))
    spoil(material)
    pictures = {name: under(*sun) for name, sun in SUNS.items()}
    found = {f"brightness, {name}": picture.mean((0, 1)).tolist() for name, picture in pictures.items()}
    found |= modelled(pictures, right, upward, "normals")
    unlink(material, "normal")
    low = {name: under(*sun) for name, sun in SUNS.items() if name != "above"}
    return found | modelled(low, right, upward, "height")


def modelled(pictures: dict[str, np.ndarray], right: np.ndarray, upward: np.ndarray, by: str) -> dict:
    """How much brighter the sides are that face the sun than those that turn away."""
    grey, found = {name: picture.mean(-1) for name, picture in pictures.items()}, {}
    for axis, slope, towards, away in (("x", right, "right", "left"), ("y", upward, "top", "bottom")):
        leaning = (grey[towards] - grey[away]) / (grey[towards] + grey[away] + SHADE)
        found[f"relief of {by}, {axis}"] = float(leaning.std())
        followed = -np.corrcoef(leaning.ravel(), slope.ravel())[0, 1] if leaning.std() else 0.0
        found[f"{by} follow height, {axis}"] = float(followed)
    return found


def heights(path: Path) -> np.ndarray:
    """Rows from below."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    return np.array(image.pixels[:]).reshape(SIDE, SIDE, 4)[..., 0]


def image_of(material: bpy.types.Material, kind: str) -> bpy.types.Image:
    return module("image_swap").texture_of(material.node_tree, module("preview").MapKind(kind)).image


def in_colour_space(kind: str, space: str) -> object:
    def spoil(material: bpy.types.Material) -> None:
        image_of(material, kind).colorspace_settings.name = space

    return spoil


def flatten(material: bpy.types.Material) -> None:
    for kind in ("normal", "height"):
        unlink(material, kind)


def unlink(material: bpy.types.Material, kind: str) -> None:
    tree = material.node_tree
    for link in module("material").map_socket(tree, module("preview").MapKind(kind)).links:
        tree.links.remove(link)


def flip_green(material: bpy.types.Material) -> None:
    tree = material.node_tree
    node = module("image_swap").texture_of(tree, module("preview").MapKind.NORMAL)
    texels = np.array(node.image.pixels[:]).reshape(SIDE, SIDE, 4)[..., :3]
    texels[..., 1] = 1 - texels[..., 1]
    node.image = texture("flipped", texels)


SPOILT = {
    "flat": flatten,
    "green flipped": flip_green,
    "colour as data": in_colour_space("colour", "Non-Color"),
    "normal as colour": in_colour_space("normal", "sRGB"),
    "roughness as colour": in_colour_space("roughness", "sRGB"),
}

with extension() as findings:
    kinds = ("colour", "normal", "height", "roughness")
    own = {kind: exemplar / f"wall_{kind}.png" for kind in kinds}
    ours = {kind: made / ("result.png" if kind == "colour" else f"result_{kind}.png") for kind in kinds}
    findings["exemplar"] = looks(by_hand(own), own)
    findings["made"] = looks(wear(ours), ours)
    findings["spoilt"] = {name: looks(wear(ours), ours, spoil) for name, spoil in SPOILT.items()}
