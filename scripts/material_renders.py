"""Render sets of maps that were made, beside their exemplars' own, under a low sun: docs/gallery/materials_SUN.jpg.

.venv/blender-4.5/bin/python scripts/material_renders.py [EXAMPLE ...]

Any Python with bpy and numpy. The sets are made by .venv/tests/bin/neural-texture, and kept in build/renders; what is
there already is not made again.
"""

import argparse
import math
import os
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neural_texture_addon.job.description import Job, MapKind  # noqa: E402
from neural_texture_addon.job.map_files import in_folder  # noqa: E402

EXAMPLES = ("brick_wall", "pebbles", "wood_planks", "fallen_leaves")
BUILD, GALLERY = ROOT / "build" / "renders", ROOT / "docs" / "gallery"
SIDE, GAP = 256, 6
SUNS = {"upper_left": 135, "lower_right": 315}
"""Whence it shines, counterclockwise from the picture's right."""
ELEVATION = 25


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="*", default=EXAMPLES, metavar="EXAMPLE")
    parser.add_argument("--samples", type=int, default=32)
    parsed = parser.parse_args()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.preferences.addon_enable(module="neural_texture_addon")
    try:
        for sun, azimuth in SUNS.items():
            rows = [[], []]
            for name in parsed.examples:
                for row, folder in zip(rows, (ROOT / "examples" / name, made(name)), strict=True):
                    row.append(rendered(folder, azimuth, parsed.samples))
            save(GALLERY / f"materials_{sun}.jpg", rows)
    finally:
        bpy.ops.preferences.addon_disable(module="neural_texture_addon")


def made(name):
    """The folder of the set that resembles an example."""
    out = BUILD / name / "made"
    if not (out / "result_roughness.png").is_file():
        program = ROOT / ".venv" / "tests" / ("Scripts" if os.name == "nt" else "bin") / "neural-texture"
        options = ["--scale", "0.5", "--size", str(SIDE), "--features", "patches", "--device", "cpu", "--out", out]
        subprocess.run([program, "synthesize", ROOT / "examples" / name, *options], check=True)
    return out


def rendered(folder, azimuth, samples):
    """A square of the material with the maps in a folder, seen from above: rows from below, columns, colours."""
    from neural_texture_addon.blender import placement, preview, result

    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.mesh.primitive_plane_add(size=1)
    wearer, maps = bpy.context.object, in_folder(str(folder)).maps
    images = {kind: preview.load(maps[kind], folder.name, kind) for kind in MapKind if kind in maps}
    to = placement.Destination.on(wearer, placement.Placement(texture_width=1.0))
    end = result.Finished(maps={}, seconds=0.0, width=SIDE, height=SIDE, seam=None, peak_memory=None)
    result.deliver(folder.name, images, to, Job(), end)
    light_up(azimuth)
    render = bpy.context.scene.render
    render.engine, render.resolution_x, render.resolution_y = "CYCLES", SIDE, SIDE
    bpy.context.scene.cycles.samples, bpy.context.scene.cycles.use_denoising = samples, False
    render.filepath = str(BUILD / "render.png")
    bpy.ops.render.render(write_still=True)
    picture = bpy.data.images.load(render.filepath)
    return np.array(picture.pixels[:]).reshape(SIDE, SIDE, 4)


def light_up(azimuth):
    """A low sun, a dim sky, a camera straight above."""
    scene = bpy.context.scene
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy, sun.angle = 6.0, math.radians(1)
    camera = bpy.data.cameras.new("Camera")
    camera.type, camera.ortho_scale = "ORTHO", 1.0
    for data in (sun, camera):
        scene.collection.objects.link(bpy.data.objects.new(data.name, data))
    bpy.data.objects["Sun"].rotation_euler = (0, math.radians(90 - ELEVATION), math.radians(azimuth))
    scene.camera = bpy.data.objects["Camera"]
    scene.camera.location = (0, 0, 2)
    scene.world = bpy.data.worlds.new("Sky")
    if bpy.app.version < (5, 0, 0):
        scene.world.use_nodes = True
    scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.3
    scene.view_settings.view_transform = "Standard"


def save(path, rows):
    """The pictures as a JPEG, the first row above."""
    height, width = (len(each) * (SIDE + GAP) - GAP for each in (rows, rows[0]))
    sheet = np.ones((height, width, 4), np.float32)
    for y, row in enumerate(reversed(rows)):
        for x, picture in enumerate(row):
            down, right = y * (SIDE + GAP), x * (SIDE + GAP)
            sheet[down : down + SIDE, right : right + SIDE] = picture
    image = bpy.data.images.new(path.stem, width, height)
    image.pixels.foreach_set(sheet.ravel())
    image.file_format, image.filepath_raw = "JPEG", str(path)
    image.save(quality=85)
    print(path)


if __name__ == "__main__":
    main()
