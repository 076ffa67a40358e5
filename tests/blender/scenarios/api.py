"""Textures by the Python interface: begun, queued, waited for, told this and that, laid on."""

import importlib
from pathlib import Path

import bpy
import numpy as np
from harness import ARGUMENTS, PACKAGE, extension, module

style, folder = ARGUMENTS
QUICK = [{"type": "optimise", "solver": {"type": "adam", "iterations": 3, "coarse_iterations": 3}}]


def painted() -> bpy.types.Image:
    """An image that has no file."""
    image = bpy.data.images.new("painted", 48, 48)
    image.pixels.foreach_set(np.random.default_rng(1).random(48 * 48 * 4, np.float32))
    return image


def said(call) -> str:
    try:
        call()
    except api.Error as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


def mapping(material: bpy.types.Material) -> list:
    (node,) = [node for node in material.node_tree.nodes if node.type == "MAPPING"]
    return [round(number, 6) for number in node.inputs["Scale"].default_value]


def width_noted(image: bpy.types.Image) -> float | None:
    return module("image_record").read(image).texture_width


with extension() as findings:
    api = importlib.import_module(f"{PACKAGE}.api")
    cube, calls = bpy.data.objects["Cube"], []
    file = bpy.data.images.load(style)

    first = api.synthesise(style, width=32, height=24, random_seed=3, steps=QUICK, out=Path(folder, "first"))
    again = api.synthesise(job=first.job, exemplars=[file], name="again", folder=folder, then=calls.append)
    never = api.synthesise(
        style, preset="draft", features="patches", device=api.description.Device.CPU, folder=folder, name="never"
    )
    findings["begun"] = [[texture.name, str(texture.state), texture.done] for texture in (first, again, never)]
    findings["preset"] = never._asked.destination.preset
    findings["too early"] = said(lambda: again.images)
    never.cancel()
    findings["never"] = [str(never.state), never.folder.exists(), said(never.wait)]
    shown = []
    findings["waited"] = again.wait(progress=lambda texture: shown.append(texture.progress)) is again
    findings["shown"] = shown == sorted(shown) and len(shown) > 1
    findings["after"] = [[str(texture), texture.progress, texture.size] for texture in (first, again)]
    findings["then"] = [texture is again for texture in calls]
    findings["the same"] = first.files["colour"].read_bytes() == again.files["colour"].read_bytes()
    findings["figures"] = [isinstance(first.seam, float), first.seconds > 0]
    findings["images"] = {map: [image.name, image.size[:]] for map, image in again.images.items()}
    findings["no material yet"] = [m.name for m in bpy.data.materials if not m.is_grease_pencil]
    findings["width noted before"] = width_noted(again.images["colour"])

    worn = again.apply_to(cube, texture_width=2.0, projection="box", storage="pack")
    findings["worn"] = [cube.active_material == worn, worn.name, mapping(worn)]
    findings["packed"] = again.images["colour"].packed_file is not None
    findings["width noted"] = width_noted(again.images["colour"])
    swapped = first.apply_to(cube, into="active")
    findings["swapped"] = swapped == worn and first.images["colour"].users == 1
    kept = first.make_material()
    findings["kept"] = [kept.name, kept.use_fake_user, cube.active_material == worn]

    long = api.synthesise(painted(), seed=painted(), width=160, height=160, folder=folder)
    paused = []

    def tell(texture) -> None:
        """Pause it once it goes; then have it finish."""
        if texture.state is api.State.PAUSED:
            paused.append(texture.progress)
            texture.finish()
        elif not paused:
            texture.pause()

    long.wait(progress=tell)
    findings["finished early"] = len(paused) == 1 and long.size[0] < long.job.canvas.width
    findings["its inputs"] = sorted(path.name for path in (long.folder / "inputs").iterdir())

    findings["generate"] = list(
        bpy.ops.neural_texture.generate(job=str(first.folder / "job.json"), seed=4, out=f"{folder}/generated")
    )
    made = module("session").texture.last.request.job.canvas
    findings["generated"] = [made.width, made.height, made.random_seed]
