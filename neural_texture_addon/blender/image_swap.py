"""Exchanges the images in a material that an artist made: no other node, link or value of theirs changes."""

from collections.abc import Iterator, Mapping
from typing import Any

import bpy
from bpy.types import Image, Material

from ..job.description import MapKind
from . import image_record, normal_green, normal_map
from . import material as materials
from .projection import Layout
from .translations import rpt_

_CARRIES = {
    MapKind.COLOUR: {"RGBA"},
    MapKind.ROUGHNESS: {"RGBA", "VALUE"},
    MapKind.METALNESS: {"RGBA", "VALUE"},
    MapKind.OCCLUSION: {"RGBA", "VALUE"},
    MapKind.NORMAL: {"RGBA", "VECTOR"},
    MapKind.HEIGHT: {"RGBA", "VALUE", "VECTOR"},
}
"""Types of the sockets along which a map is followed upstream: a mask in a factor is no colour."""


def swap(material: Material, images: Mapping[MapKind, Image], layout: Layout) -> str:
    """Show `images` where the material shows its own.

    A map that the material doesn't have is added beside, and led only to a socket that is free. What the artist
    should know, in a line; empty if all maps are seen.
    """
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    tree: Any = material.node_tree
    found = {kind: _for_the_same(texture_of(tree, kind), kind, image) for kind, image in images.items()}
    for kind, texture in found.items():
        if texture is not None:
            _show(tree, texture, kind, images[kind])
    missing = {kind: images[kind] for kind, texture in found.items() if texture is None}
    if not missing:
        return ""
    left = min((node.location.x for node in tree.nodes), default=0.0)
    materials.add_maps(tree, missing, layout, at=(left - 400, 300.0))
    taken = [kind for kind in missing if (t := texture_of(tree, kind)) is None or t.image != missing[kind]]
    names = ", ".join(rpt_("the {value} map").format(value=kind.value) for kind in taken)
    return (
        rpt_("{name} has no image for {names}: it lies beside your nodes, not connected").format(
            name=material.name, names=names
        )
        if taken
        else ""
    )


def _show(tree: Any, texture: Any, kind: MapKind, image: Image) -> None:
    """`image` there, its green as the nodes had it."""
    other_way = kind is MapKind.NORMAL and normal_map.wanted_green(texture) is not normal_green.of(image)
    texture.image = image
    if other_way:
        normal_green.turn(tree, texture)


def _for_the_same(texture: Any, kind: MapKind, image: Image) -> Any:
    """The texture, if `image` has the map in those channels in which the nodes look for it; else None."""
    same = texture is not None and image_record.place(texture.image, kind) == image_record.place(image, kind)
    return texture if same else None


def texture_of(tree: Any, kind: MapKind) -> Any:
    """The image texture that the material takes this map from: upstream of its socket, nearest first.

    `tree` is None where the material has no nodes.
    """
    if tree is None:
        return None
    start = materials.map_socket(tree, kind)
    found = list(_upstream(start, _CARRIES[kind])) if start else []
    active = tree.nodes.active
    if active in found or (start is None and kind is MapKind.COLOUR and active and active.type == "TEX_IMAGE"):
        return active
    return found[0] if found else None


def nearest(socket: Any, kind: MapKind) -> Any:
    """The image texture whose numbers reach `socket` as this map; None if there is none."""
    return next(_upstream(socket, _CARRIES[kind]), None)


def _upstream(start: Any, carries: set[str]) -> Iterator[Any]:
    """All image textures whose numbers reach `start`, the nearest first."""
    waiting: list[Any] = [start]
    seen: set[str] = set()
    while waiting:
        for link in waiting.pop(0).links or ():
            node = link.from_node
            if node.name in seen:
                continue
            seen.add(node.name)
            if node.type == "TEX_IMAGE":
                yield node
            else:
                waiting += [socket for socket in node.inputs if socket.type in carries]
