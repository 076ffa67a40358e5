"""The maps of a material as they are drawn: a small picture of each, and how strong it is. Drawing never computes.

The strengths are values of the material's own nodes: changing one makes nothing anew.
"""

from typing import Any

from bpy.types import Image, Material

from ..job.description import MapKind
from . import image_swap, thumbnails, words
from . import material as materials
from .normal_map import STRENGTH

_LABELS = {
    MapKind.NORMAL: "Strength",
    MapKind.HEIGHT: "Scale",
    MapKind.ROUGHNESS: "Strength",
    MapKind.METALNESS: "Strength",
}


def draw(layout: Any, worn: Material | None) -> None:
    """Draw the maps of the material that shows the texture, in a panel of its own."""
    tree = worn.node_tree if worn else None
    maps = of(tree) if tree else {}
    if not maps:
        return
    header, body = layout.panel("NEURAL_TEXTURE_maps")
    header.label(text="Maps")
    if body:
        for kind, texture in maps.items():
            _draw_map(body, kind, texture.image, strength(tree, kind))


def of(tree: Any) -> dict[MapKind, Any]:
    """The image texture of each map that the material takes."""
    found = ((kind, image_swap.texture_of(tree, kind)) for kind in MapKind)
    return {kind: texture for kind, texture in found if texture is not None and texture.image is not None}


def strength(tree: Any, kind: MapKind) -> Any:
    """The socket that says how strong a map is, of the node before the shader or the output; None if there is none."""
    socket = materials.map_socket(tree, kind)
    node = next((link.from_node for link in socket.links), None) if socket else None
    if node is None:
        return None
    found = None
    if kind is MapKind.NORMAL:
        found = node.inputs.get(STRENGTH)
    elif kind is MapKind.HEIGHT and node.type == "DISPLACEMENT":
        found = node.inputs["Scale"]
    elif kind in (MapKind.ROUGHNESS, MapKind.METALNESS) and node.type == "MATH" and node.operation == "MULTIPLY":
        found = next((each for each in node.inputs[:2] if not each.is_linked), None)
    return None if found is None or found.is_linked else found


def _draw_map(layout: Any, kind: MapKind, image: Image, socket: Any) -> None:
    row = layout.split(factor=0.25)
    row.template_icon(icon_value=thumbnails.of_image(image), scale=2.4)
    column = row.column(align=True)
    column.label(text=words.CHOICES[kind][0])
    if socket is not None:
        column.use_property_split = False
        column.prop(socket, "default_value", text=_LABELS[kind], slider=kind is MapKind.NORMAL)
