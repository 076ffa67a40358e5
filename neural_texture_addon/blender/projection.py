"""The coordinates of a texture that is as wide on the surface as the artist said: coordinate source -> mapping.

Object coordinates don't know the object's scale, and a material may be worn by several objects. So a node group
measures the object's axes in the world, at each point of the surface: no driver, nothing to keep up to date.
"""

from dataclasses import dataclass
from typing import Any

import bpy
from bpy.types import Object

from . import uv_scale
from .placement import Placement, Projection

_GROUP = "Neural Texture Object Coordinates"
_BLEND = 0.2
"""Of the sides of a box projection: where a surface turns from one to the next."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the coordinates of a texture are made."""

    projection: Projection = Projection.UV
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Repeats per unit of the coordinates: of the UV map, or of length."""
    aspect: float = 1.0
    """Width over height of the texture."""
    texture_width: float = 1.0
    """In Blender units."""
    remark: str = ""
    """What the artist should know."""

    @property
    def blend(self) -> float:
        """Of a box projection. The sides of a texture that isn't square can't be blended: see `_on_floors`."""
        return _BLEND if self.aspect == 1.0 else 0.0


def plan(placement: Placement, size: tuple[int, int], wearer: Object | None) -> Layout:
    """The coordinates for a texture of `size` px on `wearer`; box projection where there is no UV map to follow."""
    chosen, width, aspect = placement.projection, placement.texture_width, size[0] / size[1]
    across, up = 1.0 / width, aspect / width
    measured, remark = None, ""
    if chosen is Projection.UV and wearer is not None:
        measured = uv_scale.measure(wearer)
        if measured is None:
            chosen, remark = Projection.BOX, f"{wearer.name} has no UV map: the texture is laid on it by Box projection"
        elif measured.uneven:
            remark = f"The UV map of {wearer.name} is uneven, so the texture is larger in some places than in others"
    scale = {
        Projection.UV: (across * measured.along_u, up * measured.along_v, 1.0) if measured else (1.0, 1.0, 1.0),
        Projection.OBJECT: (across, up, across),
        # Blender's box: (y, z) on the sides that face X, (x, z) on those that face Y, (y, x) on those that face Z.
        Projection.BOX: (across, across, up),
    }[chosen]
    return Layout(projection=chosen, scale=scale, aspect=aspect, texture_width=width, remark=remark)


def add(tree: Any, layout: Layout, at: tuple[float, float]) -> Any:
    """Add coordinates and mapping to `tree`, the mapping at `at`; the socket that image textures take them from."""
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.location = at
    mapping.inputs["Scale"].default_value = layout.scale
    if layout.projection is Projection.UV:
        source = tree.nodes.new("ShaderNodeTexCoord")
        coordinates = source.outputs["UV"]
    else:
        source = tree.nodes.new("ShaderNodeGroup")
        source.node_tree = _group()
        source.label = "Object Coordinates"
        aspect = layout.aspect if layout.projection is Projection.BOX else 1.0
        source.inputs["Aspect"].default_value = aspect
        coordinates = source.outputs["Vector"]
    source.location = (at[0] - 220, at[1])
    tree.links.new(coordinates, mapping.inputs["Vector"])
    return mapping.outputs["Vector"]


def _group() -> Any:
    """Object coordinates in units of length, whatever the object's scale. There is one in a .blend."""
    groups: Any = bpy.data.node_groups
    ours = (tree for tree in groups if tree.name.startswith(_GROUP) and tree.is_editable)
    return next(ours, None) or _new_group()


def _new_group() -> Any:
    tree: Any = bpy.data.node_groups.new(_GROUP, "ShaderNodeTree")  # type: ignore[arg-type]
    aspect = tree.interface.new_socket("Aspect", in_out="INPUT", socket_type="NodeSocketFloat")
    aspect.description = "Width over height of the texture, for box projection; else 1"
    aspect.default_value = 1.0
    tree.interface.new_socket("Vector", in_out="OUTPUT", socket_type="NodeSocketVector")
    given, coordinates = _node(tree, "NodeGroupInput", -600, 200), _node(tree, "ShaderNodeTexCoord", -600, 0)
    axes = _node(tree, "ShaderNodeCombineXYZ", 0, -200)
    for number in range(3):
        tree.links.new(_length_of_axis(tree, number), axes.inputs[number])
    in_metres = _vector_math(tree, "MULTIPLY", 200, 0, coordinates.outputs["Object"], axes.outputs["Vector"])
    stretched = _on_floors(tree, given.outputs["Aspect"], coordinates.outputs["Normal"])
    result = _vector_math(tree, "MULTIPLY", 400, 0, in_metres, stretched)
    tree.links.new(result, _node(tree, "NodeGroupOutput", 600, 0).inputs["Vector"])
    return tree


def _length_of_axis(tree: Any, number: int) -> Any:
    """The length in the world of one of the object's axes."""
    axis = _node(tree, "ShaderNodeVectorTransform", -400, -200 - 200 * number)
    axis.vector_type, axis.convert_from, axis.convert_to = "VECTOR", "OBJECT", "WORLD"
    axis.inputs["Vector"].default_value = [float(number == other) for other in range(3)]
    length = _node(tree, "ShaderNodeVectorMath", -200, -200 - 200 * number)
    length.operation = "LENGTH"
    tree.links.new(axis.outputs["Vector"], length.inputs[0])
    return length.outputs["Value"]


def _on_floors(tree: Any, aspect: Any, normal: Any) -> Any:
    """(aspect, 1, 1) on sides that face Z, else (1, 1, 1).

    There a box projection takes the texture's height along X, which is its width on the sides that face Y.
    """
    size = _vector_math(tree, "ABSOLUTE", -400, 400, normal)
    parts = _node(tree, "ShaderNodeSeparateXYZ", -200, 400)
    tree.links.new(size, parts.inputs[0])
    larger = _math(tree, "MAXIMUM", 0, 500, parts.outputs["X"], parts.outputs["Y"])
    faces_z = _math(tree, "GREATER_THAN", 200, 400, parts.outputs["Z"], larger)
    power = _math(tree, "POWER", 400, 300, aspect, faces_z)
    stretch = _node(tree, "ShaderNodeCombineXYZ", 600, 300)
    stretch.inputs["Y"].default_value = stretch.inputs["Z"].default_value = 1.0
    tree.links.new(power, stretch.inputs["X"])
    return stretch.outputs["Vector"]


def _math(tree: Any, operation: str, x: float, y: float, *inputs: Any) -> Any:
    return _operation(tree, "ShaderNodeMath", operation, x, y, *inputs).outputs["Value"]


def _vector_math(tree: Any, operation: str, x: float, y: float, *inputs: Any) -> Any:
    return _operation(tree, "ShaderNodeVectorMath", operation, x, y, *inputs).outputs["Vector"]


def _operation(tree: Any, kind: str, operation: str, x: float, y: float, *inputs: Any) -> Any:
    node = _node(tree, kind, x, y)
    node.operation = operation
    for number, socket in enumerate(inputs):
        tree.links.new(socket, node.inputs[number])
    return node


def _node(tree: Any, kind: str, x: float, y: float) -> Any:
    node = tree.nodes.new(kind)
    node.location = (x, y)
    return node
