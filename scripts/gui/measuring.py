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
    artist.until("sum(what == 'preview' for _, what in ticks) >= 30", 300)
    artist.picture("preview_1024", ("VIEW_3D", "WINDOW"))
    artist.click(PANEL, FINISH)
    artist.until("job().ended")
    taken: dict[str, list[float]] = {"": [], "preview": [], "ending": []}
    for seconds, what in artist.ask("ticks"):
        taken[what].append(1000 * seconds)
    for what, times in taken.items():
        print(f"       {len(times)} ticks {what or 'besides'}: {median(times):.1f} ms, longest {max(times):.1f} ms")
    longest = max(*taken[""], *taken["preview"])
    check(f"our timer never holds the main thread for {LIMIT:.0f} ms", longest < LIMIT)
    artist.quit()
    check.calm("measured", alive=False)
