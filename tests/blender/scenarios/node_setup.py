"""A texture of all maps laid on a plane: where each map is led, in which colour space, and how high its relief is."""

from pathlib import Path

import bpy
from harness import ARGUMENTS, extension, module
from view import new_scene

(folder,) = map(Path, ARGUMENTS)


def deliver(name: str, **chosen: object) -> bpy.types.Material:
    """Lay the files of all maps on a new plane, as the end of a job does."""
    new_scene()
    bpy.ops.mesh.primitive_plane_add(size=8)
    preview, placing, result = module("preview"), module("placement"), module("result")
    images = {kind: preview.load(str(folder / f"{kind.value}.png"), name, kind) for kind in preview.MapKind}
    to = placing.Destination.on(bpy.context.object, placing.Placement(**chosen))
    end = result.Finished(maps={}, seconds=1.0, width=64, height=32, seam=None, peak_memory=None)
    result.deliver(name, images, to, result.Job(), end)
    return bpy.context.object.active_material


def nodes_of(material: bpy.types.Material, kind: str) -> list[bpy.types.Node]:
    return [node for node in material.node_tree.nodes if node.type == kind]


def way_of(texture: bpy.types.Node) -> list[str]:
    """The sockets that an image texture is led through."""
    way, socket = [], texture.outputs["Color"]
    while links := list(socket.links):
        into = links[0].to_socket
        node = into.node.node_tree.name if into.node.type == "GROUP" else into.node.bl_idname.removeprefix("ShaderNode")
        way.append(f"{node}: {into.name}")
        if not (
            socket := next(
                (out for out in into.node.outputs if out.is_linked and out.type in ("VECTOR", "VALUE")), None
            )
        ):
            break
    return way


def displacement(material: bpy.types.Material) -> list[object]:
    (node,) = nodes_of(material, "DISPLACEMENT")
    return [node.space, node.inputs["Midlevel"].default_value, round(node.inputs["Scale"].default_value, 4)]


with extension() as findings:
    made = deliver("ridges", texture_width=2.0)
    textures = {Path(node.image.filepath).stem: node for node in nodes_of(made, "TEX_IMAGE")}
    findings["ways"] = {kind: way_of(node) for kind, node in textures.items()}
    findings["spaces"] = {kind: node.image.colorspace_settings.name for kind, node in textures.items()}
    findings["method"] = made.displacement_method
    findings["displacement"] = [displacement(made)]
    for width in (3.0, 2.0):
        bpy.ops.neural_texture.set_size(projection="uv", texture_width=width)
        findings["displacement"].append(displacement(made))
    findings["boxes"] = displacement(
        deliver("ridges", texture_width=1.0, projection=module("placement").Projection.BOX)
    )
    deliver("ridges")
    findings["groups"] = sum(tree.name.startswith("glTF Material Output") for tree in bpy.data.node_groups)

    kinds, layout = module("preview").MapKind, module("projection").Layout
    alone = {kinds.HEIGHT: bpy.data.images.new("alone", 8, 8)}
    findings["without normals"] = displacement(module("material").build("alone", alone, layout()))
    flat = {kind: bpy.data.images.new("flat", 8, 8) for kind in (kinds.HEIGHT, kinds.NORMAL)}
    findings["flat"] = module("relief").measured(flat)
