"""How much memory a job needs at least, and how much there is. Knows no tensor of the job, only arithmetic.

Linux lends more than it has and kills the process that takes it: so a job is asked before it starts. The forecast
counts what is held at once at the peak, and nothing else: it must not refuse what would fit.

Peak of the default job on a CPU, in MB (`scripts/measure_memory.py`, which says what it leaves out: 190 MB of torch's
own code, and up to 220 MB that glibc keeps in store):

| size     | 256 | 512 | 1024 | 2048 |
|----------|-----|-----|------|------|
| measured |  29 | 103 |  391 | 1525 |
| forecast |  23 |  93 |  376 | 1513 |
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import torch

from ..job.description import Adam, Job, Optimise, Patches, SlicedWasserstein, Step, Term, Vgg19
from .errors import InputError
from .features import weights
from .schedule import Octave, applies

_GB = 2**30
_FLOAT = 4
_OF_A_RESPONSE = 3 * _FLOAT + 8
"""Bytes: itself, the target's value of its rank, the difference; and its rank, an integer."""
_CANVASES = 3
"""The canvas, the solver's iterate, and the continued one that the features see."""
_CANVASES_OF_ADAM = 2
"""The two moments of the gradient."""
_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUPS = Path("/proc/self/cgroup")


def check(job: Job, octaves: Iterable[Octave], device: torch.device) -> None:
    """Raises InputError if the job can't fit in the memory of the device."""
    need, there = needed(job, octaves), available(device)
    if need > there:
        raise InputError(
            f"canvas of {job.canvas.width}x{job.canvas.height} px: needs about {math.ceil(need / _GB * 10) / 10} GB of "
            f"memory, and {math.floor(there / _GB * 10) / 10} GB are free; choose a smaller size or another device"
        )


def ran_short(job: Job, octaves: Iterable[Octave], device: torch.device) -> bool:
    """Whether a RuntimeError of torch tells of too little memory: less is left than the job needs in all.

    A fact in place of the error's text, for devices whose lack of memory has no class of its own (all but CUDA). To be
    asked in the error's `except`, where its traceback still holds what the job had taken.
    """
    return device.type != "cuda" and available(device) < needed(job, octaves)


def needed(job: Job, octaves: Iterable[Octave]) -> int:
    """Bytes that the job needs at least besides what it holds before its first step, in these octaves."""
    return max(_of_step(job, step, octave) for octave in octaves for step in job.steps)


def available(device: torch.device) -> int:
    """Bytes that this process may still take on the device; on the CPU with what can be swapped out."""
    match device.type:
        case "cuda":
            held_for_later = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
            return torch.cuda.mem_get_info(device)[0] + held_for_later
        case "mps":
            return torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory()
        case _:
            return max(0, min([_of_machine(), *_within_address_space()]))


def room(device: torch.device) -> int:
    """Bytes that a process in this one's place may hold on the device in all."""
    match device.type:
        case "cuda":
            return available(device) + torch.cuda.memory_allocated(device)
        case "mps":
            return torch.mps.recommended_max_memory()
        case _:
            return available(device) + psutil.Process().memory_info().rss


def forget_peak(device: torch.device) -> None:
    """Lets `peak` begin anew, where that can be done."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


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


def of_canvases(job: Job, step: Step, octave: Octave) -> int:
    """Bytes of the canvas in all the forms that a step needs it in."""
    canvas = sum(kind.channels for kind in job.canvas.maps) * _FLOAT * octave.width * octave.height
    if not isinstance(step, Optimise) or not applies(step, octave):
        return canvas
    return canvas * (_CANVASES + (_CANVASES_OF_ADAM if isinstance(step.solver, Adam) else 0))


def _of_step(job: Job, step: Step, octave: Octave) -> int:
    canvases = of_canvases(job, step, octave)
    if not isinstance(step, Optimise) or not applies(step, octave):
        return canvases
    # the largest term alone: the graphs of the others may be gone by then
    return canvases + max(_of_term(term, octave) for term in step.terms)


def _of_term(term: Term, octave: Octave) -> int:
    """A new feature family is one new case. What none counts is not refused."""
    match term:
        case SlicedWasserstein(weight=weight, features=Patches() as patches) if weight:
            return patches.filters * _windows(patches, octave) * _OF_A_RESPONSE
    match getattr(term, "features", None):
        case Vgg19(layers=layers) if term.weight:
            return round(_FLOAT * octave.width * octave.height * max(map(_responses_a_texel, layers)))
    return 0


def _responses_a_texel(layer: str) -> float:
    """What is kept for the gradient of VGG-19 up to a layer: what goes into each convolution and what comes out."""
    last, kept = weights.convolution_of(layer), 0.0
    for convolution in weights.CONVOLUTIONS[: weights.CONVOLUTIONS.index(last) + 1]:
        stride = 2 ** (int(convolution.name.removeprefix("conv")[0]) - 1)
        kept += (convolution.inputs + convolution.outputs) / stride**2
    return kept


def _windows(patches: Patches, octave: Octave) -> int:
    """As few as there may be: on an axis that wraps around there are some more."""
    stride = patches.stride if octave.side >= patches.stride_from else 1
    return math.prod(max(length - patches.size + 1, 1) // stride for length in (octave.width, octave.height))


def _of_machine() -> int:
    """What nobody uses, as far as the control groups let us have it, and what others could swap out for it."""
    memory = psutil.virtual_memory()
    if sys.platform == "darwin":
        return memory.total  # what others hold is compressed and swapped to files that grow with need
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # psutil: no counts of swapping here; we want none
        swap = psutil.swap_memory().free
    return int(min([memory.available, *map(_left_in, _cgroups())])) + swap


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
