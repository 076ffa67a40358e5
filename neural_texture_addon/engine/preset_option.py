"""``--preset`` and ``--features``: the ready job that a person at a terminal starts from."""

from __future__ import annotations

import argparse
import sys

from ..job import presets
from ..job.description import Job
from ..job.presets import Family, NeedsWeightsError, NotMadeForError, Preset
from .errors import InputError

_AUTO = "auto"


def add_to(command: argparse.ArgumentParser) -> None:
    """Gives a command the two options."""
    command.add_argument("--preset", default=presets.DEFAULT, help=", ".join(presets.names()))
    families = [_AUTO, *(family.value for family in Family)]
    command.add_argument(
        "--features", choices=families, default=_AUTO, help="feature family; auto takes the best that can run"
    )


def job(parsed: argparse.Namespace) -> Job:
    """The job they name; says so where the pretrained weights would give a better one. Raises InputError."""
    from .features import weights

    preset, wanted = _preset(parsed.preset), None if parsed.features == _AUTO else Family(parsed.features)
    there = preset.gains_from_weights and weights.locate(parsed.weights) is not None
    fetch = f"neural-texture weights fetch ({weights.bytes_up_to(weights.USUAL) / 1e6:.0f} MB)"
    try:
        chosen = preset.choose(wanted, there)
    except NotMadeForError as error:
        raise InputError(str(error)) from None
    except NeedsWeightsError as error:
        raise InputError(f"{error}: {fetch}, or --weights FILE") from None
    if wanted is None and preset.gains_from_weights and not there:
        print(f"note: clearly closer textures with the pretrained features of VGG-19: {fetch}", file=sys.stderr)
    return chosen


def listing() -> list[str]:
    """The presets, each in a line."""
    width = max(map(len, presets.names()))
    return [
        f"{preset.name:{width}}  {preset.title}: {preset.description} ({', '.join(preset.jobs)})"
        for preset in map(presets.load, presets.names())
    ]


def _preset(name: str) -> Preset:
    try:
        return presets.load(name)
    except KeyError:
        raise InputError(f"preset is {name!r}; allowed: {', '.join(presets.names())}") from None
