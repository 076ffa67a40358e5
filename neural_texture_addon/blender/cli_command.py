"""``blender --command neural_texture ...``: the extension from a terminal, with real exit statuses. Prints."""

import argparse
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import bpy

from ..job.description import Picture
from ..job.events import Cancelled, Ending, Failed, FailureReason, Finished
from ..supervisor import launch
from ..supervisor.environment import EngineError
from ..supervisor.line_task import Outcome
from . import cli_options, console, engine_setup, generation, library_command, session
from .cli_options import BAD_INPUT, CANCELLED, FAILURE, complain
from .errors import UserError
from .job_from_scene import StyleImage
from .preferences import find_engine, weights_path
from .translations import rpt_

_COMMAND = "neural_texture"


def register() -> None:
    """Announce the command to Blender."""
    session.command.handle = bpy.utils.register_cli_command(_COMMAND, main)  # type: ignore[func-returns-value]


def unregister() -> None:
    """Withdraw it."""
    bpy.utils.unregister_cli_command(session.command.handle)
    session.command.handle = None  # one that outlives Blender crashes it


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; the exit status: 0, 1 a failure, 2 bad input, 130 cancelled."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as said:
        return int(said.code or 0)
    try:
        return options.run(options)
    except UserError as error:
        return complain(str(error), BAD_INPUT)
    except EngineError as error:
        return complain(str(error), FAILURE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"blender --command {_COMMAND}", description="Seamless material textures")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    doctor = commands.add_parser("doctor", help="say whether the engine is ready")
    doctor.set_defaults(run=_doctor)
    setup = commands.add_parser("setup", help="set the engine up: a download, or from a folder of wheels")
    setup.set_defaults(run=_setup)
    setup.add_argument("--wheels", type=Path, metavar="DIR", help="folder of wheels, to do without a network")
    make = commands.add_parser("synthesize", help="make a texture in the style of the images")
    make.set_defaults(run=_synthesize)
    make.add_argument("images", nargs="+", metavar="IMAGE", help="style image")
    cli_options.add_to(make)
    make.add_argument("--content", metavar="IMAGE", help="content image, for presets that follow its layout")
    make.add_argument("--out", required=True, metavar="DIR", help="folder for the texture's files")
    make.add_argument("--blend", metavar="FILE", help="also save a .blend with a plane that wears the texture")
    library_command.add_to(commands)
    return parser


def _doctor(_options: argparse.Namespace) -> int:
    python = find_engine().python
    weights = ["--weights", path] if (path := weights_path()) else []
    return subprocess.run(launch.command(python, ["doctor", *weights]), env=launch.environ(), check=False).returncode


def _setup(options: argparse.Namespace) -> int:
    if options.wheels and not options.wheels.is_dir():
        raise UserError(rpt_("There is no folder of wheels at {wheels}").format(wheels=options.wheels))
    if not options.wheels and not bpy.app.online_access:
        raise UserError(rpt_("Online access is off: start Blender with --online-mode, or name a folder of --wheels"))
    match engine_setup.do(options.wheels):
        case Outcome.DONE:
            return 0
        case Outcome.CANCELLED:
            status = CANCELLED
        case _:
            status = FAILURE
    message = session.engine.message
    assert message is not None
    return complain(message.text, status)


def _synthesize(options: argparse.Namespace) -> int:
    target = _new_plane(options.blend) if options.blend else None
    choice = replace(
        cli_options.choice(options),
        images=tuple(StyleImage(filepath=str(Path(path).absolute())) for path in options.images),
        content=Picture(path=str(Path(options.content).absolute())) if options.content else None,
    )
    current = generation.ask(choice, target=target, out=str(Path(options.out).absolute()))
    with console.progress() as show, console.interrupt_cancels():
        generation.wait(current, show)
    status = _status(current.ending)
    message = session.texture.message
    assert message is not None
    if status:
        return complain(message.text, status)
    if options.blend:
        bpy.ops.wm.save_mainfile()
    for path in [*current.texture_files(), *([bpy.data.filepath] if options.blend else [])]:
        print(path)
    return 0


def _new_plane(blend: str) -> bpy.types.Object:
    """An otherwise empty file, saved at once: a place that can't be written to is told before the work."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.mesh.primitive_plane_add()
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(Path(blend).absolute()))
    except RuntimeError as error:
        raise UserError(rpt_("No .blend can be saved at {blend}: {error}").format(blend=blend, error=error)) from None
    assert bpy.context.object is not None
    return bpy.context.object


def _status(ending: Ending | None) -> int:
    match ending:
        case Finished():
            return 0
        case Failed(reason=FailureReason.INPUT):
            return BAD_INPUT
        case Cancelled():
            return CANCELLED
    return FAILURE
