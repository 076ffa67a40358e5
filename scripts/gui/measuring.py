"""How long our timer holds Blender's main thread while a texture with a live preview of 1024 px is being made."""

from pathlib import Path
from statistics import median

from .artist import PANEL, Artist
from .checks import Checks
from .making import FINISH, choose_image, make_small, start
from .setting_up import open_tab

SIDE, LIMIT = 1024, 10.0


def act(artist: Artist, check: Checks, picture: Path, engine: str) -> None:
    """`picture` is a style image of 512 px or more."""
    artist.start(NEURAL_TEXTURE_PYTHON=engine)
    open_tab(artist)
    choose_image(artist, picture)
    make_small(artist, SIDE)
    artist.ask("settings().use_octaves, settings().octaves.start_size = True, 4096")
    artist.ask("area_of('VIEW_3D')[1].spaces.active.shading.type = 'MATERIAL'")
    artist.ask("measure_ticks()")
    start(artist)
    shown = "next(i for i in bpy.data.images if i.session_uid == job().image_uid)"
    artist.until("job().image_uid")
    check.equal("the preview has 1024 px", artist.ask(f"list({shown}.size)"), [SIDE, SIDE])
    artist.until("job().ended or sum(what == 'preview' for *_, what in ticks) >= 20", 400)
    artist.picture("preview_1024", ("VIEW_3D", "WINDOW"))
    if not artist.ask("job().ended"):
        artist.click(PANEL, FINISH)
    artist.until("job().ended")
    ticks = [(1000 * clock, 1000 * thread, what) for clock, thread, what in artist.ask("ticks")]
    print("       ticks                 by the clock, ms    processor time, ms")
    print("                             median  longest     median  longest")
    for what in ("listening", "preview", "trying on", "ending"):
        clock, thread = zip(*(taken for *taken, why in ticks if why == what), strict=True)
        numbers = f"{median(clock):6.1f} {max(clock):8.1f}     {median(thread):6.1f} {max(thread):8.1f}"
        print(f"       {len(clock):4} {what:14}   {numbers}", flush=True)
    longest = max(thread for _, thread, what in ticks if what != "ending")
    check(f"until the job ends our timer never needs {LIMIT:.0f} ms of processor time at once", longest < LIMIT)
    artist.quit()
    check.calm("measured", alive=False)
