"""Estimated maps -> the material that shows their colour map. What is no estimate stays as it is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import bpy
from bpy.types import Image, Material

from ..job.description import MapKind
from . import image_record, image_swap, lay_on, words
from . import material as materials
from .projection import Layout
from .translations import rpt_


def name(texture: str, kind: MapKind) -> str:
    """What the image of an estimated map is called."""
    return rpt_("{texture} {map} (Estimate)").format(texture=texture, map=words.CHOICES[kind][0])


def put(worn: Material, colour: Image, images: Mapping[MapKind, Image], relief: float) -> tuple[MapKind, ...]:
    """Show the maps in the material, where they lie as the colour does; the kinds of which it has others that stay.

    `relief`: what they were made with, as a share of the width.
    """
    tree: Any = worn.node_tree
    _label(colour, images, relief)
    there = {kind: texture for kind in images if (texture := image_swap.texture_of(tree, kind))}
    kept = tuple(kind for kind, texture in there.items() if not image_record.is_estimate(texture.image))
    _exchange({kind: texture for kind, texture in there.items() if kind not in kept}, images, relief)
    missing = {kind: image for kind, image in images.items() if kind not in there}
    beside = next((n for n in tree.nodes if n.type == "TEX_IMAGE" and n.image == colour), None)
    before = {node.name for node in tree.nodes}
    at = (beside.location.x, beside.location.y - 300) if beside else (-600.0, 0.0)
    vector = next((link.from_socket for link in beside.inputs["Vector"].links), None) if beside else None
    materials.add_maps(tree, missing, _layout(worn, colour, relief), at, vector)
    for node in tree.nodes:
        if node.name not in before and node.type == "TEX_IMAGE":
            node.label = node.image.name
    if MapKind.HEIGHT in missing:
        worn.displacement_method = "BOTH"
    return kept


def _exchange(textures: Mapping[MapKind, Any], images: Mapping[MapKind, Image], relief: float) -> None:
    """New estimates in place of those that these nodes show, wherever else they are used, too."""
    before = {kind: texture.image for kind, texture in textures.items()}
    was = before[MapKind.HEIGHT][image_record.ESTIMATE] if MapKind.HEIGHT in before else 0.0
    if was:
        lay_on.deepen([textures[MapKind.HEIGHT]], relief / was)
    for kind, old in before.items():
        old.user_remap(images[kind])
        called = old.name
        bpy.data.images.remove(old)
        images[kind].name = called


def _label(colour: Image, images: Mapping[MapKind, Image], relief: float) -> None:
    """Let the images say that they are estimates, and of which texture."""
    record = image_record.read(colour) if image_record.glance(colour) else None
    for kind, image in images.items():
        image[image_record.ESTIMATE] = float(relief)
        if record:
            image_record.write(image, replace(record, map=kind))


def _layout(worn: Material, colour: Image, relief: float) -> Layout:
    """As the colour map lies."""
    record = image_record.glance(colour)
    metres = record.texture_width if record and record.texture_width else None
    units = bpy.context.scene.unit_settings.scale_length if bpy.context.scene else 1.0
    return Layout(
        projection=lay_on.projection_of(worn, colour),
        aspect=colour.size[0] / colour.size[1],
        texture_width=metres / units if metres else Layout.texture_width,
        relief=relief,
    )
