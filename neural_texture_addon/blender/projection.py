"""The coordinates of a texture that is as wide on the surface as the artist said: coordinate source -> mapping.

Object coordinates don't know the object's scale, and a material may be worn by several objects. So a node group
measures the object's axes in the world, at each point of the surface: no driver, nothing to keep up to date.
"""

from dataclasses import dataclass
from typing import Any

from bpy.types import Object

from . import shader_nodes, uv_scale
from .placement import Placement, Projection
from .relief import USUAL as USUAL_RELIEF
from .shader_nodes import math, node, vector_math
from .translations import rpt_

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
    relief: float = USUAL_RELIEF
    """Of a height map, from black to white, as a share of the width."""
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
            chosen, remark = (
                Projection.BOX,
                rpt_("{name} has no UV map: the texture is laid on it by Box projection").format(name=wearer.name),
            )
        elif measured.uneven:
            remark = rpt_(
                "The UV map of {name} is uneven, so the texture is larger in some places than in others"
            ).format(name=wearer.name)
    scale = {
        Projection.UV: (across * measured.along_u, up * measured.along_v, 1.0) if measured else (1.0, 1.0, 1.0),
        Projection.OBJECT: (across, up, across),
        # Blender's box: (y, z) on the sides that face X, (x, z) on those that face Y, (y, x) on those that face Z.
        Projection.BOX: (across, across, up),
    }[chosen]
    return Layout(projection=chosen, scale=scale, aspect=aspect, texture_width=width, remark=remark)


def add(tree: Any, layout: Layout, at: tuple[float, float]) -> Any:
    """Add coordinates and mapping to `tree`, the mapping at `at`; the socket that image textures take them from."""
    mapping = node(tree, "ShaderNodeMapping", *at)
    lay(tree, mapping, layout)
    return mapping.outputs["Vector"]


def lay(tree: Any, mapping: Any, layout: Layout) -> None:
    """Let `mapping` have the scale and the coordinates of `layout`. Those that it had go, if nothing else uses them."""
    mapping.inputs["Scale"].default_value = layout.scale
    before = [link.from_node for link in mapping.inputs["Vector"].links]
    tree.links.new(_coordinates(tree, layout, mapping.location[0] - 220, mapping.location[1]), mapping.inputs["Vector"])
    for source in before:
        ours = source.type == "GROUP" and source.node_tree and source.node_tree.name.startswith(_GROUP)
        if (ours or source.type == "TEX_COORD") and not any(socket.is_linked for socket in source.outputs):
            tree.nodes.remove(source)


def _coordinates(tree: Any, layout: Layout, x: float, y: float) -> Any:
    if layout.projection is Projection.UV:
        return node(tree, "ShaderNodeTexCoord", x, y).outputs["UV"]
    source = node(tree, "ShaderNodeGroup", x, y, label="Object Coordinates")
    source.node_tree = shader_nodes.shared_group(_GROUP, _fill_group)
    source.inputs["Aspect"].default_value = layout.aspect if layout.projection is Projection.BOX else 1.0
    return source.outputs["Vector"]


def dress(texture: Any, layout: Layout) -> None:
    """Let an image texture follow `layout`."""
    box = layout.projection is Projection.BOX
    texture.projection, texture.projection_blend = ("BOX", layout.blend) if box else ("FLAT", 0.0)


def _fill_group(tree: Any) -> None:
    """Object coordinates in units of length, whatever the object's scale."""
    aspect = tree.interface.new_socket("Aspect", in_out="INPUT", socket_type="NodeSocketFloat")
    aspect.description = "Width over height of the texture, for box projection; else 1"
    aspect.default_value = 1.0
    tree.interface.new_socket("Vector", in_out="OUTPUT", socket_type="NodeSocketVector")
    given, coordinates = node(tree, "NodeGroupInput", -600, 200), node(tree, "ShaderNodeTexCoord", -600, 0)
    lengths = [_length_of_axis(tree, number) for number in range(3)]
    axes = shader_nodes.combined(tree, 0, -200, *lengths)
    in_metres = vector_math(tree, "MULTIPLY", 200, 0, coordinates.outputs["Object"], axes)
    stretched = _on_floors(tree, given.outputs["Aspect"], coordinates.outputs["Normal"])
    result = vector_math(tree, "MULTIPLY", 400, 0, in_metres, stretched)
    tree.links.new(result, node(tree, "NodeGroupOutput", 600, 0).inputs["Vector"])


def _length_of_axis(tree: Any, number: int) -> Any:
    """The length in the world of one of the object's axes."""
    axis = [float(number == other) for other in range(3)]
    in_world = shader_nodes.transformed(tree, -400, -200 - 200 * number, "VECTOR", axis)
    return vector_math(tree, "LENGTH", -200, -200 - 200 * number, in_world)


def _on_floors(tree: Any, aspect: Any, normal: Any) -> Any:
    """(aspect, 1, 1) on sides that face Z, else (1, 1, 1).

    There a box projection takes the texture's height along X, which is its width on the sides that face Y.
    """
    x, y, z = shader_nodes.separated(tree, -200, 400, vector_math(tree, "ABSOLUTE", -400, 400, normal))
    faces_z = math(tree, "GREATER_THAN", 200, 400, z, math(tree, "MAXIMUM", 0, 500, x, y))
    return shader_nodes.combined(tree, 600, 300, math(tree, "POWER", 400, 300, aspect, faces_z), 1.0, 1.0)
