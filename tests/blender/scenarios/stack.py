"""The artist's own steps: customised, rearranged, generated from, saved, opened; and what can go wrong."""

import importlib
import json
from pathlib import Path
from unittest import mock

import bpy
from harness import ARGUMENTS, PACKAGE, complaint, extension, module

style, folder = ARGUMENTS[0], Path(ARGUMENTS[1])
ops = bpy.ops.neural_texture


def job() -> dict:
    """What the panel says."""
    to_plain = importlib.import_module(f"{PACKAGE}.job.wire").to_plain
    return to_plain(module("job_file").of_panel(bpy.context.scene.neural_texture))


def steps() -> list[str]:
    return [step.type for step in bpy.context.scene.neural_texture.steps]


def terms(step: int = 0) -> list[str]:
    return [term.type for term in bpy.context.scene.neural_texture.steps[step].optimise.terms]


def drawn() -> list[str]:
    """The texts and properties that the tab shows."""
    layout = mock.Mock()
    layout.panel.return_value = layout.panel_prop.return_value = (layout, layout)
    for name in ("column", "row", "box", "grid_flow"):
        getattr(layout, name).return_value = layout
    settings = bpy.context.scene.neural_texture
    panels = module("panels")
    for draw in (module("style_images_panel").draw, panels._draw_settings, panels._draw_details):
        draw(layout, settings)
    module("job_panel").draw(layout, settings, 30)
    calls = [call for call in layout.mock_calls if call.args or call.kwargs]
    return [str(call.kwargs.get("text") or (call.args[-1] if call.args else "")) for call in calls]


