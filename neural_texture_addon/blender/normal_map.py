"""The node that reads a normal map.

Blender's own takes its tangents from a UV map. For the other projections a node group leans the surface's own normal
along the directions in which the projection runs.
"""

from typing import Any

from ..job.description import Green
from . import normal_green, shader_nodes
from .placement import Projection
from .shader_nodes import math, node, vector_math

_GROUPS = {Projection.BOX: "Neural Texture Box Normal", Projection.OBJECT: "Neural Texture Object Normal"}
"""How their names begin. Those of older files have no strength: they are recognised, and not used again."""
_WITH_STRENGTH = " Map"
STRENGTH = "Strength"
"""The input by which the reader's effect grows, here as in Blender's own node."""


def add(tree: Any, projection: Projection, at: tuple[float, float]) -> Any:
    """Add to `tree` a node with the inputs Strength and Color and a Normal output."""
    if projection is Projection.UV:
        return node(tree, "ShaderNodeNormalMap", *at)
    made = node(tree, "ShaderNodeGroup", *at, label="Normal Map")
    made.node_tree = shader_nodes.shared_group(
        _GROUPS[projection] + _WITH_STRENGTH, lambda group: _fill(group, projection)
    )
    return made


def adapt(tree: Any, texture: Any, projection: Projection) -> None:
    """Have another node read the normal map of `texture`, if one reads it that is for another projection."""
    read = [(socket, link.to_node) for socket in normal_green.sockets(texture) for link in socket.links]
    for colour, reader in read:
        if _reads_for(reader) not in (None, projection):
            other = add(tree, projection, tuple(reader.location))
            tree.links.new(colour, other.inputs["Color"])
            if strength := reader.inputs.get(STRENGTH):
                other.inputs[STRENGTH].default_value = strength.default_value
            for socket in [link.to_socket for link in reader.outputs["Normal"].links]:
                tree.links.new(other.outputs["Normal"], socket)
            tree.nodes.remove(reader)


def wanted_green(texture: Any) -> Green:
    """Which way what reads the texture wants the green: OpenGL's if a node for normal maps does, else as it has it."""
    return _wanted(texture.outputs["Color"], normal_green.of(texture.image))


def _wanted(colour: Any, there: Green) -> Green:
    if any(_reads_for(link.to_node) for link in colour.links):
        return Green.OPENGL
    behind = [turn.outputs["Color"] for turn in normal_green.turns(colour)]
    return normal_green.other(_wanted(behind[0], normal_green.other(there))) if behind else there


def _reads_for(reader: Any) -> Projection | None:
    """The projection for which a node reads normal maps; None if it doesn't read them."""
    if reader.type == "NORMAL_MAP":
        return Projection.UV
    inside = reader.node_tree.name if reader.type == "GROUP" and reader.node_tree else ""
    return next((kind for kind, name in _GROUPS.items() if inside.startswith(name)), None)


def _fill(tree: Any, projection: Projection) -> None:
    strength = tree.interface.new_socket(STRENGTH, in_out="INPUT", socket_type="NodeSocketFloat")
    strength.default_value, strength.min_value, strength.max_value = 1.0, 0.0, 10.0
    colour = tree.interface.new_socket("Color", in_out="INPUT", socket_type="NodeSocketColor")
    colour.default_value = (0.5, 0.5, 1.0, 1.0)
    tree.interface.new_socket("Normal", in_out="OUTPUT", socket_type="NodeSocketVector")
    given, surface = node(tree, "NodeGroupInput", -800, 300), node(tree, "ShaderNodeTexCoord", -800, 0)
    doubled = vector_math(tree, "MULTIPLY", -600, 300, given.outputs["Color"], (2.0, 2.0, 2.0))
    map_normal = vector_math(tree, "SUBTRACT", -400, 300, doubled, (1.0, 1.0, 1.0))
    right, up, out = _strengthened(tree, given.outputs[STRENGTH], shader_nodes.separated(tree, -200, 300, map_normal))
    normal = surface.outputs["Normal"]
    box = projection is Projection.BOX
    leaning = _along_box(tree, normal, right, up) if box else shader_nodes.combined(tree, 800, 200, right, up, 0.0)
    own = vector_math(tree, "MULTIPLY", 800, 400, normal, shader_nodes.combined(tree, 600, 400, out, out, out))
    leant = shader_nodes.transformed(tree, 1200, 300, "NORMAL", vector_math(tree, "ADD", 1000, 300, own, leaning))
    tree.links.new(leant, node(tree, "NodeGroupOutput", 1400, 300).inputs["Normal"])


def _strengthened(tree: Any, strength: Any, normal: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """As Blender's own node does it: what leans leans more; what points out does so less only to the map's own end."""
    right, up, out = normal
    less_out = math(tree, "SUBTRACT", 0, 600, out, 1.0)
    lessened = math(tree, "MULTIPLY", 200, 600, less_out, math(tree, "MINIMUM", 0, 800, strength, 1.0))
    leaning = (math(tree, "MULTIPLY", 200, y, way, strength) for y, way in ((1000, right), (1200, up)))
    return *leaning, math(tree, "ADD", 400, 600, lessened, 1.0)


def _along_box(tree: Any, normal: Any, right: Any, up: Any) -> Any:
    """`right` and `up` along the directions of Blender's box projection.

    The texture's right is Y or -Y on the sides that face X and -X, -X or X on those of Y, -Y or Y on those of Z. Its
    upper side is Z; on the sides of Z it is X.
    """
    x, y, z = shader_nodes.separated(tree, -400, -100, vector_math(tree, "ABSOLUTE", -600, -100, normal))
    of_z = math(tree, "GREATER_THAN", 0, -300, z, math(tree, "MAXIMUM", -200, -300, x, y))
    upright = math(tree, "SUBTRACT", 200, -300, 1.0, of_z)
    of_x = math(tree, "MULTIPLY", 200, -100, upright, math(tree, "GREATER_THAN", 0, -100, x, y))
    of_y = math(tree, "SUBTRACT", 400, -200, upright, of_x)
    signed = shader_nodes.separated(tree, -600, -500, normal)
    to_x, to_y, to_z = (math(tree, "SIGN", -400, -500 - 150 * row, part) for row, part in enumerate(signed))
    right_x = math(tree, "MULTIPLY", 600, -100, math(tree, "MULTIPLY", 400, 0, of_y, to_y), -1.0)
    right_y = math(
        tree,
        "SUBTRACT",
        600,
        -300,
        math(tree, "MULTIPLY", 400, -400, of_x, to_x),
        math(tree, "MULTIPLY", 400, -600, of_z, to_z),
    )
    to_right = shader_nodes.combined(tree, 800, -200, right_x, right_y, 0.0)
    to_top = shader_nodes.combined(tree, 800, -400, of_z, 0.0, upright)
    return vector_math(
        tree,
        "ADD",
        1000,
        -200,
        vector_math(tree, "MULTIPLY", 900, -100, to_right, shader_nodes.combined(tree, 800, 0, right, right, right)),
        vector_math(tree, "MULTIPLY", 900, -300, to_top, shader_nodes.combined(tree, 800, 100, up, up, up)),
    )
