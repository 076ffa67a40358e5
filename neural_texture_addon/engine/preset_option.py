"""``--preset`` and ``--features``: the ready job that a person at a terminal starts from."""

from __future__ import annotations

import argparse

from ..job import presets
from ..job.description import Job
from ..job.presets import Family, NeedsWeightsError, NotMadeForError, Preset
from .errors import InputError

_AUTO = "auto"


def add_to(command: argparse.ArgumentParser) -> None:
    """Gives a command the two options."""
    command.add_argument("--preset", help=", ".join(presets.names()))
    families = [_AUTO, *(family.value for family in Family)]
    command.add_argument(
        "--features", choices=families, default=_AUTO, help="feature family; auto takes the best that can run"
    )


def job(parsed: argparse.Namespace) -> Job:
    """The job that they name. Raises InputError."""
    try:
        return _preset(parsed).choose(_wanted(parsed), _weights_are_there(parsed))
    except NotMadeForError as error:
        raise InputError(str(error)) from None
    except NeedsWeightsError as error:
        raise InputError(f"{error}: {_fetch()}, or --weights FILE") from None


def remark(parsed: argparse.Namespace) -> str:
    """What pretrained weights would add where auto does without them; else nothing."""
    if _wanted(parsed) or not _preset(parsed).gains_from_weights or _weights_are_there(parsed):
        return ""
    return f"note: clearly closer textures with the pretrained features of VGG-19: {_fetch()}"


def name(parsed: argparse.Namespace) -> str:
    """Of the preset: as told, or the default for what else was given."""
    return parsed.preset or (presets.FOR_CONTENT if getattr(parsed, "content", None) else presets.DEFAULT)


def listing() -> list[str]:
    """The presets, each in a line."""
    width = max(map(len, presets.names()))
    return [
        f"{preset.name:{width}}  {preset.title}: {preset.description} ({', '.join(preset.jobs)})"
        for preset in map(presets.load, presets.names())
    ]


def _preset(parsed: argparse.Namespace) -> Preset:
    try:
        return presets.load(name(parsed))
    except KeyError:
        raise InputError(f"preset is {parsed.preset!r}; allowed: {', '.join(presets.names())}") from None


def _wanted(parsed: argparse.Namespace) -> Family | None:
    return None if parsed.features == _AUTO else Family(parsed.features)


def _weights_are_there(parsed: argparse.Namespace) -> bool:
    from .features import weights

    return weights.locate(parsed.weights) is not None


def _fetch() -> str:
    from .features import weights

    return f"neural-texture weights fetch ({weights.bytes_up_to(weights.USUAL) / 1e6:.0f} MB)"
