"""How much autograd keeps of a forward pass for the backward one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from torch.autograd.graph import saved_tensors_hooks

if TYPE_CHECKING:
    from torch import Tensor


class KeptForGradient:
    """Counts, on any device: `bytes` is the most that was kept at once, each piece of memory counted once."""

    def __init__(self) -> None:
        self.bytes = 0
        self._pieces: dict[int, int] = {}
        self._backward = False

    @contextmanager
    def counted(self) -> Iterator[None]:
        """What is computed in this context counts."""
        with saved_tensors_hooks(self._keep, self._use):
            yield

    def _keep(self, tensor: Tensor) -> Tensor:
        if self._backward:
            self._pieces.clear()
            self._backward = False
        storage = tensor.untyped_storage()
        self._pieces[storage.data_ptr()] = storage.nbytes()
        self.bytes = max(self.bytes, sum(self._pieces.values()))
        return tensor

    def _use(self, tensor: Tensor) -> Tensor:
        self._backward = True
        return tensor
