"""The engine at a terminal: ``neural-texture``. Exit status 0, 2 for bad input, 1 for a failure, 130 for a cancel."""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from ..job import presets
from ..job.description import FORMAT_VERSION, Device, Job, Plasma, Request, Tiling, limits
from ..job.events import Cancelled, Event, Failed, Finished
from ..job.wire import to_plain
from . import weights_command, worker
from .errors import EngineError, InputError

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal may lack the letters of a path
        sys.stdout.reconfigure(errors="backslashreplace")
    parsed = _parser().parse_args(arguments)
    # Threads that wait must sleep: spinning, they take the cores from Blender. torch reads this when it is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        return parsed.command(parsed)
    except InputError as error:
        return _complain(str(error), 2)
    except EngineError as error:
        return _complain(str(error), 1)
    except ModuleNotFoundError as error:
        return _complain(f"this Python ({sys.executable}) lacks {error.name}; 'neural-texture doctor' says more", 1)
    except KeyboardInterrupt:
        return _complain("cancelled; the stages saved so far stay", 130)


def synthesize(parsed: argparse.Namespace) -> int:
    """Exemplars to a tile."""
    from .job_reader import read_plain

    return _show(Request(job=read_plain(_job_of(parsed)), out=parsed.out, device=Device(parsed.device)))


def run_job(parsed: argparse.Namespace) -> int:
    """A job file to a tile."""
    from .job_reader import read_file

    return _show(Request(job=read_file(parsed.job), out=parsed.out, device=Device(parsed.device)))


def plasma(parsed: argparse.Namespace) -> int:
    """The seed alone, as a texture of its own."""
    from . import plasma_file

    width, height = parsed.size
    plasma_file.write(Path(parsed.out), width, height, parsed.roughness, parsed.seed, parsed.exemplar)
    print(parsed.out)
    return 0


def doctor(_: argparse.Namespace) -> int:
    """What is ready and what is missing."""
    from .doctor import examine

    lines, ready = examine()
    print("\n".join(lines))
    return 0 if ready else 1


def serve(parsed: argparse.Namespace) -> int:
    """A worker for Blender."""
    return worker.main(exit_with_stdin=parsed.exit_with_stdin)


def _job_of(parsed: argparse.Namespace) -> dict[str, object]:
    try:
        job: Job = presets.load(parsed.preset).choose(None, weights=False)
    except KeyError:
        raise InputError(f"preset is {parsed.preset!r}; allowed: {', '.join(presets.names())}") from None
    width, height = parsed.size
    canvas = {"width": width, "height": height, "random_seed": parsed.seed, "tiling": parsed.axes}
    plain = {"version": FORMAT_VERSION} | to_plain(job)
    plain["canvas"] |= {name: value for name, value in canvas.items() if value is not None}
    plain["exemplars"] = [{"maps": {"colour": path}, "scale": parsed.scale} for path in parsed.exemplars]
    return plain


def _show(request: Request) -> int:
    """Runs the request before the user's eyes."""
    from . import device, pipeline
    from .progress_bar import ProgressBar

    device.use_all_cores()
    last: Event = Cancelled()
    with ProgressBar() as bar:
        for last in pipeline.run(request):
            bar.show(last)
    match last:
        case Finished(maps=maps, seconds=seconds):
            print(f"{', '.join(maps.values())}  ({seconds:.0f} s)")
        case Failed(message=message):
            _complain(message, 1)
    return worker.exit_status(last)


def _complain(message: str, status: int) -> int:
    print(f"neural-texture: {message}", file=sys.stderr)
    return status


class _Parser(argparse.ArgumentParser):
    """argparse with one line in place of usage and line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="neural-texture", description="Seamless textures from style images.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = _add(commands, "synthesize", synthesize, "make a tile that resembles the exemplars")
    command.add_argument("exemplars", nargs="+", metavar="EXEMPLAR", help="style image file")
    command.add_argument("--size", type=_size, default=(None, None), metavar="N|WxH", help="of the tile, in px")
    command.add_argument("--seed", type=int, help="another number, another tile")
    command.add_argument("--scale", type=float, default=1.0, help="size of the exemplars' features on the tile")
    command.add_argument("--features", choices=["patches"], default="patches", help="feature family")
    command.add_argument("--axes", choices=[t.value for t in Tiling], help="along which the tile repeats")
    command.add_argument("--preset", default=presets.DEFAULT, help=", ".join(presets.names()))
    _add_running(command)

    command = _add(commands, "run", run_job, "make the tile of a job file again")
    command.add_argument("job", metavar="JOB.json")
    _add_running(command)

    command = _add(commands, "plasma", plasma, "paint a diamond-square plasma, a texture of its own")
    command.add_argument("exemplar", nargs="?", metavar="EXEMPLAR", help="image that gives the colours")
    command.add_argument("--size", type=_size, default=(512, 512), metavar="N|WxH")
    command.add_argument("--roughness", type=_number_in(Plasma, "roughness"), default=Plasma().roughness, help="0 to 1")
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--out", required=True, metavar="FILE.png")

    _add(commands, "doctor", doctor, "say what is ready on this machine and what is missing")
    command = commands.add_parser("weights", help="pretrained weights, for better textures: show, fetch")
    weights_command.add_to(command)
    command = _add(commands, "worker", serve, "serve Blender: a request on stdin, events on stdout")
    command.add_argument("--exit-with-stdin", action="store_true", help="end when stdin ends")
    return parser


def _add(commands: argparse._SubParsersAction[_Parser], name: str, command: Command, help_text: str) -> _Parser:
    parser = commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
    parser.set_defaults(command=command)
    return parser


def _add_running(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", choices=[device.value for device in Device], default=Device.AUTO.value)
    command.add_argument("--out", required=True, metavar="DIR", help="folder for result, stages and job.json")


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,9})(?:[xX](\d{1,9}))?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"is {text!r}; allowed: 512 or 1024x512")
    return int(match[1]), int(match[2] or match[1])


def _number_in(owner: type, name: str) -> Callable[[str], float]:
    low, high = limits(owner, name)

    def number(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"is {text}; allowed: {low:g} to {high:g}")
        return value

    return number
