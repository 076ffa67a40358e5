"""Where the engine computes, and what it says of it."""

from __future__ import annotations

import os

import torch

from ..job.description import Device
from .errors import InputError


def choose(wanted: Device) -> torch.device:
    """The torch device: as told, or CUDA, then MPS, then the CPU. Raises InputError if the wanted one is not here."""
    there = available()
    if wanted is Device.AUTO:
        return torch.device(there[0].value)
    if wanted not in there:
        allowed = ", ".join(device.value for device in (Device.AUTO, *there))
        raise InputError(f"device is {wanted.value}, which this machine does not offer to torch; allowed: {allowed}")
    return torch.device(wanted.value)


def available() -> list[Device]:
    """The devices of this machine, the best first."""
    found = [Device.CUDA] if torch.cuda.is_available() else []
    found += [Device.MPS] if torch.backends.mps.is_available() else []
    return [*found, Device.CPU]


def name(device: torch.device) -> str:
    """The device in words."""
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return f"{properties.name}, {properties.total_memory / 2**30:.0f} GB"
    if device.type == "mps":
        return "Apple GPU"
    return f"CPU, {torch.get_num_threads()} threads"


def use_all_cores() -> None:
    """Let torch use every core this process may run on (a container may allow fewer than the machine has)."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    torch.set_num_threads(allowed or 1)
