"""What can become a style image: files that are dropped, and images that are in Blender."""

import importlib
import json
from pathlib import Path

import bpy
import numpy as np
from harness import ARGUMENTS, PACKAGE, complaint, disable, extension, module

style, folder = map(Path, ARGUMENTS)
ops = bpy.ops.neural_texture
SIDE = 32


def painted(name: str, values: np.ndarray, **kind: bool) -> bpy.types.Image:
    """An image of these values, upper row first, that no file has."""
    image = bpy.data.images.new(name, values.shape[1], values.shape[0], alpha=True, **kind)
    image.pixels.foreach_set(np.ascontiguousarray(values[::-1], dtype=np.float32).ravel())
    image.update()
    return image


def only(image: bpy.types.Image) -> None:
    """Have it for the only style image."""
    bpy.context.scene.neural_texture.images.clear()
    ops.add_blender_image(image=image.name_full)


def state(image: bpy.types.Image) -> list:
    return [image.filepath, image.is_dirty, image.source, bool(image.packed_file)]


def file_of(image: bpy.types.Image, kind: str = "colour", into: str = "inputs") -> str:
    """The file that the engine gets for it."""
    description = importlib.import_module(f"{PACKAGE}.job.description")
    kind, files = description.MapKind(kind), module("style_image_files")
    exemplar = description.Exemplar(maps={kind: files.path_of(image)})
    job = description.Job(exemplars=(exemplar,), canvas=description.Canvas(maps=(kind,)))
    before = state(image)
    path = files.written(job, folder / into).exemplars[0].maps[kind]
    findings.setdefault("changed", []).extend([image.name] if state(image) != before else [])
    return path


