"""What else an artist does while a texture is made: other slots, copies, other files, things that are removed."""

import importlib
import time
from functools import partial
from pathlib import Path

import bpy
from harness import ARGUMENTS, PACKAGE, extension, module, pump_until, start_long_job

style, folder = ARGUMENTS
LEGACY = bpy.app.version < (5, 0, 0)
"""Where a material may be without nodes."""


def begin():
    """An empty session in a new file, and its cube."""
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    return bpy.data.objects["Cube"]


def wears(thing) -> list[str | None]:
    return [slot.material.name if slot.material else None for slot in thing.material_slots]


def colour_of(material) -> str | None:
    texture = module("image_swap").texture_of(material.node_tree, module("material").MapKind.COLOUR)
    return texture.image.name if texture and texture.image else None


def tried_on(out: str, **fields):
    """A texture that is being made, from when it is tried on."""
    made = start_long_job(style, f"{folder}/{out}", **fields)
    assert pump_until(lambda: is_shown(made))
    return made


def is_shown(made) -> bool:
    image = module("preview").by_uid(made.image_uid)
    return image is not None and module("try_on").is_done(image)


def end(made, how=None) -> None:
    (how or made.cancel)()
    pump_until(lambda: made.ended)


def asked(out: str, **fields):
    """Ask as Generate does where there is a window."""
    scene, placement = module("job_from_scene"), module("placement")
    choice = scene.Choice(images=(scene.StyleImage(filepath=style),), width=32, height=32, preset="draft")
    cube, placed = bpy.data.objects["Cube"], placement.Placement(**fields)
    out = out and f"{folder}/{out}"
    made = module("generation").ask(choice, target=cube, out=out, placement=placed, live=True)
    module("event_pump").start()
    return made


def is_packed(made) -> bool:
    """The image of a texture, once that is finished."""
    pump_until(lambda: made.ended)
    (uid,) = made.image_uids.values()
    return bool(module("preview").by_uid(uid).packed_file)


with extension() as findings:
    session = module("session")

    cube = begin()
    cube.data.materials.append(bpy.data.materials.new("Second"))
    cube.active_material_index = 0
    first = asked("first slot")
    cube.active_material_index = 1
    second = asked("second slot")
    cube.active_material_index = 0
    pump_until(lambda: first.ended and second.ended)
    findings["a slot each"] = [name.startswith("speckles") for name in wears(cube)], len(set(wears(cube)))
    findings["a slot each: files"] = [
        Path(slot.material.node_tree.nodes.active.image.filepath).parent.name for slot in cube.material_slots
    ]

    for how in ("cancel", "finish"):
        cube = begin()
        made = tried_on(how, size=64)
        bpy.ops.object.select_all(action="DESELECT")
        cube.select_set(True)
        bpy.context.view_layer.objects.active = cube
        bpy.ops.object.duplicate()
        end(made, made.worker.finish if how == "finish" else None)
        findings[f"duplicated, {how}"] = wears(cube), wears(bpy.context.view_layer.objects.active)

    cube = begin()
    made = tried_on("copied", size=64)
    own = cube.active_material.copy()
    own.name, own.use_fake_user = "own", True
    end(made, made.worker.finish)
    end(tried_on("after the copy", size=64))
    findings["copied"] = colour_of(own) if "own" in bpy.data.materials else "gone"

    cube = begin()
    cube.data.materials.append(bpy.data.materials.new("Second"))
    made = tried_on("moved", size=64)
    bpy.context.view_layer.objects.active = cube
    cube.active_material_index = 0
    bpy.ops.object.material_slot_move(direction="DOWN")
    end(made)
    findings["slots moved, cancelled"] = wears(cube)
    cube.active_material_index = 1
    made = tried_on("moved back", size=64)
    bpy.ops.object.material_slot_move(direction="UP")
    end(made, made.worker.finish)
    findings["slots moved, finished"] = wears(cube)

    for what in ("image", "material"):
        cube = begin()
        made = tried_on(f"{what} removed", size=128)
        image = module("preview").by_uid(made.image_uid)
        if what == "image":
            bpy.data.images.remove(image)
        else:
            bpy.data.materials.remove(cube.active_material)
        pump_until(partial(is_shown, made), seconds=5)
        end(made)
        findings[f"{what} removed"] = wears(cube)

    cube = begin()
    here = Path(style).parent
    bpy.ops.wm.save_as_mainfile(filepath=f"{here}/work.blend")
    made = tried_on("goes on", size=64)
    for name, content in {"missing": None, "broken": b"BLENDER-v405" + bytes(2000), "notes": b"no .blend"}.items():
        if content:
            (here / f"{name}.blend").write_bytes(content)
        try:
            bpy.ops.wm.open_mainfile(filepath=f"{here}/{name}.blend")
        except RuntimeError:
            findings[f"{name}: goes on"] = session.texture.running is made
    bpy.ops.wm.save_mainfile()
    findings["saved"] = wears(bpy.data.objects["Cube"])
    pump_until(lambda: made.ended)
    findings["made all the same"] = wears(bpy.data.objects["Cube"])

    if LEGACY:
        cube = begin()
        cube.material_slots[0].material = plain = bpy.data.materials.new("Plain")
        into = module("placement").Into.ACTIVE
        made = asked("plain", into=into)
        findings["no nodes: ended"] = pump_until(lambda: made.ended)
        findings["no nodes"] = wears(cube), colour_of(plain)
        findings["no nodes: said"] = session.texture.message.text

    begin()
    findings["never saved: packed"] = is_packed(asked(""))
    bpy.ops.wm.save_as_mainfile(filepath=f"{here}/saved.blend")
    findings["saved: packed"] = is_packed(asked(""))

    api = importlib.import_module(f"{PACKAGE}.api")
    begin()
    try:
        bare = bpy.data.materials.new("Bare")
        if not LEGACY:
            bare.node_tree.nodes.clear()
        api.estimate_maps(bare)
    except api.Error as fault:
        findings["no nodes: estimates"] = str(fault)
    called = []
    textures = [
        api.synthesise(style, width=128, height=128, out=f"{folder}/api{n}", then=lambda t: called.append(str(t.state)))
        for n in range(2)
    ]
    time.sleep(0.5)
    begin()
    findings["another file"] = [texture.done for texture in textures], called, session.texture.running is None
