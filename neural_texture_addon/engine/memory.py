"""How much memory there is. Knows no job.

Linux lends more than it has and kills the process that takes it: so it is asked before something is taken.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil  # type: ignore[import-untyped]
import torch

from .errors import InputError

GB = 1e9
_CGROUPS = Path("/sys/fs/cgroup")
_kept = SimpleNamespace(within=0.0)
"""How many gigabytes the job on the CPU may hold; 0: all."""
_OWN_CGROUPS = Path("/proc/self/cgroup")
_FORGET_PEAK = "5"
"""Of clear_refs (proc(5)): VmHWM begins anew at what is held now."""


def ran_short(need: float, device: torch.device) -> bool:
    """Whether a RuntimeError of torch tells of too little memory: less is left than what was at work needs in all.

    A fact in place of the error's text, for devices whose lack of memory has no class of its own (all but CUDA). To be
    asked in the error's `except`, where its traceback still holds what had been taken.
    """
    return device.type != "cuda" and available(device) < need


def available(device: torch.device, limit: float = 0.0) -> int:
    """Bytes that this process may still take on the device; on the CPU with what can be swapped out.

    `limit` is how many gigabytes it is to hold in all; 0 sets none.
    """
    free = _free(device)
    return min(free, max(0, round(limit * GB) - held(device))) if limit else free


def give_back_what_is_free() -> None:
    """Gives the system back what the allocator keeps just now."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)


def check_can_be_read(path: str, width: int, height: int, bytes_a_texel: int) -> None:
    """Raises InputError if an image takes more than there is: a header of a few bytes may declare gigabytes."""
    give_back_what_is_free()
    need, free = width * height * bytes_a_texel, available(torch.device("cpu"), _kept.within)
    if need > free:
        takes = f"take {need / GB:.1f} GB of memory to be read, and {free / GB:.1f} GB are free"
        raise InputError(f"{path}: its {width}x{height} px {takes}; scale it down")


def keep_within(device: torch.device, limit: float) -> None:
    """Refuse what would go beyond so many gigabytes: torch by itself, where it can; on a CPU images that are read.

    0 lets them take all.
    """
    _kept.within = limit if device.type == "cpu" else 0.0
    if device.type == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory
        torch.cuda.set_per_process_memory_fraction(min(limit * GB / total, 1.0) if limit else 1.0, device)


def held(device: torch.device) -> int:
    """Bytes that this process has taken on the device: all of its own on a CPU, its tensors elsewhere."""
    match device.type:
        case "cuda":
            return torch.cuda.memory_allocated(device)
        case "mps":
            return torch.mps.current_allocated_memory()
        case _:
            return psutil.Process().memory_info().rss


def _free(device: torch.device) -> int:
    match device.type:
        case "cuda":
            held_for_later = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
            return torch.cuda.mem_get_info(device)[0] + held_for_later
        case "mps":
            return torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory()
        case _:
            return max(0, min([_of_machine(), *_within_address_space()]))


def room(device: torch.device, limit: float = 0.0) -> int:
    """Bytes that a process in this one's place may hold on the device in all."""
    return available(device, limit) + held(device)


def forget_peak(device: torch.device) -> None:
    """Lets `peak` begin anew, where that can be done."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif device.type == "cpu" and sys.platform == "linux":
        with contextlib.suppress(OSError):  # a container may forbid it
            Path("/proc/self/clear_refs").write_text(_FORGET_PEAK)


def peak(device: torch.device) -> int | None:
    """The most bytes that were held at once: by this process on a CPU, by its tensors on CUDA. None if nobody knows."""
    match device.type:
        case "cuda":
            return torch.cuda.max_memory_allocated(device)
        case "cpu":
            return _peak_of_process()
    return None


def _peak_of_process() -> int | None:
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    if sys.platform == "linux":  # getrusage would tell of the parent's, if that was larger when it started us
        lines = Path("/proc/self/status").read_text().splitlines()
        return next((int(line.split()[1]) * 2**10 for line in lines if line.startswith("VmHWM:")), None)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def _of_machine() -> int:
    """What nobody uses, as far as the control groups let us have it, and what others could swap out for it."""
    memory = psutil.virtual_memory()
    if sys.platform == "darwin":
        return memory.total  # what others hold is compressed and swapped to files that grow with need
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # psutil: no counts of swapping here; we want none
        swap = psutil.swap_memory().free
    within = [_left_in(cgroup) + _swap_left_in(cgroup, swap) for cgroup in _cgroups()]
    return int(min([memory.available + swap, *within]))


def _within_address_space() -> Iterator[int]:
    """What a limit on the mapped memory leaves, where the system knows one (`ulimit -v`)."""
    process = psutil.Process()
    if hasattr(process, "rlimit"):
        limit = process.rlimit(psutil.RLIMIT_AS)[0]
        if limit != psutil.RLIM_INFINITY:
            yield limit - process.memory_info().vms


def _cgroups() -> Iterator[Path]:
    """The folders of our control groups, versions 1 and 2, each with all those around it."""
    try:
        lines = _OWN_CGROUPS.read_text().splitlines()
    except OSError:
        return
    for _, controllers, path in (line.split(":", 2) for line in lines):
        if controllers and "memory" not in controllers.split(","):
            continue
        root = _CGROUPS / "memory" if controllers else _CGROUPS
        own = root / path.lstrip("/")  # in a container our path may be the host's; then only the root is there
        yield from (folder for folder in (own, *own.parents) if folder.is_relative_to(root))


def _swap_left_in(cgroup: Path, free: int) -> int:
    """Bytes that a control group may still swap out, of those that are free."""

    def left(limit: str, usage: str) -> int:
        return int((cgroup / limit).read_text()) - int((cgroup / usage).read_text())

    left_in_swap = free
    with contextlib.suppress(OSError, ValueError):  # no such group, or no limit: "max"
        left_in_swap = left("memory.swap.max", "memory.swap.current")
    with contextlib.suppress(OSError, ValueError):  # version 1 limits memory, and both together
        both = left("memory.memsw.limit_in_bytes", "memory.memsw.usage_in_bytes")
        left_in_swap = both - left("memory.limit_in_bytes", "memory.usage_in_bytes")
    return min(max(left_in_swap, 0), free)


def _left_in(cgroup: Path) -> float:
    """Bytes below a control group's limit; the files that it keeps in memory can go."""
    for limit, usage, prefix in (
        ("memory.max", "memory.current", ""),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
    ):
        try:
            used = int((cgroup / usage).read_text())
            stat = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
            files = sum(int(stat[f"{prefix}{kind}_file"]) for kind in ("active", "inactive"))
            return int((cgroup / limit).read_text()) - used + files
        except (OSError, ValueError, KeyError):  # no such group, or no limit: "max"
            continue
    return math.inf
