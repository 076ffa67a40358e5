"""Where the engine computes, and what it says of it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

import torch

from ..job.description import Device
from .errors import InputError

T = TypeVar("T")
_MOST_TEXELS_AT_ONCE = 2**21
"""Of a canvas whose tasks a graphics card does side by side."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt(3)."""
_HOPPER = (9, 0)
"""Compute capability."""
_LARGEST_REUSED, _LARGEST_OF_THE_SCARCE = 2**29, 2**20
"""Bytes."""
_MOST_KEPT = 2**31 - 1
"""Bytes: mallopt takes no larger number."""


def choose(wanted: Device) -> torch.device:
    """The torch device: as told, or CUDA, then MPS, then the CPU. Raises InputError if the wanted one is not here."""
    there = available()
    if wanted is not Device.AUTO and wanted not in there:
        allowed = ", ".join(device.value for device in (Device.AUTO, *there))
        raise InputError(f"device is {wanted.value}, which this machine does not offer to torch; allowed: {allowed}")
    chosen = there[0] if wanted is Device.AUTO else wanted
    if chosen is Device.CUDA:  # by its number: a limit on its memory can be set for no other
        return torch.device(chosen.value, torch.cuda.current_device())
    return torch.device(chosen.value)


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


def failure(device: torch.device, error: RuntimeError) -> str | None:
    """In words, if torch says that an error is the device's own, or if the device answers no more; else None."""
    if isinstance(error, torch.AcceleratorError) or not _answers(device):
        return f"the device {device} failed ({str(error).partition(chr(10))[0]})"
    return None


def _answers(device: torch.device) -> bool:
    try:
        torch.zeros(1, device=device).item()
    except RuntimeError:
        return False
    return True


def at_once(works: Sequence[Callable[[], T]], canvas: torch.Tensor) -> list[T]:
    """What each of them finds. While a graphics card's work is recorded, as tasks that it may do side by side.

    On a large canvas one keeps it busy, and leaves its memory to the next.
    """
    together = len(works) > 1 and canvas[0, 0].numel() <= _MOST_TEXELS_AT_ONCE
    if not (together and torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()):
        return [work() for work in works]
    here, found = torch.cuda.current_stream(), []
    streams = [beside(here, number) for number, _ in enumerate(works)]
    for work, stream in zip(works, streams, strict=True):
        stream.wait_stream(here)
        with torch.cuda.stream(stream):
            found.append(work())
    for stream in streams:
        here.wait_stream(stream)
    return found


@cache
def beside(stream: torch.cuda.Stream, _number: int = 0) -> torch.cuda.Stream:
    """A stream of tasks next to another, always the same: each takes memory for its products of matrices."""
    return torch.cuda.Stream(stream.device)


def workspace(device: torch.device) -> int:
    """Bytes that each stream of a graphics card takes for them (torch, CUDABlas.cpp)."""
    if device.type != "cuda":
        return 0
    return 2**25 if torch.cuda.get_device_capability(device) >= _HOPPER else 2**23


def use_all_cores() -> None:
    """Let torch use every core this process may run on (a container may allow fewer than the machine has)."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    torch.set_num_threads(allowed or 1)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Let the allocator reuse what one iteration frees in the next.

    By default glibc gives a large block back to the system and gets it again, zeroed page by page, a moment later: two
    fifths of an iteration's time at 1024 px. Blocks of more than `_LARGEST_REUSED` still go back, for the others' sake.
    """
    if keeps_freed_memory():
        _set_allocator(_LARGEST_REUSED, _MOST_KEPT)


def keeps_freed_memory() -> bool:
    """Whether it does; who measures memory sets a threshold of their own."""
    return sys.platform == "linux" and "MALLOC_MMAP_THRESHOLD_" not in os.environ


def give_freed_memory_back() -> None:
    """Ends that, where memory is scarce: what is kept for reuse would come to half as much again as what is used."""
    _set_allocator(_LARGEST_OF_THE_SCARCE, _LARGEST_OF_THE_SCARCE)


def _set_allocator(largest_reused: int, most_kept: int) -> None:
    if sys.platform != "linux":
        return
    with contextlib.suppress(AttributeError, OSError):  # another libc has other ways
        allocator = ctypes.CDLL(None).mallopt
        allocator(_M_MMAP_THRESHOLD, largest_reused)
        allocator(_M_TRIM_THRESHOLD, most_kept)
