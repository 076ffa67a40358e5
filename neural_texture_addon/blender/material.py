"""Images -> a material of shader nodes, and the object that wears it."""

from collections.abc import Mapping

import bpy
from bpy.types import Image, Material, Node, NodeTree, Object

from ..job.description import MapKind

_SOCKETS = {MapKind.COLOUR: "Base Color", MapKind.ROUGHNESS: "Roughness"}
"""Where on the Principled shader a map goes as it is."""
_RELIEF = 0.05
"""Height of the relief from black to white, in the object's units."""


def build(name: str, images: Mapping[MapKind, Image]) -> Material:
    """A material: texture coordinate -> mapping -> image texture -> Principled shader."""
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    tree = material.node_tree
    assert tree is not None
    principled = _first(tree, "BSDF_PRINCIPLED")
    coordinates = _node(tree, "ShaderNodeTexCoord", left_of=principled, by=750)
    mapping = _node(tree, "ShaderNodeMapping", left_of=principled, by=550)
    tree.links.new(coordinates.outputs["UV"], mapping.inputs["Vector"])
    for row, (kind, image) in enumerate(images.items()):
        texture = _node(tree, "ShaderNodeTexImage", left_of=principled, by=320, down=300 * row)
        texture.image = image  # type: ignore[attr-defined]
        texture.extension = "REPEAT"  # type: ignore[attr-defined]
        tree.links.new(mapping.outputs["Vector"], texture.inputs["Vector"])
        _connect(tree, kind, texture, principled)
        tree.nodes.active = texture
    return material


def _connect(tree: NodeTree, kind: MapKind, texture: Node, principled: Node) -> None:
    """Lead a map to where it belongs."""
    match kind:
        case MapKind.NORMAL:
            normal = _node(tree, "ShaderNodeNormalMap", left_of=texture, by=-160, down=-40)
            tree.links.new(texture.outputs["Color"], normal.inputs["Color"])
            tree.links.new(normal.outputs["Normal"], principled.inputs["Normal"])
        case MapKind.HEIGHT:
            output = _first(tree, "OUTPUT_MATERIAL")
            height = _node(tree, "ShaderNodeDisplacement", left_of=output, by=0, down=200)
            height.inputs["Scale"].default_value = _RELIEF  # type: ignore[attr-defined]
            tree.links.new(texture.outputs["Color"], height.inputs["Height"])
            tree.links.new(height.outputs["Displacement"], output.inputs["Displacement"])
        case _:
            tree.links.new(texture.outputs["Color"], principled.inputs[_SOCKETS[kind]])


def hang(material: Material, target: Object | None) -> str:
    """Put `material` on `target`; what the artist should know, in a line, if it can't be seen there."""
    if target is None or not can_wear(target):
        material.use_fake_user = True
        why = f"{target.name} can't wear a material" if target else "no object was active"
        return f"The material {material.name} waits in the material list, since {why}"
    if target.material_slots:
        target.material_slots[target.active_material_index or 0].material = material
    else:
        target.data.materials.append(material)  # type: ignore[union-attr]
    if target.type == "MESH" and not target.data.uv_layers:  # type: ignore[union-attr]
        return f"{target.name} has no UV map, so it shows a single colour: unwrap it"
    return ""


def can_wear(target: Object) -> bool:
    """Whether a surface material makes sense on the object, and may be put there."""
    return target.type in {"MESH", "CURVE", "SURFACE", "META", "FONT"} and bool(
        target.data is not None and target.is_editable and target.data.is_editable
    )


def object_by_uid(uid: int | None) -> Object | None:
    """The object of that session_uid, if it is still there."""
    return next((o for o in bpy.data.objects if o.session_uid == uid), None)


def _first(tree: NodeTree, kind: str) -> Node:
    return next(node for node in tree.nodes if node.type == kind)


def _node(tree: NodeTree, kind: str, *, left_of: Node, by: float, down: float = 0.0) -> Node:
    node = tree.nodes.new(kind)
    node.location = (left_of.location.x - by, left_of.location.y - down)
    return node
