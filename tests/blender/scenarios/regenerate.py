"""Textures made again from what their images remember, in a .blend that was saved, moved and opened anew."""

import dataclasses
import json
import shutil
from pathlib import Path

import bpy
import numpy as np
from harness import ARGUMENTS, complaint, extension, few_iterations, module, pump_until

style, folder = ARGUMENTS
ops = bpy.ops.neural_texture


def image() -> bpy.types.Image:
    return bpy.data.images["speckles"]


def pixels() -> list[float]:
    return np.round(image().pixels[:], 5).tolist()


def mapping(material: str) -> list[float]:
    node = next(node for node in bpy.data.materials[material].node_tree.nodes if node.type == "MAPPING")
    return [round(number, 4) for number in node.inputs["Scale"].default_value]


def shown(material: str) -> list[str]:
    made = bpy.data.materials.get(material)
    return [node.image.name for node in made.node_tree.nodes if node.type == "TEX_IMAGE"] if made else []


def record() -> object:
    return module("image_record").read(image())


def state() -> dict:
    """All that making it again may touch."""
    said = record()
    return {
        "size": image().size[:],
        "packed": image().packed_file is not None,
        "uid": image().session_uid,
        "mapping": mapping("speckles"),
        "width": said.texture_width,
        "seed": said.job.canvas.random_seed,
        "scale": [exemplar.scale for exemplar in said.job.exemplars],
        "pixels": pixels(),
        "images": sorted(image.name for image in bpy.data.images if image.name != "Render Result"),
        "materials": sorted(f"{m.name} {m.users}" for m in bpy.data.materials if not m.is_grease_pencil),
        "shown": sorted(shown("speckles") + shown("other")),
        "worn": [slot.material.name for slot in bpy.data.objects["Cube"].material_slots],
    }


def begun(job: object, grows: float = 1.0) -> object:
    """As an operator does where there is a window: a job with its timer and a preview."""
    again, settings = module("regenerate"), bpy.context.scene.neural_texture
    asked = again.ask(image(), record(), again.Plan(job, grows), settings, live=True)
    module("event_pump").start()
    return asked


def changed(before: dict, after: dict) -> dict:
    """What is different, the pixels only by name."""
    return {name: said if name != "pixels" else "" for name, said in after.items() if said != before[name]}


with extension() as findings:
    findings["without a texture"] = ops.regenerate.poll()
    refs = Path(folder, "first", "refs")
    refs.mkdir(parents=True)
    shutil.copy(style, refs)
    few_iterations()
    bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/first/scene.blend")
    made = {"width": 32, "height": 24, "device": "cpu", "seed": 7}
    ops.generate(
        images=str(refs / "speckles.png"), projection="box", texture_width=2.0, into="new", storage="pack", **made
    )
    first = state()
    bpy.ops.wm.save_mainfile()

    # elsewhere: everything that stood beside the .blend still does
    Path(folder, "first").rename(Path(folder, "second"))
    bpy.ops.wm.open_mainfile(filepath=f"{folder}/second/scene.blend")
    findings["opened"] = sorted(changed(first, state()))
    few_iterations()
    other = bpy.data.materials["speckles"].copy()
    other.name, other.use_fake_user = "other", True
    before = state()

    asked = begun(record().job)
    pump_until(lambda: asked.ending is not None)
    findings["again"] = changed(before, state())
    words = module("job_from_scene")
    long = words.job(words.Choice(preset="draft"), lambda: False)
    asked = begun(dataclasses.replace(record().job, steps=long.steps), grows=2.0)
    pump_until(lambda: mapping("speckles") != before["mapping"])
    try:
        begun(record().job)
    except module("errors").UserError as fault:
        findings["twice at once"] = str(fault)
    findings["meanwhile"] = changed(before, state())
    findings["meanwhile: preview"] = module("preview").by_uid(asked.image_uid).name
    ops.cancel()
    pump_until(lambda: asked.ending is not None)
    findings["cancelled"] = changed(before, state())

    bpy.ops.ed.undo_push(message="Before")
    findings["result"] = list(ops.change_seed())
    findings["seed"] = changed(before, state())
    bpy.ops.ed.undo()
    findings["undone"] = changed(before, state())
    bpy.ops.ed.redo()
    findings["redone"] = state()["seed"]

    before = state()
    tree = bpy.data.materials["other"].node_tree
    tree.nodes.remove(next(node for node in tree.nodes if node.type == "MAPPING"))
    ops.make_larger()
    findings["more surface"] = changed(before, state())
    before = state()
    ops.make_larger(what="detail")
    findings["more detail"] = changed(before, state())

    findings["shown"] = list(module("regenerate").in_words(module("regenerate").Plan(record().job), record()))
    good = image()["neural_texture"]
    findings["is on"] = ops.regenerate.poll()
    for name, call, canvas, scale in (
        ("too large", ops.make_larger, 16384, 1.0),
        ("too much detail", lambda: ops.make_larger(what="detail"), 32, 10.0),
        ("out of range", ops.regenerate, 10**6, 1.0),
    ):
        said = json.loads(good)
        said["job"]["canvas"]["width"], said["job"]["exemplars"][0]["scale"] = canvas, scale
        image()["neural_texture"] = json.dumps(said)
        findings[name] = complaint(call)
    image()["neural_texture"] = good
    given = module("regenerate").Picture(path="//refs/made.png")
    held = dataclasses.replace(record().job, canvas=dataclasses.replace(record().job.canvas, colour=given))
    module("image_record").write(image(), dataclasses.replace(record(), job=held))
    findings["a colour that was given"] = complaint(ops.make_larger)
    findings["a colour that was given: detail"] = complaint(lambda: ops.make_larger(what="detail"))
    image()["neural_texture"] = good
    Path(folder, "second", "refs", "speckles.png").unlink()
    findings["missing"] = complaint(ops.regenerate)
    bpy.ops.wm.save_mainfile()

    bpy.ops.wm.read_homefile(use_factory_startup=True)
    with bpy.data.libraries.load(f"{folder}/second/scene.blend", link=True) as (_, linked):
        linked.materials = ["speckles"]
    bpy.context.object.active_material = bpy.data.materials["speckles"]
    findings["linked"] = complaint(ops.regenerate)
