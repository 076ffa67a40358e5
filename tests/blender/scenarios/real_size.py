"""Render objects that wear a texture of a known width, from above and from the front, and measure its repeats."""

from dataclasses import replace

import bpy
import numpy as np
from harness import ARGUMENTS, complaint, extension, module
from view import PIXELS, VIEW, new_scene, seen, shine, texture

(folder,) = ARGUMENTS


def quarters(width: int, height: int) -> bpy.types.Image:
    """Red in the left half, green in the lower one."""
    texels = np.zeros((height, width, 3), np.float32)
    texels[:, : width // 2, 0] = texels[: height // 2, :, 1] = 1
    return texture("quarters", texels)


def wear(thing: bpy.types.Object, size: tuple[int, int] = (64, 64), **chosen: object) -> str:
    """Give the texture to `thing`, as the end of a job does, and let it shine by itself; the remark."""
    placing, kinds, Job = module("placement"), module("preview").MapKind, module("result").Job  # noqa: N806
    to = placing.Destination.on(thing, placing.Placement(**chosen))
    remark = module("result").deliver("quarters", {kinds.COLOUR: quarters(*size)}, to, Job(), end(*size))
    nodes = thing.active_material.node_tree.nodes
    shine(thing.active_material, next(node for node in nodes if node.type == "TEX_IMAGE").outputs["Color"])
    return remark


def height_of(thing: bpy.types.Object) -> float:
    nodes = thing.active_material.node_tree.nodes
    return next(node for node in nodes if node.type == "DISPLACEMENT").inputs["Scale"].default_value


def end(width: int, height: int) -> object:
    finished = module("result").Finished
    return finished(maps={}, seconds=1.0, width=width, height=height, seam=None, peak_memory=None)


def repeats(**how: object) -> dict[str, float | None]:
    """The distance in metres from one red (or green) stripe to the next, to the right and upwards."""
    picture = seen(folder, **how)[..., :2] > 0.5
    found = {}
    for channel, colour in enumerate(("red", "green")):
        for axis, way in ((1, "right"), (0, "up")):
            line = np.moveaxis(picture[..., channel], axis, 0)[:, PIXELS // 2 + 3]
            starts = np.flatnonzero(line[1:] & ~line[:-1])
            if len(starts) > 1:
                found[f"{colour} {way}"] = float(np.mean(np.diff(starts))) * VIEW / PIXELS
    return found


def plane(scale: float = 1.0, uv: tuple[float, float] = (1.0, 1.0)) -> bpy.types.Object:
    """8 m a side at scale 1, its UV map as large as said."""
    new_scene()
    bpy.ops.mesh.primitive_plane_add(size=8 / scale)
    thing = bpy.context.object
    thing.scale = (scale,) * 3
    for corner in thing.data.uv_layers.active.uv:
        corner.vector = [at * size for at, size in zip(corner.vector, uv, strict=True)]
    return thing


def cube(size: float = 8.0) -> bpy.types.Object:
    new_scene()
    bpy.ops.mesh.primitive_cube_add(size=size)
    return bpy.context.object


def worn(thing: bpy.types.Object, **chosen: object) -> dict:
    remark = wear(thing, **chosen)
    return {"remark": remark} | repeats()


with extension() as findings:
    kinds = module("placement").Projection
    for kind in kinds:
        for scale in (1.0, 2.0):
            findings[f"{kind} at {scale:.0f}"] = worn(plane(scale), projection=kind, texture_width=2.0)
        findings[f"{kind} of 2 to 1"] = worn(plane(), size=(64, 32), projection=kind, texture_width=2.0)
    findings["stretched UVs"] = worn(plane(uv=(0.25, 3.0)), texture_width=1.0)

    thing = cube()
    wear(thing, size=(64, 32), projection=kinds.BOX, texture_width=2.0)
    findings["box: front"] = repeats(looking=(0, 1, 0))
    findings["box: right"] = repeats(looking=(-1, 0, 0))
    findings["box: above"] = repeats()
    thing = cube()
    wear(thing, projection=kinds.UV, texture_width=1.0)
    findings["cube's own UVs"] = repeats(looking=(0, 1, 0))

    thing = cube(2.0)
    thing.scale = (4, 1, 1)
    findings["uneven"] = wear(thing, texture_width=1.0)
    thing = plane()
    thing.data.uv_layers.remove(thing.data.uv_layers[0])
    findings["no UVs"] = worn(thing, texture_width=2.0)
    thing = plane()
    bpy.ops.object.mode_set(mode="EDIT")
    wear(thing, texture_width=2.0)
    bpy.ops.object.mode_set(mode="OBJECT")
    findings["in Edit Mode"] = repeats()
    bpy.ops.curve.primitive_bezier_circle_add()
    bpy.context.object.data.bevel_depth = 0.1
    findings["a curve"] = wear(bpy.context.object, texture_width=2.0)

    twins = [plane(scale=2.0)]
    bpy.ops.mesh.primitive_plane_add(size=8, location=(0, 0, 1))
    twins.append(bpy.context.object)
    wear(twins[0], projection=kinds.BOX, texture_width=2.0)
    twins[1].data.materials.append(twins[0].active_material)
    findings["worn by another, too"] = repeats()
    wear(twins[1], projection=kinds.BOX, texture_width=2.0)
    findings["groups"] = len(bpy.data.node_groups)

    placing, maps, result = module("placement"), module("preview").MapKind, module("result")
    two = [plane()]
    bpy.ops.mesh.primitive_plane_add(size=8, location=(0, 0, 1))
    two.append(bpy.context.object)
    images = {maps.COLOUR: quarters(64, 64), maps.HEIGHT: quarters(64, 64)}
    canvas = module("image_record").Job().canvas
    job = replace(module("image_record").Job(), canvas=replace(canvas, maps=tuple(images)))
    result.deliver("high", images, placing.Destination(images_only=True), job, end(64, 64))
    for each, width in zip(two, (1.0, 4.0), strict=True):
        result.lay("high", images, placing.Destination.on(each, placing.Placement(texture_width=width)))
    bpy.context.view_layer.objects.active = two[0]
    heights = [height_of(each) for each in two]
    bpy.ops.neural_texture.set_size(projection="uv", texture_width=4.0)
    findings["as wide as the other"] = [*heights, height_of(two[0])]

    thing = plane(scale=2.0)
    wear(thing, projection=kinds.BOX, texture_width=2.0)
    for kind, width in (("uv", 1.0), ("object", 3.0), ("box", 1.5)):
        bpy.ops.neural_texture.set_size(projection=kind, texture_width=width)
        nodes = thing.active_material.node_tree.nodes
        findings[f"set to {kind}"] = repeats() | {"remark": ""}
        findings[f"set to {kind}: sources"] = sorted(n.type for n in nodes if n.type in ("TEX_COORD", "GROUP"))
    image = next(image for image in bpy.data.images if image.name.startswith("quarters"))
    findings["remembered"] = module("image_record").read(image).texture_width
    mapping = next(node for node in nodes if node.type == "MAPPING")
    thing.active_material.node_tree.nodes.remove(mapping)
    findings["no mapping"] = complaint(bpy.ops.neural_texture.set_size)
