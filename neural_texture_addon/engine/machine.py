"""What machines differ in, as far as memory goes: arithmetic with what was measured on them."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from . import fused, precision
from .device import keeps_freed_memory, workspace
from .losses import nearest_patches, ranks

FLOAT = 4
"""Bytes."""
_OF_A_SORTED, _OF_ONE_SORTED_TOGETHER = 24, 48
"""Bytes of a value on a graphics card: its rank, the value of its rank and where it goes, once where each feature is
sorted by itself, twice where all are together. Measured."""
_MANY_PLACES = 10**6
"""From which torch does the former (ATen, Sort.cu)."""
_OF_A_SORTED_KEY = 30
"""Bytes of a value on a processor: its key, its rank, and what is read of the target."""
_OF_A_STORED = 9
"""Bytes of a response in glibc's store, as `device` sets it: measured, 8 to 11. None where it is changed in place."""
_OF_A_COPIED = 4
"""Bytes of a response or its slope, on a processor, in the convolution's own order. Measured."""
_OF_A_PLACE = 24
"""Bytes of a place: where in the target its value is read."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What is not the same on all."""

    network: int = FLOAT
    """Bytes of a number in the network."""
    threads: int = 1
    """That sort a few features each; 0 sorts all of them together, as graphics cards do."""

    store: int = 0
    """Bytes of a window's response that the allocator keeps for the next iteration besides those in use."""
    copies: int = 0
    """Bytes of a window's response that torch itself copies while it is found, or carried back."""
    workspace: int = 0
    """Bytes of each stream of tasks that a graphics card does side by side."""
    card: torch.device | None = None
    """That might do several things in one go."""

    @property
    def fused(self) -> bool:
        """Whether it does. To be asked where it matters only: the answer takes time."""
        return self.card is not None and fused.works(self.card)

    def of_sorting(self, places: float, numbers: float) -> float:
        """Bytes while so many numbers are brought in order, with those of a feature at so many places."""
        if not self.threads:
            return (_OF_A_SORTED if places >= _MANY_PLACES else _OF_ONE_SORTED_TOGETHER) * numbers
        return _OF_A_PLACE * places + _OF_A_SORTED_KEY * min(self.threads * max(places, ranks.AT_ONCE), numbers)

    @property
    def distances(self) -> int:
        """Between windows, that are held at once."""
        if self.fused:
            return 0
        return nearest_patches.AT_ONCE if self.threads else nearest_patches.AT_ONCE_ON_A_CARD

    @classmethod
    def of(cls, device: torch.device) -> Machine:
        """This one."""
        threads = torch.get_num_threads() if device.type == "cpu" else 0
        store = _OF_A_STORED if threads and keeps_freed_memory() else 0
        number = precision.of_network(device).itemsize
        copies = _OF_A_COPIED if threads else 0
        return cls(
            network=number,
            threads=threads,
            store=store,
            copies=copies,
            workspace=workspace(device),
            card=device if device.type == "cuda" else None,
        )


SIMPLE = Machine()