with extension() as findings:
    settings = bpy.context.scene.neural_texture

    handler = module("file_drop").StyleImageDrop
    findings["drop: registered"] = hasattr(bpy.types, handler.bl_idname) and handler.is_registered
    findings["drop: takes"] = handler.bl_file_extensions.split(";")
    findings["drop: without an editor"] = handler.poll_drop(bpy.context)
    by_drop = getattr(ops, handler.bl_import_operator.split(".")[1])
    files = [{"name": style.name}, {"name": "other.png"}]
    findings["dropped"] = list(by_drop("INVOKE_DEFAULT", directory=str(style.parent), files=files))
    findings["drop: images"] = [[image.name, image.filepath] for image in settings.images]
    findings["drop: selected"] = settings.active_image

    steps = np.arange(SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)
    levels = np.stack([steps % 256, steps // 4 % 256, 255 - steps % 256, 0 * steps + 255], axis=2)
    byte = painted("byte", levels / 255)
    saved = bpy.data.images.load(str(style))
    packed = bpy.data.images.load(str(style), check_existing=False)
    packed.pack()
    dirty = bpy.data.images.load(str(style), check_existing=False)
    dirty.name = "dirty.png"
    dirty.pixels[0] = dirty.pixels[0] + 0.5
    repainted = bpy.data.images.load(str(style), check_existing=False)
    repainted.pack()
    repainted.pixels.foreach_set(np.ones(len(repainted.pixels), dtype=np.float32))
    repainted.update()
    light = np.linspace(-0.5, 1.5, SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)
    ramp = np.stack([light, light, light, 0 * light + 1], axis=2)
    scene_linear = painted("scene linear", ramp, float_buffer=True)
    data = painted("data", ramp, float_buffer=True, is_data=True)
    half = painted("half", levels / 255 * [1, 1, 1, 0] + [0, 0, 0, 128 / 255])
    faint = painted("faint", ramp.clip(0, 1) * 0.25, float_buffer=True)
    generated = bpy.data.images.new("generated", SIDE, SIDE)
    generated.generated_type = "COLOR_GRID"
    gone = bpy.data.images.load(str(style), check_existing=False)
    gone.filepath = str(folder / "gone.png")
    cases = {
        "byte": (byte, "colour"),
        "saved": (saved, "colour"),
        "packed": (packed, "colour"),
        "dirty": (dirty, "colour"),
        "repainted": (repainted, "colour"),
        "scene linear": (scene_linear, "colour"),
        "data as colour": (data, "colour"),
        "height": (scene_linear, "height"),
        "data as height": (data, "height"),
        "byte as height": (byte, "height"),
        "half": (half, "colour"),
        "faint": (faint, "colour"),
        "generated": (generated, "colour"),
        "gone": (gone, "colour"),
    }
    findings["files"] = {name: file_of(*case) for name, case in cases.items()}
    numbers = np.empty(SIDE * SIDE * 4, dtype=np.float32)
    generated.pixels.foreach_get(numbers)
    shown = np.rint(numbers.reshape(SIDE, SIDE, 4)[::-1] * 255)
    findings["generated"] = shown.astype(int).tolist()

    exr = folder / "linear.exr"
    scene = bpy.context.scene
    scene.view_settings.view_transform = "Standard"
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene_linear.save_render(str(exr), scene=scene)
    described = importlib.import_module(f"{PACKAGE}.job.description")
    before = len(bpy.data.images)
    by_path = described.Job(exemplars=(described.Exemplar(maps={described.MapKind.COLOUR: str(exr)}),))
    by_path = module("style_image_files").written(by_path, folder / "exr")
    findings["files"]["exr"] = by_path.exemplars[0].maps["colour"]
    findings["images left behind"] = len(bpy.data.images) - before

    only(byte)
    findings["row"] = [[row.name, row.image.name, row.filepath] for row in settings.images]
    ops.add_blender_image(image="data", map="height", to_selected=True)
    findings["row's height"] = settings.images[0].height_image.name
    result = folder / "made"
    small = {"width": 64, "height": 64, "preset": "draft", "device": "cpu", "out": str(result)}
    findings["made"] = list(ops.generate(**small))
    findings["made of"] = json.loads((result / "job.json").read_text("utf-8"))["exemplars"][0]["maps"]
    findings["saved job"] = list(ops.save_job(filepath=str(folder / "brick.json")))
    findings["job's images"] = json.loads((folder / "brick.json").read_text("utf-8"))["exemplars"][0]["maps"]

    tool, geometry = module("crop_tool"), module("crop_geometry")
    findings["crop without a window"] = complaint(lambda: ops.crop_style_image())
    shown = module("crop_editor").Shown(
        area=0,
        was="VIEW_3D",
        image_before=None,
        mode_before="VIEW",
        image=byte.session_uid,
        loaded=False,
        size=(300, 70),
    )
    dragged = tool.Cropping(shown=shown, row=0, named=("", None), rectangle=geometry.Rectangle(100, 7, 299, 69))
    tool._apply(settings.images[0], dragged)
    of_panel, to_plain = module("job_file").of_panel, importlib.import_module(f"{PACKAGE}.job.wire").to_plain
    findings["cropped"] = to_plain(of_panel(settings))["exemplars"][0]["crop"]
    dragged.rectangle = geometry.Rectangle.whole(shown.size)
    tool._apply(settings.images[0], dragged)
    findings["cropped to all of it"] = to_plain(of_panel(settings))["exemplars"][0]["crop"]

    tiled = bpy.data.images.new("tiled", SIDE, SIDE, tiled=True)
    findings["tiled"] = complaint(lambda: ops.add_blender_image(image="tiled"))
    settings.images[0].image = tiled
    findings["tiled later"] = complaint(lambda: ops.generate(**small))
    settings.images[0].image = gone
    findings["file gone"] = complaint(lambda: ops.generate(**small))
    only(half)
    reference = module("style_image_files").path_of(half)
    bpy.data.images.remove(half)
    findings["removed: fault"] = module("style_image_files").fault(reference)
    findings["removed"] = complaint(lambda: ops.generate(**small))
    findings["no image"] = complaint(ops.add_blender_image)

    only(byte)
    byte.pack()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "images.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "images.blend"))
    settings = bpy.context.scene.neural_texture
    findings["from the .blend"] = settings.images[0].image.name
    findings["files"]["from the .blend"] = file_of(settings.images[0].image)

    thumbnails = module("thumbnails")
    rows = settings.images
    rows.add().filepath = str(style)
    rows.add().filepath = str(folder / "gone.png")
    rows.add()
    for row in (*rows, *rows):
        thumbnails.of_style_image(row)
    (previews,) = thumbnails._kept
    findings["previews"] = [list(previews)]
    bpy.ops.wm.open_mainfile(filepath=str(folder / "images.blend"))
    findings["previews"] += [list(previews)]

    disable()
    findings["previews: left behind"] = len(thumbnails._kept)
    findings["drop: left behind"] = hasattr(bpy.types, handler.bl_idname)
