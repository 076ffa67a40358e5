"""Several maps beside each other: shown to the features with equal contrast, then weighed.

Distances are sums of squares. A roughness that hardly varies would count for nothing beside the colour, and go its own
way; a weight says how much a map counts, whatever its contrast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

from ...job.description import MapKind, Pooling
from ..torus import Wrap
from .lens import Lens, LinearLens, Maps
from .vgg import Network
from .view import PatchView, Sight
from .windows import WindowView

if TYPE_CHECKING:
    from collections.abc import Collection

    from jaxtyping import Float
    from torch import Generator, Tensor

    from .lens import Piece

MOST_GAIN = 8.0
"""Contrast is changed by this factor at most: beyond, it is the rounding of a file that would be amplified."""
_FLAT = 1e-3
"""Standard deviation of a map in which there is nothing to amplify."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Balance:
    """How the maps of an image are shown."""

    centre: Float[Tensor, "1 c 1 1"]
    gain: Float[Tensor, "1 c 1 1"]
    """Of the contrast about the centre."""
    weights: Float[Tensor, " maps"]
    weight: Float[Tensor, "1 c 1 1"]
    """The same, of each channel."""

    @classmethod
    def of(
        cls,
        exemplars: Sequence[Float[Tensor, "1 c h w"]],
        maps: tuple[MapKind, ...],
        weights: Mapping[MapKind, float],
    ) -> Balance | None:
        """Such that all maps of the exemplars vary as their first does. None if there is but one, or no exemplar."""
        if len(maps) == 1 or not exemplars:
            return None
        mean = torch.stack([texels.mean((0, 2, 3)) for texels in exemplars]).mean(0)
        variance = torch.stack([(texels - mean.view(1, -1, 1, 1)).square().mean((0, 2, 3)) for texels in exemplars])
        spreads = [float(each.mean()) ** 0.5 for each in variance.mean(0).split([kind.channels for kind in maps])]
        gains = [_gain(spreads[0], spread) for spread in spreads]
        weight = mean.new_tensor([weights.get(kind, 1.0) for kind in maps])
        return cls(
            centre=mean.view(1, -1, 1, 1),
            gain=_by_channel(mean.new_tensor(gains), maps),
            weights=weight,
            weight=_by_channel(weight, maps),
        )

    def shown(self, image: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c h w"]:
        """With equal contrast."""
        centre, gain = self.centre.to(image), self.gain.to(image)
        return (image - centre) * gain + centre

    def weighed(self, image: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c h w"]:
        """With equal contrast, multiplied by the weights: for features that are linear."""
        return self.shown(image) * self.weight.to(image)

    def of_features(self, found: Float[Tensor, "f h w"]) -> Float[Tensor, "f h w"]:
        """Those of a network, one map's after the other's, multiplied by the weights."""
        return found * self.of_each(len(found)).to(found).view(-1, 1, 1)

    def of_each(self, count: int) -> Float[Tensor, " f"]:
        """The weights of so many features of a network."""
        return self.weights.repeat_interleave(count // len(self.weights))


@dataclass(frozen=True, kw_only=True, eq=False)
class BalancedLens:
    """A lens with linear features, at balanced maps."""

    inner: Lens
    balance: Balance

    def fitted(self, canvas: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c h w"]:
        """Balanced; the inner lens looks at that."""
        return self.inner.fitted(self.balance.weighed(canvas))

    def look(self, image: Float[Tensor, "1 c h w"]) -> Maps:
        """As the inner one."""
        return self.inner.look(image)

    def pieces(self, size: tuple[int, int], side: int, layers: Collection[str]) -> list[Piece]:
        """As the inner one's."""
        return self.inner.pieces(size, side, layers)

    def look_at(self, piece: Piece, texels: Float[Tensor, "1 c r k"]) -> Maps:
        """As the inner one."""
        return self.inner.look_at(piece, texels)

    def stride(self, layer: str) -> int:
        """As the inner one's."""
        return self.inner.stride(layer)


class BalancedLinearLens(BalancedLens):
    """The same with one that can carry a gradient back."""

    inner: LinearLens

    def some(self, chosen: slice) -> BalancedLinearLens:
        """As the inner one."""
        return replace(self, inner=self.inner.some(chosen))

    def carried_back(self, piece: Piece, slopes: Float[Tensor, "f rows columns"]) -> Float[Tensor, "1 c r k"]:
        """As the inner one: to the balanced canvas."""
        return self.inner.carried_back(piece, slopes)


class BalancedView:
    """A view with linear features that was opened on balanced exemplars."""

    def __init__(self, inner: PatchView | WindowView, balance: Balance) -> None:
        self._inner, self._balance = inner, balance

    def draw(self, shape: Sequence[int], generator: Generator) -> list[Tensor]:
        """What the inner one draws."""
        return self._inner.draw(shape, generator)

    def sight(self, shape: Sequence[int], drawn: Iterator[Tensor]) -> Sight:
        """Through that, at a balanced canvas."""
        sight = self._inner.sight(shape, drawn)
        balanced = BalancedLinearLens if isinstance(sight.lens, LinearLens) else BalancedLens
        return Sight(lens=balanced(inner=sight.lens, balance=self._balance), exemplars=sight.exemplars)


@dataclass(frozen=True, kw_only=True, eq=False)
class BalancedNetwork(Network):
    """A network that is shown balanced maps, its features weighed."""

    balance: Balance

    def run(
        self, image: Float[Tensor, "1 c h w"], wanted: set[Any], pooling: Pooling, wrap: Wrap
    ) -> dict[str, Float[Tensor, "c h w"]]:
        """As the network's own."""
        found = super().run(self.balance.shown(image), wanted, pooling, wrap)
        return {layer: self.balance.of_features(map_) for layer, map_ in found.items()}


def balanced(network: Network | None, balance: Balance | None) -> Network | None:
    """The network as it is shown the maps."""
    return BalancedNetwork(**vars(network), balance=balance) if network and balance else network


def _gain(wanted: float, spread: float) -> float:
    return 1.0 if min(wanted, spread) < _FLAT else min(max(wanted / spread, 1 / MOST_GAIN), MOST_GAIN)


def _by_channel(numbers: Float[Tensor, " maps"], maps: tuple[MapKind, ...]) -> Float[Tensor, "1 c 1 1"]:
    counts = torch.tensor([kind.channels for kind in maps], device=numbers.device)
    return numbers.repeat_interleave(counts).view(1, -1, 1, 1)
