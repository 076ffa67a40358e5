"""Nodes and node groups, in few words. Knows nothing of textures."""

from collections.abc import Callable
from typing import Any

import bpy


def node(tree: Any, kind: str, x: float, y: float, **settings: Any) -> Any:
    """A new node at that place."""
    made = tree.nodes.new(kind)
    made.location = (x, y)
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def math(tree: Any, operation: str, x: float, y: float, *inputs: Any) -> Any:
    """The result of an operation on numbers; an input is a socket or a number."""
    return _with_inputs(tree, node(tree, "ShaderNodeMath", x, y, operation=operation), inputs).outputs["Value"]


def vector_math(tree: Any, operation: str, x: float, y: float, *inputs: Any) -> Any:
    """The result of an operation on vectors; an input is a socket or three numbers."""
    made = _with_inputs(tree, node(tree, "ShaderNodeVectorMath", x, y, operation=operation), inputs)
    return made.outputs["Value" if operation in ("LENGTH", "DOT_PRODUCT") else "Vector"]


def combined(tree: Any, x: float, y: float, *inputs: Any) -> Any:
    """A vector of three numbers or sockets."""
    return _with_inputs(tree, node(tree, "ShaderNodeCombineXYZ", x, y), inputs).outputs["Vector"]


def separated(tree: Any, x: float, y: float, vector: Any) -> tuple[Any, Any, Any]:
    """The three numbers of a vector."""
    parts = _with_inputs(tree, node(tree, "ShaderNodeSeparateXYZ", x, y), (vector,)).outputs
    return parts["X"], parts["Y"], parts["Z"]


def transformed(tree: Any, x: float, y: float, kind: str, vector: Any) -> Any:
    """A vector of the object's space (a VECTOR, NORMAL or POINT) in the world's."""
    made = node(tree, "ShaderNodeVectorTransform", x, y, vector_type=kind, convert_from="OBJECT", convert_to="WORLD")
    return _with_inputs(tree, made, (vector,)).outputs["Vector"]


def shared_group(name: str, build: Callable[[Any], None]) -> Any:
    """The node group of that name: the one that is in the .blend, or a new one that `build` fills."""
    groups: Any = bpy.data.node_groups
    there = next((tree for tree in groups if tree.name.startswith(name) and tree.is_editable), None)
    if there is not None:
        return there
    tree: Any = groups.new(name, "ShaderNodeTree")
    build(tree)
    return tree


def _with_inputs(tree: Any, made: Any, inputs: tuple[Any, ...]) -> Any:
    for number, given in enumerate(inputs):
        if isinstance(given, bpy.types.NodeSocket):
            tree.links.new(given, made.inputs[number])
        else:
            made.inputs[number].default_value = given
    return made
