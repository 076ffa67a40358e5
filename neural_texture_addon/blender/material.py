"""Images -> a material of shader nodes, and the object that wears it."""

from collections.abc import Mapping
from typing import Any

import bpy
from bpy.types import Image, Material, Object

from ..job.description import Green, MapKind
from . import gltf_output, image_record, normal_green, normal_map, projection, shader_nodes
from .projection import Layout
from .translations import rpt_

_SOCKETS = {
    MapKind.COLOUR: "Base Color",
    MapKind.NORMAL: "Normal",
    MapKind.ROUGHNESS: "Roughness",
    MapKind.METALNESS: "Metallic",
}
"""Where on the Principled shader a map has its effect. Occlusion has none there: Blender's renderers find it by
themselves, and it would darken twice. Only the glTF exporter reads it."""
_COLOURS = 3
"""Channels of an image before its alpha."""
_left: set[int] = set()
"""Addresses where materials of ours were. Up to Blender 4.5 undo takes what lies there now for them."""
_MIDLEVEL = 0.5
"""The height that stays on the surface: half of the relief stands out, half lies below."""


def build(name: str, images: Mapping[MapKind, Image], layout: Layout | None = None) -> Material:
    """A material: coordinates -> mapping -> image texture -> Principled shader."""
    material = _new(name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    if MapKind.HEIGHT in images:
        material.displacement_method = "BOTH"
    tree: Any = material.node_tree
    x, y = _first(tree, "BSDF_PRINCIPLED").location
    add_maps(tree, images, layout or Layout(), at=(x - 320, y))
    tree.nodes.active = _first(tree, "TEX_IMAGE")
    return material


def remove(material: Material) -> None:
    """For good."""
    _left.add(material.as_pointer())
    bpy.data.materials.remove(material)


def add_maps(
    tree: Any, images: Mapping[MapKind, Image], layout: Layout, at: tuple[float, float], coordinates: Any = None
) -> None:
    """Add an image texture for each image, and lead each of its maps to each socket that is free.

    `coordinates`: the socket that they take theirs from; None: of their own.
    """
    coordinates = coordinates or projection.add(tree, layout, (at[0] - 230, at[1]))
    for row, image in enumerate(dict.fromkeys(images.values())):
        place = (at[0], at[1] - 300 * row)
        texture = shader_nodes.node(tree, "ShaderNodeTexImage", *place, image=image, extension="REPEAT")
        projection.dress(texture, layout)
        tree.links.new(coordinates, texture.inputs["Vector"])
        for kind in (kind for kind in images if images[kind] == image):
            socket = map_socket(tree, kind)
            if socket is None and kind is MapKind.OCCLUSION:
                socket = gltf_output.add(tree, (place[0] + 320, place[1]))
            if socket is not None and not socket.is_linked:
                _connect(tree, kind, _map_of(tree, texture, kind), socket, layout)


def map_socket(tree: Any, kind: MapKind) -> Any:
    """Where a map has its effect: on the Principled shader that the material shows, or on an output. Maybe nowhere."""
    if kind is MapKind.OCCLUSION:
        return gltf_output.occlusion(tree)
    output = tree.get_output_node("ALL")
    if kind is MapKind.HEIGHT:
        return output.inputs["Displacement"] if output else None
    principled = _shown(output) if output else None
    return principled.inputs[_SOCKETS[kind]] if principled and kind in _SOCKETS else None


def slot_of(target: Any, number: int | None, wore_uid: int | None) -> int:
    """The slot that had this number and wore that material, wherever it is by now; the active one if nothing tells."""
    worn = [slot.material.session_uid if slot.material else None for slot in target.material_slots]
    if number is not None and number < len(worn) and (wore_uid not in worn or worn[number] == wore_uid):
        return number
    return worn.index(wore_uid) if wore_uid in worn else target.active_material_index or 0


def hang(material: Material, target: Any, slot: int | None = None) -> str:
    """Put `material` into a slot of `target`, the active one if None; what the artist should know, in a line, if it
    can't be seen there."""
    if not can_wear(target):
        material.use_fake_user = True
        why = rpt_("{name} can't wear a material").format(name=target.name) if target else "no object was active"
        return rpt_("The material {name} waits in the material list, since {why}").format(name=material.name, why=why)
    if target.material_slots:
        target.material_slots[target.active_material_index or 0 if slot is None else slot].material = material
    else:
        target.data.materials.append(material)
    return ""


def can_wear(target: Object | None) -> bool:
    """Whether a surface material makes sense on the object, and may be put there."""
    if target is None or target.type not in {"MESH", "CURVE", "SURFACE", "META", "FONT"}:
        return False
    return bool(target.data is not None and target.is_editable and target.data.is_editable)


def object_by_uid(uid: int | None) -> Object | None:
    """The object of that session_uid, if it is still there."""
    return next((o for o in bpy.data.objects if o.session_uid == uid), None)


def by_uid(uid: int | None) -> Material | None:
    """The material of that session_uid, if it is still there."""
    return next((material for material in bpy.data.materials if material.session_uid == uid), None)


def _new(name: str) -> Material:
    """An empty one, not where another was: what wears it would look the same to undo, and not be read again."""
    made = [bpy.data.materials.new(name)]
    while made[-1].as_pointer() in _left:
        made.append(bpy.data.materials.new(name))
    for other in made[:-1]:
        bpy.data.materials.remove(other)
    made[-1].name = name
    return made[-1]


def _map_of(tree: Any, texture: Any, kind: MapKind) -> Any:
    """The socket with a map's numbers: the texture's own, or of the channel that the map has in a shared image."""
    shared = image_record.place(texture.image, kind)
    if shared is None:
        return texture.outputs["Color"]
    (number, channels), (x, y) = shared, texture.location
    if number < _COLOURS:
        readers = (link.to_node for link in texture.outputs["Color"].links)
        separate = next((node for node in readers if node.type == "SEPARATE_COLOR"), None)
        if separate is None:
            separate = shader_nodes.node(tree, "ShaderNodeSeparateColor", x + 160, y - 40)
            tree.links.new(texture.outputs["Color"], separate.inputs["Color"])
        channel = separate.outputs[number]
    else:
        texture.image.alpha_mode = "CHANNEL_PACKED"
        channel = texture.outputs["Alpha"]
    return shader_nodes.math(tree, "SUBTRACT", x + 160, y - 200, 1.0, channel) if channels[number].inverted else channel


def _connect(tree: Any, kind: MapKind, colour: Any, socket: Any, layout: Layout) -> None:
    """Lead a map to where it belongs."""
    x, y = colour.node.location
    if kind is MapKind.NORMAL:
        if normal_green.of(colour.node.image) is Green.DIRECTX:
            colour = normal_green.add(tree, colour, (x + 160, y + 120))
        normal = normal_map.add(tree, layout.projection, (x + 160, y - 40))
        tree.links.new(colour, normal.inputs["Color"])
        colour = normal.outputs["Normal"]
    elif kind is MapKind.HEIGHT:
        height = shader_nodes.node(tree, "ShaderNodeDisplacement", x + 320, y - 200, space="WORLD")
        height.inputs["Midlevel"].default_value = _MIDLEVEL
        height.inputs["Scale"].default_value = layout.relief * layout.texture_width
        tree.links.new(colour, height.inputs["Height"])
        colour = height.outputs["Displacement"]
    elif kind is MapKind.ROUGHNESS:
        strength = shader_nodes.node(
            tree, "ShaderNodeMath", x + 320, y, operation="MULTIPLY", use_clamp=True, label="Roughness Strength"
        )
        strength.inputs[1].default_value = 1.0
        tree.links.new(colour, strength.inputs[0])
        colour = strength.outputs["Value"]
    tree.links.new(colour, socket)


def _shown(output: Any) -> Any:
    """The Principled shader that an output shows, if there is one: the nearest."""
    seen, waiting = set(), [output]
    while waiting:
        node = waiting.pop(0)
        if node.type == "BSDF_PRINCIPLED":
            return node
        seen.add(node.name)
        shaders = (socket for socket in node.inputs if socket.type == "SHADER" or node is output)
        waiting += [link.from_node for s in shaders for link in s.links or () if link.from_node.name not in seen]
    return None


def _first(tree: Any, kind: str) -> Any:
    return next(node for node in tree.nodes if node.type == kind)
