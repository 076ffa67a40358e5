"""How many bytes of tensors live at once: no allocator, no code of torch itself, the same on every machine."""

import weakref
from collections.abc import Iterable
from typing import Any, Self

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter


class LiveBytes(TorchDispatchMode):
    """A context; `peak` is the most that lived in it of what torch's operations took and gave, each memory once.

    Besides what was there before.
    """

    def __init__(self, before: Iterable[torch.Tensor]) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._before = {tensor.untyped_storage()._cdata for tensor in before}
        self._known: dict[int, weakref.ref[torch.UntypedStorage]] = {}

    def __torch_dispatch__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = func(*args, **(kwargs or {}))
        for value in tree_iter((args, kwargs, given)):
            if isinstance(value, torch.Tensor):
                self._see(value.untyped_storage())
        return given

    def __exit__(self, *reason: Any) -> None:
        super().__exit__(*reason)
        self._known.clear()

    def _see(self, storage: torch.UntypedStorage) -> Self:
        key, size = storage._cdata, storage.nbytes()
        if key not in self._known and key not in self._before:
            self._known[key] = weakref.ref(storage, lambda _: self._forget(key, size))
            self.now += size
            self.peak = max(self.peak, self.now)
        return self

    def _forget(self, key: int, size: int) -> None:
        if self._known.pop(key, None) is not None:
            self.now -= size
