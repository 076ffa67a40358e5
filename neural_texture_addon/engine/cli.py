"""The engine at a terminal: ``neural-texture``. Exit status 0, 2 for bad input, 1 for a failure, 130 for a cancel.

A signal's is 128 and its number, as a shell has it.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from ..job.description import Plasma, limits
from ..job.wire import on_one_line
from . import (
    canvas_size,
    filter_command,
    forecast_command,
    foreground,
    maps_command,
    preset_option,
    process,
    resume_command,
    survey_command,
    synthesize_command,
    weights_command,
    worker,
)
from .errors import EngineError, InputError
from .foreground import complain

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command, that of our own command line unless told; the exit status."""
    try:
        if arguments is not None:
            return _run(arguments)
        process.use_utf8()
        process.open_streams()
        with process.stoppable() as heed:
            return _run(sys.argv[1:], heed)
    except KeyboardInterrupt as stop:
        return complain("cancelled; the stages saved so far stay", process.exit_status(stop))


def _run(arguments: Sequence[str], heed: process.Heed = lambda: None) -> int:
    """`heed` is what the commands, too, find among their arguments."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal may lack the letters of a path
        sys.stdout.reconfigure(errors="backslashreplace")
    parsed = _parser().parse_args(arguments, argparse.Namespace(heed=heed))
    process.let_threads_sleep()
    try:
        status = parsed.command(parsed)
        sys.stdout.flush()
        return status
    except InputError as error:
        return complain(str(error), 2)
    except EngineError as error:
        return complain(str(error), 1)
    except ModuleNotFoundError as error:
        return complain(f"this Python ({sys.executable}) lacks {error.name}; 'neural-texture doctor' says more", 1)
    except OSError as error:
        if error.errno not in process.NOBODY_READS:
            raise
        process.silence(sys.stdout)
        return 1


def run_job(parsed: argparse.Namespace) -> int:
    """A job file to a tile."""
    from .job_reader import read_file

    return foreground.show(foreground.request(parsed, read_file(parsed.job)), parsed.heed)


def list_presets(_: argparse.Namespace) -> int:
    """The ready jobs there are."""
    print("\n".join(preset_option.listing()))
    return 0


def plasma(parsed: argparse.Namespace) -> int:
    """The seed alone, as a texture of its own."""
    from . import plasma_file

    width, height = parsed.size.sides()
    parsed.heed()
    plasma_file.write(Path(parsed.out), width, height, parsed.roughness, parsed.seed, parsed.exemplar)
    print(parsed.out)
    return 0


def doctor(parsed: argparse.Namespace) -> int:
    """What is ready and what is missing."""
    from .doctor import examine

    lines, ready = examine(parsed.weights, in_blender=parsed.in_blender)
    print("\n".join(lines))
    return 0 if ready else 1


def serve(parsed: argparse.Namespace) -> int:
    """A worker for Blender."""
    return worker.main(exit_with_stdin=parsed.exit_with_stdin, only_forecast=parsed.forecast)


class _Parser(argparse.ArgumentParser):
    """argparse with one line in place of usage and line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {on_one_line(message)} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="neural-texture", description="Seamless textures from style images.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    synthesize_command.add_to(_add(commands, "synthesize", "make a tile that resembles the exemplars"))
    filter_command.add_to(_add(commands, "filter", "send an image through the steps of a preset"))

    maps_command.add_to(_add(commands, "maps", "estimate height, normal, roughness and more from a photograph or tile"))

    command = _add(commands, "run", "make the tile of a job file again", run_job)
    command.add_argument("job", metavar="JOB.json")
    foreground.add_options(command)
    resume_command.add_to(_add(commands, "resume", "go on with a job that was cut off"))

    forecast_command.add_to(_add(commands, "forecast", "say what a job would take, in time and memory"))
    survey_command.add_to(_add(commands, "survey", "try all combinations of what some fields of a job might be"))
    _add(commands, "presets", "list the ready jobs that --preset names", list_presets)
    command = _add(commands, "plasma", "paint a diamond-square plasma, a texture of its own", plasma)
    command.add_argument("exemplar", nargs="?", metavar="EXEMPLAR", help="image that gives the colours")
    command.add_argument("--size", type=canvas_size.parse, default="512", metavar=canvas_size.SYNTAX)
    command.add_argument("--roughness", type=_number_in(Plasma, "roughness"), default=Plasma().roughness, help="0 to 1")
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--out", required=True, metavar="FILE.png")

    command = _add(commands, "doctor", "say what is ready on this machine and what is missing", doctor)
    command.add_argument("--weights", default="", metavar="FILE", help="pretrained weights to look at")
    command.add_argument("--in-blender", action="store_true", help="say what to do in Blender, not at a terminal")
    weights_command.add_to(_add(commands, "weights", "pretrained weights, for better textures: show, fetch"))
    command = _add(commands, "worker", "serve Blender: a request on stdin, events on stdout", serve)
    command.add_argument("--exit-with-stdin", action="store_true", help="end when stdin ends")
    command.add_argument("--forecast", action="store_true", help="only say what the job would take")
    return parser


def _add(
    commands: argparse._SubParsersAction[_Parser], name: str, help_text: str, command: Command | None = None
) -> _Parser:
    parser = commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
    parser.set_defaults(command=command)
    return parser


def _number_in(owner: type, name: str) -> Callable[[str], float]:
    low, high = limits(owner, name)

    def number(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"is {text}; allowed: {low:g} to {high:g}")
        return value

    return number
