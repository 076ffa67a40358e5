"""Making textures, from the first style image to undo."""

import subprocess
import time
from pathlib import Path

from . import processes
from .artist import FILE_NAME, FILES, IMAGE, PANEL, VIEW, Artist
from .checks import Checks
from .setting_up import open_tab

GENERATE, PAUSE, FINISH, CANCEL, RESUME = (
    f"neural_texture.{name}(" for name in ("generate", "pause", "finish", "cancel", "resume")
)
ENDED = "job().ended"
SMALL, LARGE = 96, 2048
"""Sides of textures in px: one that is soon done, one that isn't."""


def act(artist: Artist, check: Checks, pictures: Path, engine: str) -> None:
    """`pictures` is a folder of two images."""
    artist.start(NEURAL_TEXTURE_PYTHON=engine)
    open_tab(artist)
    _choose_images(artist, check, pictures)
    _choose_settings(artist, check)
    _watch(artist, check)
    _hold_and_finish(artist, check)
    _cancel_and_resume(artist, check)
    _choose_a_seed(artist, check)
    _look_at_tiles(artist, check)
    _make_again(artist, check)
    _undo(artist, check)
    artist.quit()
    check.calm("making textures", alive=False)


def choose_image(artist: Artist, path: Path) -> None:
    """By the file browser."""
    artist.click(PANEL, "add_style_images")
    artist.open_file(path)
    artist.until("place('VIEW_3D', 'UI')")


def make_small(artist: Artist, side: int) -> None:
    """The quickest there is."""
    artist.turn(PANEL, ".preset", "settings().preset == 'draft'")
    set_size(artist, side)


def set_size(artist: Artist, side: int) -> None:
    """Of a square texture, with keys."""
    artist.fill(PANEL, ".neural_texture.width", str(side))


def start(artist: Artist, *, settings_of_a_file: bool = False) -> None:
    """Press Generate, with a yes to the settings that came with a file; wait until a worker says something."""
    before = artist.ask("id(job())")
    artist.click(PANEL, GENERATE)
    if settings_of_a_file:
        time.sleep(0.5)
        artist.press("Return")
    artist.until(f"id(job()) != {before} and job().progress")


def _choose_images(artist: Artist, check: Checks, pictures: Path) -> None:
    artist.picture("empty")
    first, second = sorted(pictures.iterdir())
    artist.click(PANEL, "add_style_images")
    check("Add Style Images opens a file browser", artist.until("place('FILES', 'WINDOW')"))
    artist.fill(("FILES", "UI"), ".directory", f"{pictures}/")
    artist.hover(FILES)
    artist.press("a")
    artist.picture("file_browser")
    artist.click(FILE_NAME, "file.execute")
    names = "[image.name for image in settings().images]"
    artist.until("place('VIEW_3D', 'UI')")
    check.equal("all selected files are in the list", artist.ask(names), [first.stem, second.stem])
    artist.drop(PANEL, first)
    artist.picture("dropped")
    artist.press("s")  # Blender asks what to do with it: Add _S_tyle Images
    check("a file that is dropped on the panel is too", artist.until(f"len({names}) == 3", 5))
    artist.click(PANEL, "remove_style_image")
    check("Remove takes it off", artist.until(f"len({names}) == 2", 5))
    artist.hover(VIEW, 0.3)
    artist.press("ctrl+z")
    check("Ctrl+Z brings it back", artist.until(f"len({names}) == 3", 5))
    for _ in range(2):
        artist.click(PANEL, "remove_style_image")
    check("one is left", artist.until(f"len({names}) == 1", 5))


def _choose_settings(artist: Artist, check: Checks) -> None:
    make_small(artist, SMALL)
    found = artist.ask("[settings().preset, choice().width, choice().height]")
    check.equal("preset and size are taken from wheel and keys", found, ["draft", SMALL, SMALL])
    artist.hover(("TIMELINE", "WINDOW"))
    artist.press("shift+F10")
    check("Shift+F10 makes the time line an Image Editor", artist.until("place('IMAGE_EDITOR', 'WINDOW')"))
    artist.ask("area_of('VIEW_3D')[1].spaces.active.shading.type = 'MATERIAL'")
    time.sleep(2.0)


def _watch(artist: Artist, check: Checks) -> None:
    set_size(artist, LARGE)
    artist.picture("before")
    before = artist.picture("view_before", VIEW)
    check("a worker waits with the engine loaded", artist.until("session().spare.waits"))
    spare = artist.ask("session().spare.pid")
    start(artist)
    check.equal("it makes the texture when Generate is pressed", artist.ask("job().worker.pid"), spare)
    check("the cube tries the texture on", artist.until("worn() == job().name"))
    shown = "area_of('IMAGE_EDITOR')[1].spaces.active.image"
    check("the Image Editor shows it", artist.until(f"{shown} and {shown}.session_uid == job().image_uid", 5))
    artist.until("fraction() > 0.02")
    artist.picture("running")
    check("the viewport shows it", _differ(before, artist.picture("view_running", VIEW)))
    artist.ask("area_of('VIEW_3D')[1].spaces.active.shading.type = 'WIREFRAME'")  # quicker to draw without a GPU
    sizes = f"tuple({shown}.size)"
    first = artist.ask(sizes)
    check("the preview grows", artist.until(f"list({sizes}) != {list(first)}"))


