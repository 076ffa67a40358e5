"""Undo and redo while a texture is tried on, and after: whatever is used must be there, or Blender crashes.

Undo leaves alone what is alike in two steps, wherever its pointers lead by then.
"""

from dataclasses import replace

import bpy
from harness import extension, module

ROUNDS = 40
ed = bpy.ops.ed


def push(*messages: str) -> None:
    """Steps that have nothing to do with the cube."""
    for message in messages:
        bpy.data.objects["Light"].location.x += 1
        ed.undo_push(message=message)


def shown(into: str = "new", **fields):
    """An image that the cube tries on."""
    try_on, placement = module("try_on"), module("placement")
    image = bpy.data.images.new("preview", 16, 16, float_buffer=True)
    try_on.mark(image)
    placed = placement.Placement(into=placement.Into(into))
    to = replace(placement.Destination.on(bpy.data.objects["Cube"], placed), **fields)
    try_on.put_on(image, to, try_on.Canvas())
    assert try_on.is_done(image)
    return image


def used() -> list[str | bool]:
    """What the cube wears and its material shows; and whether that is there."""
    worn = bpy.data.objects["Cube"].material_slots[0].material
    there = worn.as_pointer() in {m.as_pointer() for m in bpy.data.materials}
    images = [node.image for node in worn.node_tree.nodes if node.type == "TEX_IMAGE"] if there else []
    there = there and {i.as_pointer() for i in images} <= {i.as_pointer() for i in bpy.data.images}
    bpy.context.view_layer.update()
    return [*([worn.name, *(i.name for i in images)] if there else []), there]


def lay_on() -> None:
    material = module("material")
    made = material.build("texture", {material.MapKind.COLOUR: bpy.data.images.new("texture", 16, 16)})
    material.hang(made, bpy.data.objects["Cube"])


with extension() as findings:
    push("One", "Two")
    shown()
    ed.undo()
    findings["at once"] = used()
    shown()
    ed.redo()
    findings["redone"] = used()

    lay_on()
    push("Three", "Four")
    shown("active")
    findings["into its material"] = used()
    ed.undo()
    findings["into its material, undone"] = used()
    images = {module("material").MapKind.COLOUR: bpy.data.images["texture"].session_uid}
    shown(replaced=module("placement").Replaced(images=images, texture="", texture_width=None))
    findings["in its place"] = used()
    ed.redo()
    findings["in its place, redone"] = used()

    bpy.data.objects["Cube"].material_slots[0].material = bpy.data.materials["Material"]
    for unused in [m for m in bpy.data.materials if not m.users]:
        bpy.data.materials.remove(unused)
    bpy.data.images.remove(bpy.data.images["texture"])
    push("Before")
    findings["rounds"] = []
    for _ in range(ROUNDS):
        image = shown()
        push("While the cube tries it on", "And once more")
        module("try_on").take_off(image)
        bpy.data.images.remove(image)
        lay_on()
        push("Laid on")
        seen = []
        for step in (ed.undo, ed.undo, ed.redo, ed.undo, ed.undo, ed.redo, ed.redo, ed.redo):
            step()
            seen.append(used())
        findings["rounds"].append(seen)
        for _ in range(3):
            ed.undo()
    findings["left"] = sorted(m.name for m in bpy.data.materials if not m.is_grease_pencil)
