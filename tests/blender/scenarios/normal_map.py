"""Whether the light agrees with the picture: which way a texture runs on each side, and which way its normals lean."""

import bpy
import numpy as np
from harness import ARGUMENTS, extension, module
from view import new_scene, seen, shine, texture

(folder,) = ARGUMENTS
SIDES = {
    "above": (0, 0, -1),
    "below": (0, 0, 1),
    "front": (0, 1, 0),
    "back": (0, -1, 0),
    "right": (-1, 0, 0),
    "left": (1, 0, 0),
}
LEAN = 0.6
"""Of the normals, to the texture's right or to its upper side."""


def wear(kind: str, lean: tuple[float, float]) -> bpy.types.Material:
    """A cube of 8 m with a texture of 10 m that grows redder to the right and greener upwards, its normals leaning."""
    new_scene()
    bpy.ops.mesh.primitive_cube_add(size=2)
    thing = bpy.context.object
    thing.scale = (4, 4, 4)
    ramp = (np.arange(64) + 0.5) / 64
    normal = np.array((*lean, (1 - lean[0] ** 2 - lean[1] ** 2) ** 0.5)) / 2 + 0.5
    kinds, placing, ended = module("preview").MapKind, module("placement"), module("result").Finished
    images = {
        kinds.COLOUR: texture("ramp", np.dstack(np.meshgrid(ramp, ramp))),
        kinds.NORMAL: texture("lean", np.broadcast_to(normal, (64, 64, 3))),
    }
    to = placing.Destination.on(thing, placing.Placement(projection=placing.Projection(kind), texture_width=10.0))
    end = ended(maps={}, seconds=1.0, width=64, height=64, seam=None, peak_memory=None)
    module("result").deliver("ramp", images, to, module("result").Job(), end)
    return thing.active_material


def runs(material: bpy.types.Material, side: str) -> list[list[float]]:
    """The directions in the camera's picture in which the texture runs to its right and to its upper side."""
    nodes = material.node_tree.nodes
    ramp = next(node for node in nodes if node.type == "TEX_IMAGE" and node.image.name == "ramp")
    shine(material, ramp.outputs["Color"])
    picture = seen(folder, SIDES[side])
    found = []
    for channel in range(2):
        steps = [np.median(np.diff(picture[..., channel], axis=axis)) for axis in (1, 0)]
        found.append(np.sign(steps).tolist())
    return found


def leans(material: bpy.types.Material, side: str) -> list[float]:
    """Where in the camera's picture the normals lean to."""
    tree = material.node_tree
    principled = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    scaled = tree.nodes.new("ShaderNodeVectorMath")
    scaled.operation = "MULTIPLY_ADD"
    scaled.inputs[1].default_value = scaled.inputs[2].default_value = (0.5, 0.5, 0.5)
    tree.links.new(principled.inputs["Normal"].links[0].from_socket, scaled.inputs[0])
    shine(material, scaled.outputs["Vector"])
    picture = seen(folder, SIDES[side])
    normal = picture[len(picture) // 2 + 9, len(picture) // 2 + 9, :3] * 2 - 1
    to_camera = np.array(bpy.context.scene.camera.matrix_world)[:3, :3].T
    return (to_camera @ normal).tolist()


def readers(material: bpy.types.Material) -> list[str]:
    """The nodes that read the normal map, and what they lead to."""
    nodes = material.node_tree.nodes
    lean = next(node for node in nodes if node.type == "TEX_IMAGE" and node.image.name == "lean")
    found = [link.to_node for link in lean.outputs["Color"].links]
    return [
        f"{node.node_tree.name if node.type == 'GROUP' else node.type} > {link.to_socket.name}"
        for node in found
        for link in node.outputs["Normal"].links
    ]


def leans_at(kind: str, side: str, strength: float) -> float:
    """How far the normals lean there, to whichever side."""
    material = wear(kind, (LEAN, 0.0))
    module("material_maps").strength(material.node_tree, module("preview").MapKind.NORMAL).default_value = strength
    return float(np.hypot(*leans(material, side)[:2]))


with extension() as findings:
    findings["lean"] = LEAN
    findings["strength"] = {
        kind: [leans_at(kind, side, strength) for strength in (0.5, 0.0)]
        for kind, side in (("box", "right"), ("object", "above"), ("uv", "front"))
    }
    for kind, sides in (("box", SIDES), ("object", ["above"]), ("uv", ["front"])):
        to_right = wear(kind, (LEAN, 0.0))
        findings[kind] = {}
        for side in sides:
            findings[kind][side] = {"runs": runs(to_right, side), "right leans": leans(to_right, side)}
        to_top = wear(kind, (0.0, LEAN))
        for side in sides:
            findings[kind][side]["top leans"] = leans(to_top, side)
    material = wear("uv", (LEAN, 0.0))
    findings["readers"] = [readers(material)]
    for kind in ("box", "object", "uv"):
        bpy.ops.neural_texture.set_size(projection=kind)
        findings["readers"].append(readers(material))
