"""Setting the engine up, out of a folder of stand-in wheels; then the real engine is named."""

from pathlib import Path

from . import processes
from .artist import PANEL, PREFERENCES, VIEW, Artist
from .checks import Checks

SET_UP, CANCEL, CHECK = (f"neural_texture.{name}()" for name in ("set_up_engine", "cancel_set_up", "check_set_up"))


def act(artist: Artist, check: Checks, wheels: Path, delay: Path, engine: str) -> None:
    """`delay` is a file: as long as it is there, the uv on PATH never ends. `engine` is the real one."""
    artist.start()
    open_tab(artist)
    check("the tab says that the engine has to be set up", artist.sees(PANEL, SET_UP))
    artist.picture("not_set_up")
    artist.click(PANEL, "preferences.addon_show")
    check("Open Preferences shows ours", artist.until("place('PREFERENCES', 'WINDOW')"))
    artist.arrange_window(800, 900)
    artist.click(PREFERENCES, SET_UP)
    artist.press("Return")
    check("offline and without wheels the button does nothing", not artist.ask("session().engine.running"))

    artist.click(PREFERENCES, "userpref_allow_online")
    check("Allow Online Access is beside it", artist.until("bpy.app.online_access", 5))
    artist.ask("bpy.context.preferences.system.use_online_access = False")
    artist.fill(PREFERENCES, CHECK, str(wheels), above_by=29)
    check.equal("the Folder of Wheels is named", artist.ask("str(module('preferences').wheels_folder())"), str(wheels))
    artist.click(PREFERENCES, SET_UP)
    artist.picture("set_up_question")
    artist.press("Escape")
    check("it asks first; Escape means no", not artist.ask("session().engine.running"))
    delay.touch()
    artist.click(PREFERENCES, SET_UP)
    artist.press("Return")
    check("Return means yes", artist.until("session().engine.running"))
    check("it says what comes", artist.until("any('514' in line for line in session().engine.last.lines)"))
    check("a tool is at work", len(processes.ours()) > 1)
    artist.picture("setting_up")
    artist.click(PREFERENCES, CANCEL)
    check("Cancel is heard", artist.until("said_of_engine().startswith('Cancelled')"))
    check.calm("set-up cancelled")
    artist.picture("set_up_cancelled")

    delay.unlink()
    artist.click(PREFERENCES, SET_UP)
    artist.press("Return")
    check("taken up again, it ends well", artist.until("said_of_engine().startswith('Ready')"))
    check(
        "the engine is Blender's own", artist.ask("str(module('extension').user_folder('engine')) in said_of_engine()")
    )
    artist.fill(PREFERENCES, "neural_texture.check_engine", engine, left_by=100)
    check("an Engine Python that is named is taken", artist.until(f"{engine!r} in said_of_engine()"))
    artist.picture("preferences")
    artist.click(PREFERENCES, CHECK)
    check("Check My Set-Up finds all", artist.until("session().check.last and session().check.last.ended"))
    check("and says so", artist.ask("session().check.last.lines[-1] == 'Ready to make textures.'"))
    artist.picture("set_up_checked")
    artist.quit()
    check.calm("set-up", alive=False)


def open_tab(artist: Artist) -> None:
    """N, if the sidebar isn't open, and a click on the tab."""
    artist.hover(VIEW, 0.3)
    if not artist.ask("place('VIEW_3D', 'UI')"):
        artist.press("n")
    artist.click_tab("Neural Texture")