with extension() as findings:
    settings = bpy.context.scene.neural_texture
    image = settings.images.add()
    image.name, image.filepath = "speckles", style
    findings["square"] = []
    for change in (
        lambda: setattr(settings, "width", 96),
        ops.toggle_square,
        lambda: setattr(settings, "height", 32),
        ops.toggle_square,
    ):
        change()
        findings["square"].append([job()["canvas"]["width"], job()["canvas"]["height"]])
    findings["square: a side by keyword"] = []
    for said in ({"width": 64}, {"height": 80}, {"width": 64, "height": 32}):
        operator = mock.Mock(images="", content="", **said)
        operator.properties.is_property_set = said.__contains__
        choice = module("job_from_scene").Choice.of(settings).overruled_by(operator)
        findings["square: a side by keyword"].append([choice.width, choice.height])
    settings.width, settings.height, settings.device = 64, 48, "cpu"
    findings["simple: drawn"] = drawn()

    settings.preset = "draft"
    ops.use_octaves()
    findings["octaves of the preset"] = [settings.octaves.start_size, settings.octaves.growth]
    before = job()
    ops.customise()
    findings["customised"] = settings.customised
    findings["customised says the same"] = job() == before
    bpy.ops.ed.undo_push(message="Before")

    place = "neural_texture.steps[0]"
    ops.add_step(type="sharpen")
    ops.add_step(type="optimise")
    findings["added"] = steps()
    ops.move_item(item="neural_texture.steps[2]", by=-1)
    findings["moved"] = steps()
    ops.move_item(item="neural_texture.steps[2]", by=5)
    ops.add_term(terms=f"{place}.optimise.terms", type="gram")
    ops.add_term(terms=f"{place}.optimise.terms", type="total_variation")
    ops.move_item(item=f"{place}.optimise.terms[2]", by=-2)
    findings["terms"] = terms()
    settings.steps[0].optimise.terms[0].enabled = False
    ops.duplicate_item(item=place)
    findings["duplicated"] = [terms(0), terms(1), [term.enabled for term in settings.steps[1].optimise.terms]]
    gram = settings.steps[0].optimise.terms[2].gram
    layers = f"{place}.optimise.terms[2].gram.features.vgg19.layers"
    ops.add_layer(layers=layers, layer="relu2_2")
    findings["layers"] = [item.key for item in gram.features.vgg19.layers]
    findings["a layer twice"] = complaint(lambda: ops.add_layer(layers=layers, layer="relu2_2"))
    ops.remove_item(item=f"{layers}[0]")
    findings["one less"] = [item.key for item in gram.features.vgg19.layers]
    findings["customised: drawn"] = drawn()

    bpy.ops.ed.undo_push(message="After")
    bpy.ops.ed.undo()
    settings = bpy.context.scene.neural_texture
    findings["undone"] = [steps(), settings.customised]
    bpy.ops.ed.redo()
    settings = bpy.context.scene.neural_texture
    findings["redone"] = steps()
    for nowhere in ("neural_texture.steps[77]", "neural_texture.nothing[0]", "steps"):
        findings[f"at {nowhere}"] = complaint(lambda at=nowhere: ops.remove_item(item=at))

    findings["no weights"] = complaint(ops.generate)
    settings.features = "vgg19"
    settings.customised, settings.preset = False, "default"
    findings["no weights for the preset"] = complaint(ops.generate)
    settings.features, settings.customised = "auto", True
    for step in settings.steps:
        step.enabled = False
    findings["all steps off"] = complaint(ops.generate)
    settings.steps[0].enabled = True
    for term in settings.steps[0].optimise.terms:
        term.enabled = False
    findings["all terms off"] = complaint(ops.generate)

    while len(settings.steps):
        ops.remove_item(item=place)
    ops.add_step(type="optimise")
    term = settings.steps[0].optimise.terms[0].sliced_wasserstein
    term.features.type = "vgg19"
    findings["switched to the network"] = [item.key for item in term.features.vgg19.layers]
    term.features.type = "patches"
    term.features.patches.size, term.features.patches.filters = 3, 8
    solver = settings.steps[0].optimise.solver.adam
    solver.iterations = solver.coarse_iterations = 3
    ops.add_step(type="blur")
    ops.add_step(type="sharpen")
    settings.steps[2].enabled = False
    settings.images[0].use_crop, settings.images[0].crop.width = True, 0.9
    ops.add_magnification()
    settings.start.type, settings.tiling = "flat", "x"
    result = folder / "made"
    findings["made"] = list(ops.generate(out=str(result)))
    made = json.loads((result / "job.json").read_text("utf-8"))
    findings["made by"] = {
        "steps": [step["type"] for step in made["steps"]],
        "filters": made["steps"][0]["terms"][0]["features"]["filters"],
        "crop": made["exemplars"][0]["crop"],
        "magnifications": made["exemplars"][0]["magnifications"],
        "seed": made["canvas"]["seed"],
        "tiling": made["canvas"]["tiling"],
    }

    second = settings.images.add()
    second.name, second.filepath = "second", style
    ops.toggle_style_image(exemplars=f"{place}.optimise.terms[0].sliced_wasserstein.exemplars", number=1)
    image, second = settings.images
    image.enabled = False
    findings["with the first off it looks at"] = job()["steps"][0]["terms"][0]["exemplars"]
    findings["two images: drawn"] = drawn()
    image.enabled, second.enabled = True, False
    findings["looks at none"] = complaint(ops.generate)
    second.enabled = True
    ops.remove_style_image(index=0)
    findings["with the first gone it looks at"] = job()["steps"][0]["terms"][0]["exemplars"]

    findings["saved"] = list(ops.save_job(filepath=str(folder / "job.json")))
    saved = json.loads((folder / "job.json").read_text("utf-8"))
    saved["exemplars"][0]["maps"]["colour"] = Path(style).name
    (folder / "job.json").write_text(json.dumps(saved), encoding="utf-8")
    ops.back_to_preset()
    findings["back"] = [settings.customised, settings.use_octaves, settings.use_start]
    findings["by the preset's keyword"] = None
    findings["opened"] = list(ops.open_job(filepath=str(folder / "job.json")))
    findings["opened says"] = [settings.customised, steps(), settings.images[0].filepath, settings.tiling]
    findings["saved nowhere"] = complaint(lambda: ops.save_job(filepath=str(folder / "no" / "job.json")))
    findings["opened nowhere"] = complaint(lambda: ops.open_job(filepath=str(folder / "no.json")))
    saved["canvas"] |= {"width": 7, "tiling": "torus"}
    saved["steps"][0]["terms"][0]["type"] = "grams"
    (folder / "bad.json").write_text(json.dumps(saved), encoding="utf-8")
    before = job()
    findings["three faults"] = complaint(lambda: ops.open_job(filepath=str(folder / "bad.json")))
    saved = json.loads((folder / "job.json").read_text("utf-8"))
    saved["canvas"]["random_seed"] = 2**32 - 1
    (folder / "bad.json").write_text(json.dumps(saved), encoding="utf-8")
    findings["too large a seed"] = complaint(lambda: ops.open_job(filepath=str(folder / "bad.json")))
    findings["faults change nothing"] = job() == before

    result = folder / "preset"
    ops.generate(out=str(result), preset="draft", width=16, height=16, images=style)
    made = json.loads((result / "job.json").read_text("utf-8"))
    findings["a preset by keyword"] = [len(made["steps"]), made["canvas"]["seed"]["type"]]
    findings["would gain"] = module("session").texture.last.would_gain
    findings["would gain: drawn"] = drawn()
    settings.customised, settings.preset = False, "style_transfer"
    settings.features = "auto"
    findings["content"] = complaint(lambda: ops.generate(content="/nowhere.png"))
