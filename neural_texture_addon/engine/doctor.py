"""What this machine offers the engine, in words an artist understands. Runs without torch too, to say so."""

from __future__ import annotations

import os
import platform
import sys
from importlib import import_module, metadata

NEEDED = ("torch", "numpy", "PIL", "safetensors")
_DISTRIBUTIONS = {"PIL": "pillow", "OpenImageIO": "openimageio"}


def examine(weights: str = "", *, in_blender: bool = False) -> tuple[list[str], bool]:
    """The lines of the report, and whether textures can be made here. `weights` is as a request has it.

    What is to be done is said for a terminal, or for who sees Blender's panel.
    """
    lines = [f"System: {platform.system()} {platform.machine()}, {os.cpu_count()} processor cores, {_memory()}"]
    lines.append(f"Python: {platform.python_version()} at {sys.executable}")
    ready = sys.version_info >= (3, 11)
    if not ready:
        lines.append("  too old: the engine needs Python 3.11 or later")
    for module in NEEDED:
        problem = _problem_with(module, in_blender)
        name = _DISTRIBUTIONS.get(module, module)
        lines.append(f"{name}: {problem or metadata.version(name)}")
        ready = ready and problem is None
    lines.extend(_devices() if _problem_with("torch") is None else [])
    deep = _problem_with("OpenImageIO", in_blender)
    lines.append(
        "Image files of 16 and 32 bits (PNG, TIFF, EXR): " + ("ready" if deep is None else f"not ready: {deep}")
    )
    lines.append("Features without download (patches): " + ("ready" if ready else "not ready"))
    lines.append("Features of VGG-19: " + (_weights(weights, in_blender) if ready else "not ready"))
    lines.append("Ready to make textures." if ready else "Not ready: see the lines above.")
    return lines, ready


def _problem_with(module: str, in_blender: bool = False) -> str | None:
    try:
        if import_module(module).__file__ is None:
            return "damaged, only its folder is left: install it again"
    except ModuleNotFoundError:
        return f"missing; {_how_to_add(_DISTRIBUTIONS.get(module, module), in_blender)} adds it"
    except (ImportError, OSError) as error:
        return f"installed, but does not start: {str(error).splitlines()[0]}"
    return None


def _how_to_add(distribution: str, in_blender: bool) -> str:
    return "Set Up Engine" if in_blender else f"'{sys.executable} -m pip install {distribution}'"


def _weights(named: str, in_blender: bool) -> str:
    from .errors import InputError
    from .features import weights

    try:
        path = weights.locate(named)
        if path is not None:
            return f"ready up to {weights.depth(path).replace('conv', 'relu')} ({path})"
    except InputError as error:
        return f"not ready: {error}"
    except ModuleNotFoundError as error:
        return f"not ready: {error.name} is missing; {_how_to_add(error.name or '', in_blender)} adds it"
    size = f"{weights.bytes_up_to(weights.USUAL) / 1e6:.0f} MB"
    how = "Fetch VGG-19 Weights in the extension's preferences" if in_blender else "neural-texture weights fetch"
    return f"not there: a download of {size} ({how}) makes clearly better textures"


def _devices() -> list[str]:
    import torch

    from ..job.description import Device
    from . import device

    lines = []
    for kind in device.available():
        line = f"Device {kind.value}: {device.name(torch.device(kind.value))}"
        if kind is Device.CUDA:
            free, total = torch.cuda.mem_get_info()
            line += f", {free / 2**30:.1f} of {total / 2**30:.1f} GB free"
        lines.append(line)
    if len(lines) == 1:
        lines.append("  no graphics card that torch can use: textures take minutes instead of seconds")
    lines[0] += "  <- used unless told otherwise"
    return lines


def _memory() -> str:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return "memory unknown"
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GB of memory"
