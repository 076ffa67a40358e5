"""Presets of the artist's own: saved, chosen, generated from, broken, removed; and an old .blend's preset."""

import importlib
import json
from pathlib import Path

import bpy
from harness import ARGUMENTS, PACKAGE, complaint, extension, module

style, folder = map(Path, ARGUMENTS)
ops = bpy.ops.neural_texture


def listed() -> dict[str, list]:
    """The artist's own in the list: title, description, whether it can be used."""
    entries = module("preset_list").entries()
    return {e.name: [e.title, e.description, e.preset is not None] for e in entries if e.file}


def job() -> dict:
    to_plain = importlib.import_module(f"{PACKAGE}.job.wire").to_plain
    return to_plain(module("job_file").of_panel(bpy.context.scene.neural_texture))


def items() -> dict[str, int]:
    return {item[0]: item[4] for item in module("preset_list").items(None, None)}


with extension() as findings:
    settings = bpy.context.scene.neural_texture
    presets = module("preset_list")
    own = presets.folder()
    findings["default"] = settings.preset
    findings["numbers"] = items()
    findings["none of their own"] = listed()
    ops.add_style_images(filepath=str(style))
    settings.width = settings.height = 64
    settings.device = "cpu"

    settings.preset = "draft"
    ops.customise()
    ops.add_step(type="blur")
    settings.tiling = "x"
    settings.octaves.start_size = 40
    settings.start.type = "noise"
    term = settings.steps[0].optimise.terms[0].sliced_wasserstein.features.patches
    term.filters = 8
    solver = settings.steps[0].optimise.solver.adam
    solver.iterations = solver.coarse_iterations = 3
    said = job()
    findings["saved"] = list(ops.save_preset(title=" Mossy Bricks ", about="For moss"))
    findings["listed"] = listed()
    findings["chosen"] = [settings.preset, settings.customised, settings.features]
    findings["says the same"] = {name: job()[name] == said[name] for name in ("steps", "octaves", "canvas")}
    document = json.loads((own / "mossy_bricks.json").read_text("utf-8"))
    findings["families"] = list(document["jobs"])
    findings["images in it"] = document["jobs"]["patches"]["exemplars"]
    findings["complete"] = set(document["jobs"]["patches"]) >= {"version", "steps", "octaves", "canvas", "output"}

    settings.preset = "default"
    result = folder / "made"
    findings["made"] = list(ops.generate(preset="mossy_bricks", out=str(result)))
    made = json.loads((result / "job.json").read_text("utf-8"))
    findings["made by"] = [[step["type"] for step in made["steps"]], made["canvas"]["tiling"], made["canvas"]["width"]]
    try:
        ops.generate(preset="no_such")
    except TypeError as error:
        findings["no such"] = str(error)

    settings.preset = "regular"
    ops.use_octaves()
    settings.octaves.growth = 2.0
    ops.save_preset(title="Coarse Tiles")
    findings["of a preset"] = {
        family: [job["octaves"]["growth"], len(job["steps"])]
        for family, job in json.loads((own / "coarse_tiles.json").read_text("utf-8"))["jobs"].items()
    }
    findings["no longer own octaves"] = settings.use_octaves
    findings["no name"] = complaint(lambda: ops.save_preset(title="  "))
    findings["a built-in's name"] = complaint(lambda: ops.save_preset(title="Default"))
    ops.customise()
    for step in settings.steps:
        step.enabled = False
    findings["no steps"] = complaint(lambda: ops.save_preset(title="Empty"))
    ops.back_to_preset()

    settings.preset = "mossy_bricks"
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "own.blend"))
    (own / "torn.json").write_text('{"title": "Torn', "utf-8")
    (own / "wrong.json").write_text(json.dumps({"title": "W", "jobs": {"both": {"version": 1, "canvas": 3}}}), "utf-8")
    (own / "draft.json").write_bytes((own / "coarse_tiles.json").read_bytes())
    (own / "bytes.json").write_bytes(b"\xff\xfe")
    findings["with broken ones"] = listed()
    findings["built-in draft"] = presets.load("draft").title
    settings.preset = "broken:torn"
    findings["broken: generate"] = complaint(ops.generate)
    findings["broken: customise"] = complaint(ops.customise)
    findings["broken: choose"] = complaint(lambda: ops.choose_preset(name="broken:torn"))
    findings["broken: removed"] = list(ops.remove_preset(name="broken:draft"))
    findings["files"] = sorted(path.name for path in own.iterdir())
    findings["a built-in can't be removed"] = complaint(lambda: ops.remove_preset(name="draft"))
    findings["is reset"] = [settings.preset]
    ops.choose_preset(name="coarse_tiles")
    ops.remove_preset(name="coarse_tiles")
    findings["is reset"] += [settings.preset]

    bpy.ops.wm.open_mainfile(filepath=str(folder / "own.blend"))
    findings["from the .blend"] = bpy.context.scene.neural_texture.preset
    (own / "mossy_bricks.json").unlink()
    findings["gone: shown"] = bpy.context.scene.neural_texture.preset
    findings["gone"] = complaint(ops.generate)
    ops.choose_preset(name="organic")
    findings["another"] = bpy.context.scene.neural_texture.preset
