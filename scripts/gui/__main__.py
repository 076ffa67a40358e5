"""The acts, on an X screen, before real Blenders. gui_walkthrough.py starts it."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from . import making, meanwhile, measuring, picturing, processes, setting_up
from .artist import Artist, LostError
from .checks import Checks

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    options = _options()
    folder = ROOT / "build" / "gui"
    os.environ["PATH"] = f"{folder / 'bin'}:{os.environ['PATH']}"
    artist = Artist(folder)
    check = Checks(artist)
    style = folder / "pictures_in" / "brick_wall.png"
    acts = {
        "setting_up": partial(setting_up.act, wheels=folder / "wheels", delay=folder / "delay", engine=options.engine),
        "making": partial(making.act, pictures=style.parent, engine=options.engine),
        "meanwhile": partial(meanwhile.act, picture=style, engine=options.engine),
        "measuring": partial(measuring.act, picture=style, engine=options.engine),
        "picturing": partial(picturing.act, picture=style, engine=options.engine, folder=ROOT / "docs" / "images"),
    }
    for name in options.acts or [name for name in acts if name != "picturing"]:
        print(f"\n{name}", flush=True)
        try:
            acts[name](artist, check)
        except LostError as lost:
            check(f"{name}: {lost}", False)
        finally:
            artist.kill()
    left = processes.ours()
    check.equal("at the end no process is left over", left, {})
    print(f"\n{len(check.failed)} failed", flush=True)
    return 1 if check.failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", required=True)
    parser.add_argument("acts", nargs="*")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
