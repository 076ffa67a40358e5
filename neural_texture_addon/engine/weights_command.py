"""``neural-texture weights``: show and fetch the pretrained weights, at a terminal or for Blender at a pipe."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..job.events import Cancelled, Event, Failed, FailureReason, Fetched, Noted
from . import foreground, process, worker
from .errors import EngineError, InputError
from .features import weights

if TYPE_CHECKING:
    from .progress_bar import ProgressBar
    from .weights_download import Source

Agree = Callable[["Source"], bool]
_SOURCES = ("hub", "official")


def add_to(parser: argparse.ArgumentParser) -> None:
    """Gives the parser of ``weights`` its commands."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shows = "say where the weights are and how deep they reach"
    command = commands.add_parser("show", help=shows, description=shows)
    command.add_argument("--weights", default="", metavar="FILE", help="another file than the usual one")
    command.set_defaults(command=show)
    fetches = "download the pretrained VGG-19 features, as many as are needed"
    command = commands.add_parser("fetch", help=fetches, description=fetches)
    command.add_argument("--up-to", choices=weights.LAYERS, default=weights.USUAL, metavar="LAYER", help="relu1_1 ...")
    command.add_argument("--yes", action="store_true", help="don't ask, not even before the second source")
    command.add_argument("--to", default="", metavar="FILE", help="a .safetensors file; else in the user's folder")
    command.add_argument("--source", choices=_SOURCES, help="that one only; else the hub, and if it fails the official")
    command.add_argument("--events", action="store_true", help="for a program: events on stdout; stdin's end cancels")
    command.set_defaults(command=fetch)


def show(parsed: argparse.Namespace) -> int:
    """Where, how deep, ready for which layers."""
    path = weights.locate(parsed.weights)
    if path is None:
        print(f"{weights.default_path()}: not there; 'neural-texture weights fetch' brings {_megabytes(weights.USUAL)}")
        return 1
    deepest = weights.depth(path)
    print(f"{path}: reaches {deepest}, ready for the layers {weights.LAYERS[0]} to {deepest.replace('conv', 'relu')}")
    return 0


def fetch(parsed: argparse.Namespace) -> int:
    """Asks and downloads; exit status 130 for a no."""
    if parsed.events:
        return worker.converse(lambda _send: _told(_fetched(parsed, lambda _: parsed.yes)), exit_with_stdin=True)
    try:
        return _fetch_at_terminal(parsed)
    except KeyboardInterrupt as stop:
        return foreground.complain("cancelled; fetch again to go on where this ended", process.exit_status(stop))


def _fetched(parsed: argparse.Namespace, agree: Agree) -> Iterator[Event]:
    """The events of the first source that can give the weights. Cancelled for a no; raises EngineError."""
    from . import weights_download

    target = Path(parsed.to).expanduser().absolute() if parsed.to else weights.default_path()
    if target.suffix != ".safetensors":
        raise InputError(f"--to is {target}; allowed: a file that ends in .safetensors")
    if target.exists() and _serves(target, parsed.up_to):
        yield Fetched(path=str(target), up_to=parsed.up_to)
        return
    known = weights_download.sources()
    sources = [known[name] for name in ([parsed.source] if parsed.source else _SOURCES)]
    for source, following in zip(sources, [*sources[1:], None], strict=True):
        if not agree(source):
            yield Cancelled()
            return
        try:
            yield from weights_download.fetch(source, target, parsed.up_to)
            return
        except weights_download.SourceError as error:
            if following is None:
                raise
            yield Noted(message=f"{error}; next: {weights_download.host(following)}")


def _serves(target: Path, up_to: str) -> bool:
    """Whether the file there is deep enough. One that is something else is not to be lost."""
    try:
        held = weights.depth(target)
    except InputError as error:
        raise InputError(f"{error}. Delete it, or name another file (--to)") from None
    return weights.convolution_of(held).index >= weights.convolution_of(up_to).index


def _told(events: Iterator[Event]) -> worker.Events:
    """The events, the last of them the error if there is one."""
    try:
        yield from events
    except EngineError as error:
        reason = FailureReason.INPUT if isinstance(error, InputError) else FailureReason.FAILURE
        yield Failed(message=str(error), reason=reason)
    except ModuleNotFoundError as error:
        message = f"the engine's Python ({sys.executable}) lacks {error.name}; set up the engine again"
        yield Failed(message=message, reason=FailureReason.INPUT)


def _fetch_at_terminal(parsed: argparse.Namespace) -> int:
    from .progress_bar import ProgressBar

    last: Event = Cancelled()
    with ProgressBar() as bar:
        for last in _fetched(parsed, lambda source: _agree(parsed, source, bar)):
            parsed.heed()
            bar.show(last)
    match last:
        case Fetched(path=path):
            print(f"{path}: ready for the layers up to {weights.depth(path).replace('conv', 'relu')}")
        case Cancelled():
            print("neural-texture: nothing was fetched", file=sys.stderr)
    return worker.exit_status(last)


def _agree(parsed: argparse.Namespace, source: Source, bar: ProgressBar) -> bool:
    from . import weights_download

    size = weights_download.in_words(source.size(parsed.up_to))
    what = f"{size} from {weights_download.host(source)} (VGG-19 up to {parsed.up_to})"
    if parsed.yes:
        bar.say(f"fetching {what}")
        return True
    if not sys.stdin.isatty():
        raise InputError(f"this would download {what}; say --yes, since there is no terminal to ask at")
    return bar.ask(f"Download {what}? [y/N] ").lower() in ("y", "yes")


def _megabytes(layer: str) -> str:
    return f"{weights.bytes_up_to(layer) / 1e6:.0f} MB"
