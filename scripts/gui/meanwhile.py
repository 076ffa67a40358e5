"""What may happen to Blender while a texture is being made."""

from pathlib import Path

from .artist import PANEL, PREFERENCES, VIEW, Artist
from .checks import Checks
from .making import CANCEL, LARGE, choose_image, make_small, start
from .setting_up import open_tab


def act(artist: Artist, check: Checks, picture: Path, engine: str) -> None:
    """`picture` is a style image."""
    other = artist.folder / "other.blend"
    artist.start(NEURAL_TEXTURE_PYTHON=engine)
    open_tab(artist)
    choose_image(artist, picture)
    make_small(artist, LARGE)
    artist.ask(f"bpy.ops.wm.save_as_mainfile(filepath={str(other)!r}, copy=True)")
    start(artist)
    _undo(artist, check)
    _render(artist, check)
    _cancel(artist, check)
    start(artist)
    _open(artist, check, other)
    start(artist, settings_of_a_file=True)
    _disable(artist, check)
    start(artist)
    artist.quit()
    check.calm("quit while it runs", alive=False)

    artist.start(str(other), NEURAL_TEXTURE_PYTHON=engine)
    open_tab(artist)
    start(artist, settings_of_a_file=True)
    artist.kill()
    check.calm("Blender was killed while it ran", alive=False, status=-9)


def _goes_on(artist: Artist, check: Checks, after: str) -> None:
    at = artist.ask("[job().progress.octave, job().progress.step]")
    moved = f"job().progress and [job().progress.octave, job().progress.step] != {at}"
    check(f"{after}: the texture goes on", artist.until(f"not job().ended and {moved}"))


def _undo(artist: Artist, check: Checks) -> None:
    artist.until("worn() == job().name")
    artist.hover(VIEW, 0.3)
    artist.press("g", "x", "1", "Return")
    moved = "round(bpy.data.objects['Cube'].location.x, 3)"
    check.equal("G X 1 moves the cube while it runs", artist.ask(moved), 1.0)
    artist.press("ctrl+z")
    check("Ctrl+Z moves it back", artist.until(f"{moved} == 0.0", 5))
    _goes_on(artist, check, "undo while it runs")
    check("the cube tries it on again", artist.until("worn() == job().name"))
    check.in_order("undo while it runs")


def _render(artist: Artist, check: Checks) -> None:
    artist.ask(
        "scene = bpy.context.window_manager.windows[0].scene; scene.render.engine = 'CYCLES'\n"
        "scene.render.resolution_x = scene.render.resolution_y = 64\n"
        "scene.cycles.samples, scene.cycles.use_denoising = 4, False\n"
        "rendered = []; bpy.app.handlers.render_complete.append(lambda *_: rendered.append(1))"
    )
    artist.hover(VIEW, 0.3)
    artist.press("F12")
    check("F12 renders while it runs", artist.until("rendered"))
    artist.picture("rendered")
    _goes_on(artist, check, "render while it runs")
    check.in_order("render while it runs")
    artist.close_other_windows()


def _cancel(artist: Artist, check: Checks) -> None:
    artist.click(PANEL, CANCEL)
    check("it can be cancelled", artist.until("job().ended", 20))
    check.calm("cancelled after a render")


def _open(artist: Artist, check: Checks, other: Path) -> None:
    artist.hover(VIEW, 0.3)
    artist.press("ctrl+o")
    artist.open_file(other)
    check("another .blend is open", artist.until(f"bpy.data.filepath == {str(other)!r}"))
    check.calm("a second .blend while it runs")
    check("nothing is being made in it", artist.ask("session().texture.running is None"))
    artist.until("place('VIEW_3D', 'UI')")


def _disable(artist: Artist, check: Checks) -> None:
    artist.ask("bpy.ops.preferences.addon_show(module=PACKAGE)")
    artist.until("place('PREFERENCES', 'WINDOW')")
    artist.arrange_window(800, 900)
    artist.click(PREFERENCES, "preferences.addon_disable")
    check("the extension is disabled", artist.until("PACKAGE not in bpy.context.preferences.addons", 10))
    check.calm("disabled while it runs")
    artist.click(PREFERENCES, "preferences.addon_enable")
    check("enabled again", artist.until("PACKAGE in bpy.context.preferences.addons", 10))
    artist.close_other_windows()
    artist.until("place('VIEW_3D', 'UI')")
    artist.click_tab("Neural Texture")
    check("the panel is there again", artist.sees(PANEL, "neural_texture.generate"))
