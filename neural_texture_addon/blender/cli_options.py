"""What the commands of ``blender --command neural_texture`` have in common: options, exit statuses, complaints."""

import argparse
import sys

from ..job import presets
from ..job.description import Canvas, Device, Request, Tiling
from ..job.presets import Family
from . import preset_list
from .job_from_scene import AS_PRESET, AUTO, Choice

FAILURE, BAD_INPUT, CANCELLED = 1, 2, 130


def add_to(command: argparse.ArgumentParser) -> None:
    """Give a command the options that shape every texture."""
    command.add_argument("--size", type=_size, default=(Canvas.width, Canvas.height), metavar="N | WxH", help="in px")
    command.add_argument("--seed", type=int, default=Canvas.random_seed, help="another number, another texture")
    command.add_argument("--axes", choices=[tiling.value for tiling in Tiling], default=AS_PRESET)
    command.add_argument("--preset", choices=preset_list.names(), default=presets.DEFAULT)
    families = [AUTO, *(family.value for family in Family)]
    command.add_argument("--features", choices=families, default=AUTO, help="auto takes the best that can run")
    command.add_argument("--device", choices=[device.value for device in Device], default=Request.device.value)
    command.add_argument(
        "--memory",
        type=float,
        default=Request.memory,
        metavar="GB",
        help="gigabytes that it may hold on the device; what does not fit is made in pieces",
    )


def choice(options: argparse.Namespace) -> Choice:
    """What they say, without images."""
    width, height = options.size
    return Choice(
        width=width,
        height=height,
        seed=options.seed,
        tiling=options.axes,
        preset=options.preset,
        features=options.features,
        device=options.device,
        memory=options.memory,
    )


def complain(text: str, status: int) -> int:
    """Say what is wrong; gives the exit status."""
    print(f"neural_texture: {text}", file=sys.stderr)
    return status


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    return int(width), int(height or width)
