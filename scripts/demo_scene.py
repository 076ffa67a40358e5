"""The demo's inside, run by a Python that has bpy: set up the engine, make the texture, render who wears it."""

import argparse
import math
import os
import sys
import time
from pathlib import Path

import bpy
from mathutils import Vector

ROOT = Path(__file__).resolve().parents[1]
ENGINE, DEMO = ROOT / ".venv" / "engine", ROOT / "demo"
STYLE = ROOT / "examples" / "brick_wall" / "brick_wall_Color.png"
sys.path.insert(0, str(ROOT))

from neural_texture_addon.supervisor import environment, installation  # noqa: E402  # the tree must be on the path first


def main() -> None:
    options = _options()
    _set_up_engine()
    DEMO.mkdir(exist_ok=True)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.preferences.addon_enable(module="neural_texture_addon")
    try:
        began = time.monotonic()
        _make(options)
        print(f"\nDone in {time.monotonic() - began:.0f} s:")
        for name in ("result.png", "neural_texture.blend", "preview.png"):
            print(" ", DEMO / name)
    except RuntimeError as error:
        sys.exit(str(error).strip())
    finally:
        bpy.ops.preferences.addon_disable(module="neural_texture_addon")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo.py")
    parser.add_argument("image", type=Path, nargs="?", default=STYLE, help="style image")
    parser.add_argument("--size", type=int, default=512, help="of the texture, in px")
    parser.add_argument("--samples", type=int, default=64, help="of the rendered preview, per pixel")
    return parser.parse_args()


def _set_up_engine() -> None:
    if not environment.is_current(ENGINE):
        for line in installation.create(ENGINE):
            print(" ", line, flush=True)
    os.environ[environment.VARIABLE] = str(environment.python_of(ENGINE))


def _make(options: argparse.Namespace) -> None:
    """The wall asks for the texture; the ring gets the same material."""
    scene = bpy.context.scene
    ring, wall = _ring(), _plane("Wall", 7.6, tiles=3, upright=True)
    _plane("Floor", 40.0, tiles=0, upright=False).data.materials.append(_plain("Floor", (0.32, 0.3, 0.28)))
    bpy.context.view_layer.objects.active = wall
    bpy.ops.wm.save_as_mainfile(filepath=str(DEMO / "neural_texture.blend"))
    side = {"width": options.size, "height": options.size}
    bpy.ops.neural_texture.generate(images=str(options.image.absolute()), out=str(DEMO), **side)
    ring.data.materials.append(wall.active_material)
    _light(scene)
    _camera(scene)
    _cycles(scene, options.samples)
    bpy.ops.wm.save_mainfile()
    _render()


def _plane(name: str, size: float, *, tiles: int, upright: bool) -> bpy.types.Object:
    """A square whose UV map repeats the texture `tiles` times each way."""
    turn = (math.pi / 2, 0.0, 0.0) if upright else (0.0, 0.0, 0.0)
    at = (0.0, 1.2, size / 2) if upright else (0.0, 0.0, 0.0)
    bpy.ops.mesh.primitive_plane_add(size=size, location=at, rotation=turn)
    return _named(name, tiles, tiles)


def _ring() -> bpy.types.Object:
    """A torus that leans against the wall: seamless around both ways."""
    bpy.ops.mesh.primitive_torus_add(
        location=(0.75, 0.2, 1.27),
        rotation=(math.radians(70), 0.0, math.radians(12)),
        major_radius=0.95,
        minor_radius=0.38,
        major_segments=160,
        minor_segments=64,
    )
    bpy.ops.object.shade_smooth()
    return _named("Ring", 4, 2)


def _named(name: str, across: int, up: int) -> bpy.types.Object:
    made = bpy.context.object
    made.name = made.data.name = name
    for loop in made.data.uv_layers.active.data:
        loop.uv = (loop.uv[0] * across, loop.uv[1] * up)
    return made


def _plain(name: str, colour: tuple[float, float, float]) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Roughness"].default_value = 0.45
    return material


def _light(scene: bpy.types.Scene) -> None:
    """A low warm sun from the left, a large cool light from the right, a dim sky."""
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy, sun.angle, sun.color = 4.0, math.radians(1.5), (1.0, 0.88, 0.72)
    _aimed("Sun", sun, (-5.0, -3.2, 5.0), (0.0, 1.0, 1.0), scene)
    fill = bpy.data.lights.new("Fill", "AREA")
    fill.energy, fill.size, fill.color = 60.0, 4.0, (0.75, 0.86, 1.0)
    _aimed("Fill", fill, (4.5, -4.0, 3.0), (0.0, 0.5, 1.0), scene)
    scene.world = bpy.data.worlds.new("Sky")
    scene.world.use_nodes = True
    background = scene.world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.55, 0.66, 0.82, 1.0)
    background.inputs["Strength"].default_value = 0.3


def _camera(scene: bpy.types.Scene) -> None:
    camera = bpy.data.cameras.new("Camera")
    camera.lens = 40
    scene.camera = _aimed("Camera", camera, (-0.3, -6.5, 1.9), (0.05, 0.5, 1.88), scene)


def _aimed(name: str, data: bpy.types.ID, at: tuple, target: tuple, scene: bpy.types.Scene) -> bpy.types.Object:
    made = bpy.data.objects.new(name, data)
    made.location = at
    made.rotation_euler = (Vector(target) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(made)
    return made


def _cycles(scene: bpy.types.Scene, samples: int) -> None:
    scene.render.engine = "CYCLES"
    scene.cycles.samples = samples
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 800, 600
    scene.view_settings.look = "AgX - High Contrast"
    scene.render.filepath = "//preview.png"


def _render() -> None:
    """Render, without the hundred lines that Cycles writes to stdout meanwhile."""
    print("Rendering the preview, which takes about a minute", flush=True)
    stdout = os.dup(1)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        bpy.ops.render.render(write_still=True)
    finally:
        os.dup2(stdout, 1)


if __name__ == "__main__":
    main()
