"""Take docs/images/panel.png and seeds.png: the panel as an artist sees it, at rest and with four seeds to choose from.

EXAMPLES is examples/, TILE a texture made from its brick_wall, FOLDER where the pictures go.
Run it in a Blender that has a window, the extension and its engine, on an X screen of 1280 x 1900 with ImageMagick's
`import`:

    blender --window-geometry 0 0 1280 1900 --python scripts/panel_picture.py -- EXAMPLES TILE FOLDER
"""

import importlib
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

examples, tile, folder = map(Path, sys.argv[sys.argv.index("--") + 1 :])
PACKAGE = next(name for name in bpy.context.preferences.addons.keys() if name.endswith("neural_texture"))  # noqa: SIM118


bpy.context.preferences.view.show_splash = False


def view() -> bpy.types.Area:
    """The 3D View."""
    return next(area for area in bpy.context.window_manager.windows[0].screen.areas if area.type == "VIEW_3D")


def prepare() -> None:
    """The sidebar, and a cube that wears a tile."""
    view().spaces.active.show_region_ui = True
    view().spaces.active.shading.type = "MATERIAL"
    bpy.ops.object.select_all(action="DESELECT")
    looking = view().spaces.active.region_3d
    looking.view_distance = 14.0
    looking.view_location = looking.view_rotation @ Vector((0.0, -4.4, 0.0))
    preview, material = (importlib.import_module(f"{PACKAGE}.blender.{name}") for name in ("preview", "material"))
    kinds = importlib.import_module(f"{PACKAGE}.job.description").MapKind
    image = preview.load(str(tile), "brick_wall", kinds.COLOUR)
    made = material.build("brick_wall", {kinds.COLOUR: image})
    mapping = next(node for node in made.node_tree.nodes if node.type == "MAPPING")
    mapping.inputs["Rotation"].default_value[2] = math.pi / 2
    material.hang(made, bpy.context.object)
    add_style_image("brick_wall")


def add_style_image(name: str) -> None:
    """Add one of the examples to the list."""
    style = bpy.context.scene.neural_texture.images.add()
    style.name, style.filepath = name, str(examples / name / f"{name}_Color.png")


def show_tab() -> None:
    """Bring our tab to the front of the sidebar."""
    sidebar().active_panel_category = "Neural Texture"


def generate() -> None:
    """Begin a texture."""
    bpy.context.scene.neural_texture.width = 256
    bpy.ops.neural_texture.generate(preset="draft")


def choose() -> None:
    """Make four to choose from."""
    bpy.context.scene.neural_texture.preset = "draft"
    bpy.ops.neural_texture.variations()


def all_is_made() -> bool:
    """Whether nothing is being made or waits."""
    return session().texture.running is None and not session().waiting


def session() -> Any:
    """What goes on."""
    return importlib.import_module(f"{PACKAGE}.blender.session")


def sidebar() -> bpy.types.Region:
    """Where our tab is."""
    return next(region for region in view().regions if region.type == "UI")


def picture(name: str, what: Callable[[], Any], height: int) -> Callable[[], None]:
    """What takes a picture of the upper part of an area or region."""

    def take() -> None:
        part, window = what(), bpy.context.window_manager.windows[0]
        place = f"{part.width}x{height}+{part.x}+{window.height - part.y - part.height}"
        command = ["import", "-window", "root", "-crop", place, "+repage", str(folder / name)]
        subprocess.run(command, check=True)

    return take


def drive(acts: Iterator[Callable[[], Any]], again: Callable[[], Any] | None = None) -> None:
    """Do one after the other, each until it says anything but False."""
    act = again or next(acts, None)
    if act is None:
        bpy.ops.wm.quit_blender()
        return
    pending = act if act() is False else None
    view().tag_redraw()
    bpy.app.timers.register(lambda: drive(acts, pending), first_interval=2.0)


ACTS = (
    prepare,
    show_tab,
    picture("panel.png", view, 700),
    generate,
    all_is_made,
    choose,
    all_is_made,
    picture("seeds.png", sidebar, 900),
)
bpy.app.timers.register(lambda: drive(iter(ACTS)), first_interval=2.0)
