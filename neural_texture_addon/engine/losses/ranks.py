"""Values in order, and which value of one distribution has the rank of which of another. Carries no gradient.

On a CPU values of single precision are ordered by keys of 16 bits: numpy sorts those by radix, ten times as fast as the
values themselves. An exemplar's values in order are exact to a 65535th of their range. A canvas's ranks are exact up to
some thousand values, by two keys each; among more, values nearer to each other than that may change places, and no more
is lost by it than so much of the range (held in tests/engine/losses/test_ranks.py). Where there are so many that their
order would not fit into the cache, values are not ordered: how many have each key tells between which ranks they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    Array = np.ndarray

_LARGEST_KEY = 2**16 - 1
_SOME = 2**9
"""Values of a feature, from which they are ordered by keys: fewer are as fast without."""
_MANY = 2**12
"""And from which one key is enough: next to so many others a place more or less is nothing."""
_COUNTED = 2**18
"""And from which keys are counted rather than ordered,"""
_MOST_OF_A_KEY = 1 / 512
"""if no larger share of the values has the same: what those get is linear between their first rank and their last."""
_GOLDEN = np.uint32(2654435769)
"""Its share that is no whole number, of 2**32."""
AT_ONCE = 2**18
"""Values that one thread works at, about: fewer, and threads wait for Python's lock; more, and they leave its cache."""
_WORTH_A_THREAD = 2**16
"""Values in all, from which several threads gain more than starting them costs."""


def ordered(features: Float[Tensor, "f n"]) -> Float[Tensor, "f n"]:
    """Each feature's values in order."""
    if features.device.type != "cpu":
        return features.detach().sort(1).values
    values = features.detach().numpy()
    found = np.empty(values.shape, values.dtype)

    def order(rows: slice) -> None:
        found[rows] = _in_order(np.ascontiguousarray(values[rows]))

    _in_threads(order, values.shape)
    return torch.from_numpy(found)


def residual(features: Float[Tensor, "f n"], target: Float[Tensor, "f m"]) -> Float[Tensor, "f n"]:
    """Each value minus that of the same rank in the target, which is in order.

    Where the target has another number of values, it is read at the middles of as many equal shares as there are
    values, linear between neighbours.
    """
    found = features.detach().clone(memory_format=torch.contiguous_format)
    subtract(found, target)
    return found


def subtract(features: Float[Tensor, "f n"], target: Float[Tensor, "f m"]) -> None:
    """Makes the features, which lie in memory row by row, what `residual` finds."""
    if features.device.type != "cpu":
        assigned = torch.empty_like(features)
        features -= assigned.scatter_(1, features.argsort(1), quantiles(target, features.shape[1]))
        return
    values, wanted = features.numpy(), target.numpy()
    read = _reader(wanted.shape[1], values.shape[1], wanted.dtype)

    def subtract_from(rows: slice) -> None:
        mine, given = values[rows], wanted[rows]
        each = [slice(row, row + 1) for row in range(len(mine))] if _count(mine) >= _COUNTED else [slice(None)]
        for some in each:
            few = np.empty_like(mine[some])
            if not _by_counts(mine[some], given[some], few):
                few.reshape(-1)[_order(mine[some]).reshape(-1)] = read(given[some]).reshape(-1)
            mine[some] -= few

    _in_threads(subtract_from, values.shape)


def quantiles(ordered: Float[Tensor, "f n"], count: int) -> Float[Tensor, "f count"]:
    """The values at the middles of `count` equal shares of the distribution, linear between neighbours."""
    n = ordered.shape[1]
    if n == count:
        return ordered
    if ordered.device.type != "cuda":  # Apple's devices have no doubles
        lower, upper, share = (torch.from_numpy(places) for places in _places(n, count))
        lower, upper, share = lower.to(ordered.device), upper.to(ordered.device), share.to(ordered.dtype)
    else:  # there, so that nothing waits for them to be sent
        middles = torch.arange(count, dtype=torch.float64, device=ordered.device) + 0.5
        position = (middles * (n / max(count, 1)) - 0.5).clamp(0, n - 1)
        lower = position.long().clamp_max(max(n - 2, 0))
        upper, share = (lower + 1).clamp_max(n - 1), position - lower
    return torch.lerp(ordered[:, lower], ordered[:, upper], share.to(ordered))


def _places(n: int, count: int) -> tuple[Array, Array, Array]:
    """Of each of `count` quantiles: the values beside it, of `n` in order, and how far it is from the first of them."""
    return _beside(n, (np.arange(count) + 0.5) * (n / max(count, 1)) - 0.5)


def _beside(n: int, position: Array) -> tuple[Array, Array, Array]:
    """The whole numbers beside each position, 0 to n - 1, and how far it is from the first of them."""
    position = position.clip(0, n - 1)
    lower = position.astype(np.int64).clip(max=max(n - 2, 0))
    return lower, np.minimum(lower + 1, n - 1), position - lower


