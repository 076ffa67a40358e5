"""``blender --command neural_texture library``: a folder of photographs to an asset library. Prints."""

import argparse
from pathlib import Path
from threading import Event

from ..job.description import Exemplar
from . import cli_options, console, library, preferences, session
from .asset import About
from .cli_options import CANCELLED, FAILURE, complain
from .errors import UserError
from .library import Wish
from .placement import Placement, Projection, Storage
from .translations import rpt_


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Announce the command."""
    command = commands.add_parser(
        "library",
        help="make a folder of photographs into an asset library",
        description="Each photograph in the folder, and in the folders in it, becomes a material in the .blend, marked "
        "as an asset. Those that are in it already are left out, so the same command goes on after Ctrl+C.",
    )
    command.set_defaults(run=run)
    command.add_argument("photos", type=Path, metavar="PHOTOS", help="folder of photographs")
    command.add_argument("--out", type=Path, required=True, metavar="LIB.blend", help="the library, new or not")
    cli_options.add_to(command)
    command.add_argument(
        "--scale",
        type=_scale,
        default=Exemplar.scale,
        metavar="N | fit",
        help="of the photographs' features: 1 keeps their texels, fit shows all of each (default %(default)g)",
    )
    command.add_argument(
        "--texture-width",
        type=float,
        default=Placement.texture_width,
        metavar="M",
        help="of one repeat on a surface, in Blender units (default %(default)g)",
    )
    command.add_argument(
        "--projection",
        choices=[each.value for each in Projection],
        default=Projection.BOX.value,
        help="box and object keep the texture width on every object, uv follows its UV map (default %(default)s)",
    )
    command.add_argument(
        "--storage",
        choices=[each.value for each in Storage],
        default=Storage.PACK.value,
        help="images packed into the .blend, or beside it in LIB_textures (default %(default)s)",
    )
    command.add_argument("--catalog", default=About.catalog, help="to list them in; folders become catalogs in it")
    command.add_argument("--author", help="of the textures; if not given, as in the extension's preferences")
    command.add_argument("--licence", help='of the textures, e.g. "CC0 1.0"; likewise')
    command.add_argument("--tags", default="", metavar="A,B", help="words to find them by, besides their folders")


def run(options: argparse.Namespace) -> int:
    """Make it; the exit status: 0; 1 if any photograph failed; 130 cancelled. Raises UserError, EngineError."""
    folder, out = options.photos.absolute(), options.out.absolute()
    if not folder.is_dir():
        raise UserError(rpt_("There is no folder of photographs at {photos}").format(photos=options.photos))
    if out.suffix != ".blend":
        raise UserError(rpt_("--out is {out}, but a library is a .blend file").format(out=options.out))
    photos = library.photographs(folder, out)
    if not photos:
        raise UserError(rpt_("There is no image in {photos}").format(photos=options.photos))
    wish = _wish(options)
    library.check(photos[0], wish)
    library.open_or_begin(out, wish.about.catalog)
    return _make(folder, photos, wish, out.name)


def _wish(options: argparse.Namespace) -> Wish:
    said = preferences.about_assets()
    about = About(
        author=said.asset_author if options.author is None else options.author,
        licence=said.asset_licence if options.licence is None else options.licence,
        tags=tuple(tag.strip() for tag in options.tags.split(",") if tag.strip()),
        catalog=options.catalog,
    )
    laid = Placement.said(texture_width=options.texture_width, projection=options.projection, storage=options.storage)
    return Wish(choice=cli_options.choice(options), scale=options.scale, placement=laid, about=about)


def _scale(text: str) -> float | None:
    return None if text == "fit" else float(text)


def _make(folder: Path, photos: list[Path], wish: Wish, name: str) -> int:
    """One after the other, each saved before the next is begun."""
    stop, known, made, failed = Event(), library.known(), 0, 0

    def cancel() -> None:
        stop.set()
        session.texture.cancel()

    with console.interrupt_cancels(cancel):
        for number, photo in enumerate(photos, 1):
            if stop.is_set():
                break
            within = photo.relative_to(folder)
            if photo.resolve() in known:
                print(f"{number} of {len(photos)}: {within} is in {name} already", flush=True)
                continue
            print(f"{number} of {len(photos)}: {within}", flush=True)
            try:
                with console.progress() as show:
                    done = library.add(photo, within.parent.parts, wish, show)
            except UserError as fault:
                failed += 1
                complain(str(fault) if photo.name in str(fault) else f"{within}: {fault}", FAILURE)
                continue
            if done:
                made += 1
                library.save()  # before the next one, whatever may come
    there = len(library.known())
    print(f"{name}: {there} material{'' if there == 1 else 's'}, {made} of them new", flush=True)
    if stop.is_set():
        return complain("Cancelled. What is done is kept: the same command goes on there", CANCELLED)
    return (
        complain(rpt_("{failed} of {len} photographs failed").format(failed=failed, len=len(photos)), FAILURE)
        if failed
        else 0
    )
