"""The node group by which Blender's glTF exporter finds the occlusion. It changes nothing that Blender shows."""

from typing import Any

from . import shader_nodes

_NAME = "glTF Material Output"
"""As the exporter looks for it, and the importer makes it."""


def occlusion(tree: Any) -> Any:
    """The socket that the exporter takes the occlusion from; None if the material has none."""
    nodes = (node for node in tree.nodes if node.type == "GROUP" and node.node_tree)
    found = next((node for node in nodes if node.node_tree.name.startswith(_NAME)), None)
    return found.inputs.get("Occlusion") if found else None


def add(tree: Any, at: tuple[float, float]) -> Any:
    """Add the node at that place; its socket for the occlusion."""
    made = shader_nodes.node(tree, "ShaderNodeGroup", *at, label=_NAME)
    made.node_tree = shader_nodes.shared_group(_NAME, _fill)
    return made.inputs.get("Occlusion")


def _fill(tree: Any) -> None:
    tree.interface.new_socket("Occlusion", in_out="INPUT", socket_type="NodeSocketFloat").default_value = 1.0
    shader_nodes.node(tree, "NodeGroupInput", -200, 0)
    shader_nodes.node(tree, "NodeGroupOutput", 0, 0)