def _hold_and_finish(artist: Artist, check: Checks) -> None:
    artist.click(PANEL, PAUSE)
    check("Pause is heard", artist.until("job().paused", 10))
    worker = artist.ask("job().worker.pid")
    used, at = processes.seconds_of(worker), artist.ask("fraction()")
    time.sleep(1.0)
    check("the worker rests", processes.seconds_of(worker) - used < 0.2 and artist.ask("fraction()") == at)
    artist.picture("paused")
    artist.click(PANEL, PAUSE)
    check("Continue goes on", artist.until(f"fraction() > {at}"))
    artist.click(PANEL, FINISH)
    check("Finish Now ends it", artist.until(ENDED, 20))
    check("smaller than it was to be", artist.ask("job().ending.width") < LARGE)
    check("the cube wears it", artist.until("worn() == job().name", 5))
    check.calm("finished early")
    artist.picture("finished")


def _cancel_and_resume(artist: Artist, check: Checks) -> None:
    start(artist)
    artist.until("job().stage")
    artist.click(PANEL, CANCEL)
    check("Cancel is heard", artist.until("said().startswith('Cancelled')", 20))
    check.calm("cancelled")
    artist.picture("cancelled")
    artist.click(PANEL, RESUME)
    check("Resume starts again", artist.until("not job().ended", 5))
    artist.click(PANEL, FINISH)
    check("and comes to an end", artist.until(f"{ENDED} and 'px, made in' in said()"))
    check.calm("resumed")


def _choose_a_seed(artist: Artist, check: Checks) -> None:
    set_size(artist, SMALL + 32)
    artist.click(PANEL, "neural_texture.variations(count=4)")
    check("4 Seeds asks for four", artist.until("len(session().variations) == 4", 10))
    check("all of them are made", artist.until("all(one.texture_files() for one in session().variations)", 400))
    time.sleep(1.0)
    artist.picture("variations")
    artist.click(PANEL, "neural_texture.refine(index=1)")
    check("Refine makes the second", artist.until("settings().seed == 2", 10))
    check("at full size", artist.until(f"{ENDED} and not session().waiting and job().ending.width == {SMALL + 32}"))
    check.calm("a seed chosen")
    artist.picture("refined")
    artist.click(PANEL, "discard_variations")
    check("the grid goes", artist.until("not session().variations", 5))


def _look_at_tiles(artist: Artist, check: Checks) -> None:
    artist.click(PANEL, "tile_preview")
    check("Tile Preview repeats the texture", artist.until("area_of('IMAGE_EDITOR')[1].spaces.active.show_repeat", 5))
    time.sleep(1.0)
    artist.picture("tile_preview")
    artist.picture("tiles", IMAGE)


def _make_again(artist: Artist, check: Checks) -> None:
    nodes = "bpy.data.objects['Cube'].active_material.node_tree.nodes"
    shown = f"[node.image.session_uid for node in {nodes} if node.type == 'TEX_IMAGE']"
    before, last = artist.ask(shown), artist.ask("id(job())")
    artist.click(PANEL, "change_seed")
    artist.picture("change_seed")
    artist.press("Return")
    check("Change Seed starts", artist.until(f"id(job()) != {last}", 10))
    check("the cube shows it while it is being made", artist.until(f"{shown} == [job().image_uid]"))
    artist.picture("made_again")
    check("it comes to an end", artist.until(f"{ENDED} and 'px, made in' in said()"))
    check.equal("the cube wears the same image", artist.ask(shown), before)
    check.calm("made again")


def _undo(artist: Artist, check: Checks) -> None:
    textures = "sorted(material.name for material in bpy.data.materials)"
    before, wore = artist.ask(textures), artist.ask("worn()")
    start(artist)
    artist.until(ENDED)
    made = artist.ask("worn()")
    check("another is worn", artist.until(f"worn() != {wore!r}", 5))
    artist.hover(VIEW, 0.3)
    artist.press("ctrl+z")
    check("Ctrl+Z takes the whole result back", artist.until(f"worn() == {wore!r}", 5))
    check.equal("with its material", artist.ask(textures), before)
    artist.press("ctrl+shift+z")
    check("Ctrl+Shift+Z brings it again", artist.until(f"worn() == {made!r}", 5))
    check.calm("undo")


def _differ(one: Path, other: Path) -> bool:
    """Whether more than a hundredth of two pictures' pixels do, clearly."""
    command = ["compare", "-metric", "AE", "-fuzz", "10%", str(one), str(other), "null:"]
    counted = subprocess.run(command, capture_output=True, text=True)
    size = subprocess.run(["identify", "-format", "%[fx:w*h]", str(one)], capture_output=True, text=True, check=True)
    return float(counted.stderr.split()[0]) > float(size.stdout) / 100