def _reader(n: int, count: int, dtype: np.dtype) -> Callable[[Array], Array]:
    """Does what `quantiles` does, to any rows of `n`."""
    if n == count:
        return lambda rows: rows

    @cache
    def places() -> tuple[Array, Array, Array]:
        """Found when they are asked for: where keys are counted nobody may."""
        lower, upper, share = _places(n, count)
        return lower, upper, share.astype(dtype)

    def read(rows: Array) -> Array:
        lower, upper, share = places()
        taken, beyond = (rows.take(beside, 1, mode="clip") for beside in (lower, upper))
        beyond -= taken
        beyond *= share
        taken += beyond
        return taken

    return read


def _in_order(values: Array) -> Array:
    if _count(values) < _SOME:
        return np.sort(values, 1)
    keys, low, step = _keys(values)
    return np.sort(keys, 1, kind="stable") * step + low


def _order(values: Array) -> Array:
    """Where in the array each row's values are, from its least to its greatest."""
    count = _count(values)
    if count < _SOME:
        return _placed(np.argsort(values, 1))
    if count < _MANY:
        return _order_by_halves(values)
    return _placed(np.argsort(_keys(values)[0], 1, kind="stable"))


def _count(values: Array) -> int:
    """Of a feature's values, if there are keys for them."""
    return values.shape[1] if values.dtype == np.float32 else 0


def _order_by_halves(values: Array) -> Array:
    """By the less significant half of the values' bits, and then by the other one: least significant digit first
    (Knuth 1973, The Art of Computer Programming 3, 5.2.5)."""
    whole = values.view(np.int32)
    whole = whole ^ ((whole >> 31) & 0x7FFFFFFF)  # below 0 the bits of floats fall as they rise
    order = _placed(np.argsort(whole.astype(np.uint16), 1, kind="stable"))
    return order.reshape(-1)[_placed(np.argsort((whole >> 16).astype(np.int16).reshape(-1)[order], 1, kind="stable"))]


def _by_counts(values: Array, wanted: Array, found: Array) -> bool:
    """Finds the wanted value of each one's rank in a row, to within the ranks of its key. Whether it does."""
    count = _count(values)
    if count < _COUNTED:
        return False
    (keys,), (found,) = _keys(values)[0], found
    parts = [slice(first, first + AT_ONCE) for first in range(0, count, AT_ONCE)]
    counts = np.sum([np.bincount(keys[part], minlength=_LARGEST_KEY + 1) for part in parts], axis=0)
    if counts.max() > _MOST_OF_A_KEY * count:
        return False
    ends = _at(wanted[0], np.append(0, counts.cumsum()) / count)
    reaches, shares = np.diff(ends), _shares(count)
    for part in parts:
        few = keys[part].astype(np.intp)
        np.take(reaches, few, out=found[part], mode="clip")
        found[part] *= shares[part]
        found[part] += ends.take(few)
    return True


def _at(ordered: Array, ranks: Array) -> Array:
    """The values at these ranks, 0 to 1, linear between neighbours."""
    lower, upper, share = _beside(len(ordered), ranks * len(ordered) - 0.5)
    return ordered[lower] + (ordered[upper] - ordered[lower]) * share.astype(ordered.dtype)


@lru_cache(maxsize=2)
def _shares(count: int) -> Array:
    """How far from the first rank of its key to the last each value is: evenly spread, wherever those of a key are.

    Multiples of the golden ratio, but for whole numbers (Knuth 1973, The Art of Computer Programming 3, 6.4).
    """
    found = np.arange(count, dtype=np.uint32)
    found *= _GOLDEN
    return found.astype(np.float32) * np.float32(2**-32)


def _placed(order: Array) -> Array:
    """From places in each row to places in the array; in place."""
    order += np.arange(len(order))[:, None] * order.shape[1]
    return order


def _keys(values: Array) -> tuple[Array, Array, Array]:
    """Whole numbers of 16 bits that order the rows, and what of a row is 0 and 1 in them."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):  # the loss tells of what is not finite
        low = values.min(1, keepdims=True)
        step = (values.max(1, keepdims=True) - low) / np.float32(_LARGEST_KEY)
        scaled = values - low
        scaled *= np.where(step > 0, 1 / step, 0)
        scaled += np.float32(0.5)
        return scaled.astype(np.uint16), low, step


def _in_threads(work: Callable[[slice], None], shape: tuple[int, ...]) -> None:
    """All rows, a few at a time: numpy lets other threads run while it sorts."""
    count = torch.get_num_threads() if shape[0] * shape[1] >= _WORTH_A_THREAD else 1
    parts = list(_parts(shape, count))
    if count == 1 or len(parts) == 1:
        for rows in parts:
            work(rows)
        return
    list(_pool(count).map(work, parts))


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    """For all iterations: glibc gives what a thread has allocated back to the system when the thread ends."""
    return ThreadPoolExecutor(count)


def _parts(shape: tuple[int, ...], threads: int) -> Iterator[slice]:
    count = math.ceil(shape[0] * shape[1] / AT_ONCE / threads) * threads
    rows = math.ceil(shape[0] / max(count, 1))
    return (slice(first, first + rows) for first in range(0, shape[0], rows))
