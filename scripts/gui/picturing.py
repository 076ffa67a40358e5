"""The pictures of the README: the panel at work, the crop, four seeds, the tiles, the preferences."""

import subprocess
import time
from pathlib import Path

from .artist import IMAGE, PANEL, PREFERENCES, VIEW, Artist
from .checks import Checks
from .making import ENDED, FINISH, choose_image, make_small, set_size, start
from .setting_up import CHECK, open_tab

_LOOK = """
settings().preset, settings().projection, settings().texture_width = "default", "box", 3.0
space = area_of("VIEW_3D")[1].spaces.active
space.shading.type, space.overlay.show_cursor = "MATERIAL", False
bpy.context.view_layer.objects.active.select_set(False)
space.region_3d.view_distance = 7.5
space.region_3d.view_location = (0.65, 0.62, -0.2)
"""


_FEW_COLOURS = ["+dither", "-colors", "200", "-strip", "-define", "png:compression-level=9", "-type", "palette"]


def act(artist: Artist, check: Checks, picture: Path, engine: str, folder: Path) -> None:
    """`picture` is a style image, `folder` where the pictures go."""
    artist.start(NEURAL_TEXTURE_PYTHON=engine)
    open_tab(artist)
    choose_image(artist, picture)
    artist.ask(_LOOK)
    _crop(artist, check, folder)
    set_size(artist, 768)
    start(artist)
    check("the cube tries it on", artist.until("worn() == job().name"))
    check("more than half is made", artist.until("fraction() > 0.5", 900))
    time.sleep(3.0)
    _keep(artist, folder / "panel.png", VIEW, height=680)
    artist.click(PANEL, FINISH)
    artist.until(ENDED)
    _tiles(artist, check, folder)
    make_small(artist, 256)
    artist.click(PANEL, "neural_texture.variations(count=4)")
    check(
        "four seeds are made",
        artist.until("[bool(one.texture_files()) for one in session().variations] == 4 * [True]", 900),
    )
    time.sleep(2.0)
    _keep(artist, folder / "seeds.png", PANEL, height=704)
    _preferences(artist, check, folder)
    artist.quit()
    check.calm("pictures", alive=False)


def _crop(artist: Artist, check: Checks, folder: Path) -> None:
    artist.click(PANEL, "crop_style_image")
    check("Crop shows the image", artist.until("place('IMAGE_EDITOR', 'WINDOW')", 5))
    artist.drag(IMAGE, (0.35, 0.75), (0.62, 0.3))
    _keep(artist, folder / "crop.jpg", IMAGE)
    artist.press("Return")
    check("a rectangle that was dragged is the crop", artist.until("settings().images[0].use_crop", 5))
    artist.until("place('VIEW_3D', 'UI')")
    artist.ask("settings().images[0].use_crop = False")


def _tiles(artist: Artist, check: Checks, folder: Path) -> None:
    artist.click(PANEL, "tile_preview")
    check("Tile Preview opens a window", artist.until("place('IMAGE_EDITOR', 'WINDOW')", 10))
    artist.arrange_window(760, 720)
    artist.click(PANEL, "tile_preview")
    artist.click(PANEL, "tile_preview")
    time.sleep(2.0)
    _keep(artist, folder / "tiles.jpg", IMAGE)
    artist.close_other_windows()


def _preferences(artist: Artist, check: Checks, folder: Path) -> None:
    artist.ask("bpy.ops.preferences.addon_show(module=PACKAGE)")
    artist.until("place('PREFERENCES', 'WINDOW')")
    artist.arrange_window(760, 900)
    artist.click(PREFERENCES, CHECK)
    check("the report is there", artist.until("session().check.last and session().check.last.ended"))
    artist.hover(PREFERENCES, 0.9, 0.9)  # a button under the mouse keeps its looks
    time.sleep(2.0)
    _keep(artist, folder / "preferences.png", PREFERENCES)
    artist.close_other_windows()


def _keep(artist: Artist, path: Path, region: tuple[str, str], height: int = 0) -> None:
    """A picture of a region, or of its upper part, in a small file."""
    taken = artist.picture(path.stem, region)
    crop = ["-crop", f"x{height}+0+0", "+repage"] if height else []
    small = ["-resize", "640x", "-quality", "82", "-strip"] if path.suffix == ".jpg" else _FEW_COLOURS
    subprocess.run(["convert", str(taken), *crop, *small, str(path)], check=True)
