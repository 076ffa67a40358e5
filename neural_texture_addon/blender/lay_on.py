"""How large, and by which projection, a texture lies in materials that are there already."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import bpy
from bpy.types import Context, Image, Material, Object, Operator

from . import active_texture, image_record, material, normal_map, projection
from .errors import UserError
from .placement import LayProperties, Placement, Projection
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class SetSize(LayProperties, Operator):
    """Another width or projection for the texture that the active object wears."""

    bl_idname = "neural_texture.set_size"
    bl_label = "Set Size"
    bl_description = "Lay the texture on at another width, or by another projection"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012  # Blender's own convention

    @classmethod
    def poll(cls, context: Context) -> bool:
        """There must be a texture in a material."""
        cls.poll_message_set("The active object wears no texture that was made here")
        return image_record.is_on(active_texture.of(context)) and active_texture.material_of(context) is not None

    def invoke(self, context: Context, event: Any) -> "set[OperatorReturnItems]":
        """Let the artist see each change at once."""
        image, worn = active_texture.of(context), active_texture.material_of(context)
        record = image_record.glance(image)
        if record and record.texture_width:
            self.texture_width = record.texture_width / _metres_per_unit(context)
        self.projection = projection_of(worn, image).value
        assert context.window_manager is not None
        return context.window_manager.invoke_props_popup(self, event)

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Lay it on."""
        image, worn = active_texture.of(context), active_texture.material_of(context)
        assert image is not None
        assert worn is not None
        placement = Placement(projection=Projection(self.projection), texture_width=self.texture_width)
        try:
            remark = anew(worn, image, placement, context)
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        if remark:
            self.report({"WARNING"}, remark)
        return {"FINISHED"}


CLASSES = (SetSize,)


def anew(worn: Material, image: Image, placement: Placement, context: Context) -> str:
    """Lay all maps of the image's texture on in `worn` as `placement` says; a remark in a line. Raises UserError."""
    record = image_record.read(image)
    maps = image_record.maps_of(image, record)
    textures = _textures(worn, maps.values())
    mappings = {mapping.name: mapping for t in textures if (mapping := _own_mapping(t, textures))}
    if not worn.is_editable or len(mappings) != 1:
        raise UserError(
            rpt_("{name} has no Mapping node for the texture alone: change its size there").format(name=worn.name)
        )
    (mapping,) = mappings.values()
    layout = projection.plan(placement, (image.size[0], image.size[1]), _wearer(worn, context))
    was, before = projection_of(worn, image), _width(mapping)
    projection.lay(worn.node_tree, mapping, layout)
    for texture in textures:
        projection.dress(texture, layout)
        normal_map.adapt(worn.node_tree, texture, layout.projection)
    metres = placement.texture_width * _metres_per_unit(context)
    if record.texture_width:
        # by the nodes, if they tell: another material may have the texture at another width, and the record be of that
        alike = before and was is layout.projection
        deepen(textures, _width(mapping) / before if alike else metres / record.texture_width)
    for kind, each in maps.items():
        if each.is_editable:
            image_record.write(each, replace(record, map=kind, texture_width=metres))
    return layout.remark


def widen(images: Iterable[Image], factor: float) -> Iterator[str]:
    """Lay the images on larger by `factor` wherever they are; the names of the materials where that can't be done."""
    wanted = list(images)
    for made in bpy.data.materials:
        textures = _textures(made, wanted)
        mappings = [_own_mapping(texture, textures) for texture in textures]
        if not all(mappings) or (mappings and not made.is_editable):
            yield made.name
            continue
        for mapping in {mapping.name: mapping for mapping in mappings}.values():
            scale, by = mapping.inputs["Scale"], factor if mapping.vector_type == "TEXTURE" else 1.0 / factor
            scale.default_value = [by * each for each in scale.default_value]


def _textures(made: Any, images: Iterable[Image]) -> list[Any]:
    """The nodes that show one of the images."""
    wanted = list(images)
    nodes = made.node_tree.nodes if made.node_tree else ()
    return [node for node in nodes if node.type == "TEX_IMAGE" and node.image in wanted]


def _own_mapping(texture: Any, ours: list[Any]) -> Any:
    """The mapping node that decides how large `texture` is, and nothing but `ours`."""
    mapping = next((link.from_node for link in texture.inputs["Vector"].links), None)
    if mapping is None or mapping.type != "MAPPING" or mapping.inputs["Scale"].is_linked:
        return None
    return mapping if all(link.to_node in ours for link in mapping.outputs["Vector"].links) else None


def _width(mapping: Any) -> float:
    """Of a repeat, in whatever unit its projection has."""
    scale = mapping.inputs["Scale"].default_value[0]
    return scale if mapping.vector_type == "TEXTURE" else 1.0 / scale if scale else 0.0


def deepen(textures: Iterable[Any], factor: float) -> None:
    """Let the displacement by these maps be higher by `factor`, whatever strength the artist gave it."""
    for texture in textures:
        for link in texture.outputs["Color"].links:
            scale = link.to_node.inputs.get("Scale") if link.to_node.type == "DISPLACEMENT" else None
            if scale is not None and not scale.is_linked:
                scale.default_value *= factor


def projection_of(worn: Material | None, image: Image | None) -> Projection:
    """As the first of the image's nodes in the material has it."""
    textures = _textures(worn, [image] if image else [])
    mapping = next((link.from_node for t in textures[:1] for link in t.inputs["Vector"].links), None)
    if textures and textures[0].projection == "BOX":
        return Projection.BOX
    of_object = (
        mapping
        and mapping.type == "MAPPING"
        and any(link.from_node.type == "GROUP" for link in mapping.inputs["Vector"].links)
    )
    return Projection.OBJECT if of_object else Projection.UV


def _wearer(worn: Material, context: Context) -> Object | None:
    """An object with the material, the active one first."""
    layer = context.view_layer
    objects = [layer.objects.active, *layer.objects] if layer else []
    wearing = (o for o in objects if o and any(slot.material == worn for slot in o.material_slots))
    return next(filter(material.can_wear, wearing), None)


def _metres_per_unit(context: Context) -> float:
    return context.scene.unit_settings.scale_length if context.scene else 1.0
