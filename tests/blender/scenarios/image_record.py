"""What an image remembers: written, saved, read again; and what is said of records that were tampered with."""

import dataclasses
import json
from pathlib import Path

import bpy
from harness import ARGUMENTS, extension, module

(folder,) = ARGUMENTS


def job(*paths: str) -> object:
    """A job of these style images."""
    words = module("job_from_scene")
    images = tuple(words.StyleImage(filepath=path) for path in paths)
    return words.job(words.Choice(images=images, seed=7), lambda: False)


def complaint(image: bpy.types.Image) -> str:
    try:
        module("image_record").read(image)
    except module("errors").UserError as fault:
        return str(fault)
    return "nothing was said"


with extension() as findings:
    records = module("image_record")
    bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/scene.blend")
    made = job(f"{folder}/refs/brick.png", "/elsewhere/moss.png")
    record = records.Record(
        texture="t", map=records.MapKind.COLOUR, job=made, preset="draft", texture_width=2, seam=0.5
    )
    image = bpy.data.images.new("brick", 8, 8)
    image.use_fake_user = True
    findings["before"] = [records.is_on(image), complaint(image)]
    records.write(image, record)
    text = image["neural_texture"]
    findings["kept"] = [e["maps"]["colour"] for e in json.loads(text)["job"]["exemplars"]]
    findings["length"] = len(text)
    bpy.ops.wm.save_mainfile()
    Path(folder, "moved").mkdir()
    Path(folder, "scene.blend").rename(Path(folder, "moved", "scene.blend"))
    bpy.ops.wm.open_mainfile(filepath=f"{folder}/moved/scene.blend")
    image = bpy.data.images["brick"]
    read = records.read(image)
    findings["is on"] = records.is_on(image)
    findings["paths"] = [e.maps["colour"] for e in read.job.exemplars]
    findings["the same but for the paths"] = read == dataclasses.replace(record, job=read.job)
    findings["seed"] = read.job.canvas.random_seed
    findings["made with"] = module("extension").version()

    drawn = bpy.data.images.new("drawn", 8, 8)
    drawn.filepath_raw, drawn.file_format = f"{folder}/moved/textures/wall/result.png", "PNG"
    drawn.save()
    wall = module("preview").load(drawn.filepath_raw, "wall", records.MapKind.COLOUR)
    wall.use_fake_user = True
    made = job(f"{folder}/moved/refs/brick.png", "/elsewhere/moss.png")
    records.write(wall, dataclasses.replace(record, job=made))
    bpy.ops.wm.save_mainfile()

    def paths(image) -> list[str]:
        return [e.maps["colour"] for e in records.read(image).job.exemplars]

    Path(folder, "moved", "versions").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/moved/versions/scene_002.blend")
    findings["saved elsewhere"] = paths(wall)
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/other.blend")
    for link in (False, True):
        with bpy.data.libraries.load(f"{folder}/moved/scene.blend", link=link) as (_, wanted):
            wanted.images = ["wall"]
        findings["linked" if link else "appended"] = paths(wanted.images[0])
    Path(folder, "moved").rename(Path(folder, "project"))
    bpy.ops.wm.open_mainfile(filepath=f"{folder}/project/scene.blend")
    findings["all of it moved"] = paths(bpy.data.images["wall"])
    image = bpy.data.images["brick"]

    plain = json.loads(text)
    for name, said in {
        "a number": 3,
        "no JSON": "{",
        "a list": "[1]",
        "a later version": json.dumps(plain | {"version": 2}),
        "a later job": json.dumps(plain | {"job": plain["job"] | {"version": 99}}),
        "an unknown field": json.dumps(plain | {"run": "rm"}),
        "an unknown field of the job": json.dumps(plain | {"job": plain["job"] | {"run": "rm"}}),
        "a size beyond": json.dumps(plain | {"job": plain["job"] | {"canvas": {"width": 10**9}}}),
        "too long": text + " " * 10**6,
        "a width of 0": json.dumps(plain | {"texture_width": 0}),
        "no map": json.dumps({key: item for key, item in plain.items() if key != "map"}),
    }.items():
        image["neural_texture"] = said
        findings[name] = complaint(image)
