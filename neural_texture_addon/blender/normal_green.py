"""Which way the green of a normal map points, and the node that turns it: Blender's nodes want OpenGL's."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from bpy.types import Image

from ..job import map_files
from ..job.description import Green, MapKind
from . import image_record, shader_nodes
from .shader_nodes import math, node

_GROUP = "Neural Texture Turned Green"


def of(image: Image | None) -> Green:
    """That of a normal map: as the job wrote it, else as the file's name says; OpenGL's where nothing is said."""
    record = image_record.glance(image)
    if image is None or image_record.is_estimate(image):
        return Green.OPENGL
    if record and MapKind.NORMAL in record.job.canvas.maps:
        return record.job.output.green
    _, tag = map_files.read(PurePath(image.filepath.replace("\\", "/")).stem)
    return (tag and tag.green) or Green.OPENGL


def other(green: Green) -> Green:
    """The other one."""
    return Green.OPENGL if green is Green.DIRECTX else Green.DIRECTX


def add(tree: Any, colour: Any, at: tuple[float, float]) -> Any:
    """Add a node that turns the green of `colour`; its socket."""
    made = node(tree, "ShaderNodeGroup", *at, label="Turn Green")
    made.node_tree = shader_nodes.shared_group(_GROUP, _fill)
    tree.links.new(colour, made.inputs["Color"])
    return made.outputs["Color"]


def turns(socket: Any) -> list[Any]:
    """The nodes right behind `socket` that turn the green."""
    return [link.to_node for link in socket.links if is_turn(link.to_node)]


def is_turn(made: Any) -> bool:
    """Whether the node was made by `add`."""
    return bool(made.type == "GROUP" and made.node_tree and made.node_tree.name.startswith(_GROUP))


def sockets(texture: Any) -> Iterator[Any]:
    """Those with the texture's numbers, turned or not."""
    yield texture.outputs["Color"]
    yield from (turn.outputs["Color"] for turn in turns(texture.outputs["Color"]))


def turn(tree: Any, texture: Any) -> None:
    """Let all that read the texture have the green the other way than they have it now."""
    colour = texture.outputs["Color"]
    if there := turns(colour):
        for made in there:
            for link in list(made.outputs["Color"].links):
                tree.links.new(colour, link.to_socket)
            tree.nodes.remove(made)
        return
    readers = [link.to_socket for link in colour.links]
    turned = add(tree, colour, (texture.location.x + 160, texture.location.y + 120))
    for socket in readers:
        tree.links.new(turned, socket)


def _fill(tree: Any) -> None:
    for way in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Color", in_out=way, socket_type="NodeSocketColor")
    given, result = node(tree, "NodeGroupInput", -400, 0), node(tree, "NodeGroupOutput", 400, 0)
    apart, together = node(tree, "ShaderNodeSeparateColor", -200, 0), node(tree, "ShaderNodeCombineColor", 200, 0)
    tree.links.new(given.outputs["Color"], apart.inputs["Color"])
    red, green, blue = apart.outputs
    for number, channel in enumerate((red, math(tree, "SUBTRACT", 0, -100, 1.0, green), blue)):
        tree.links.new(channel, together.inputs[number])
    tree.links.new(together.outputs["Color"], result.inputs["Color"])
