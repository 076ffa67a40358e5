"""VGG-19 (Simonyan & Zisserman 2015), as torchvision trained it: features of a network that knows photographs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from ...job.description import Layer, MapKind, Pooling
from ..torus import HEIGHT, PLANE, TORUS, WIDTH, Wrap, resize
from . import fused_network, weights
from .convolution import Kernel, halved, rectified
from .lens import Maps, Piece, Span, crossed, divided, single

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

BLOCKS = tuple(count for _, count in weights.BLOCKS)
"""Convolutions between one pooling and the next (configuration E)."""
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the colours that the network was trained on; torchvision's input normalisation."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a layer stands in the network."""

    convolutions: int
    """That it is behind of."""
    stride: int
    """Texels from one of its places to the next."""
    reach: int
    """Places at its border that see beyond the image's."""


def _places() -> dict[Layer, _Place]:
    places, convolutions, stride, texels = {}, 0, 1, 0
    for block, count in enumerate(BLOCKS, 1):
        for number in range(1, count + 1):
            convolutions, texels = convolutions + 1, texels + stride
            reach = -(-texels // stride)
            places[Layer(f"relu{block}_{number}")] = _Place(convolutions=convolutions, stride=stride, reach=reach)
        stride *= 2
        places[Layer(f"pool{block}")] = _Place(convolutions=convolutions, stride=stride, reach=-(-texels // stride))
    return places


PLACES = _places()
_NUMBERS = {layer: place.convolutions - 1 for layer, place in PLACES.items() if not layer.startswith("pool")}
"""The convolution behind which each rectifier stands, counted from 0."""
_POOLINGS = {_NUMBERS[layer]: PLACES[layer].stride.bit_length() - 1 for layer in _NUMBERS}
"""Those before each convolution."""


def deepest(layers: Iterable[Layer]) -> Layer:
    """Of these layers."""
    order = list(Layer)
    return max(layers, key=order.index)


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """The convolutions of VGG-19, from the first to the deepest that is needed.

    An image in single precision runs through it in the precision of its kernels; on the CPU the features are as the
    image is, on a graphics card as they come.
    """

    kernels: tuple[Kernel, ...]
    maps: tuple[int, ...]
    """The channels of each map of an image."""

    def on_canvas(
        self, canvas: Float[Tensor, "1 c h w"], layers: Iterable[Layer], pooling: Pooling, wrap: Wrap
    ) -> Maps:
        """Features of a canvas, as a `NetworkLens` shows them."""
        lens = NetworkLens(network=self, layers=tuple(layers), pooling=pooling, wrap=wrap)
        return lens.look(lens.fitted(canvas))

    def on_exemplar(
        self, texels: Float[Tensor, "1 c h w"], layers: Iterable[Layer], pooling: Pooling
    ) -> dict[str, Float[Tensor, "c h w"]]:
        """Features of an image that simply ends: without the places that see beyond its border.

        Of an image so small that hardly any place would remain, the middle half of the places. One that is smaller
        than a place of the deepest layer is enlarged to it, as a canvas is.
        """
        wanted = set(layers)
        stride = PLACES[deepest(wanted)].stride
        height, width = (max(texels.shape[dim], stride) for dim in (HEIGHT, WIDTH))
        maps = self.run(resize(texels, height, width, PLANE), wanted, pooling, PLANE)
        return {layer: single(_inner(map_, PLACES[Layer(layer)].reach)) for layer, map_ in maps.items()}

    def run(
        self, image: Float[Tensor, "1 c h w"], wanted: set[Layer], pooling: Pooling, wrap: Wrap
    ) -> dict[str, Float[Tensor, "c h w"]]:
        """Features of an image whose sides the stride divides. At a border it is mirrored."""
        last = deepest(wanted)
        if len(self.kernels) < PLACES[last].convolutions:
            raise ValueError(f"{last.value} needs more than {len(self.kernels)} convolutions")
        x = self._as_colours(image)
        if wrap == TORUS and pooling is Pooling.AVERAGE and wanted <= _NUMBERS.keys() and self._is_fused(image):
            numbers = [_NUMBERS[layer] for layer in wanted]
            seen = fused_network.run(x, self.kernels, _POOLINGS, numbers)
            return {layer.value: map_.flatten(0, 1) for layer, map_ in zip(wanted, seen, strict=True)}
        if image.dtype == torch.float32:
            x = x.to(self.kernels[0].weight.dtype)
        x = x.contiguous(memory_format=torch.channels_last)  # as the kernels are applied fastest, on any device
        found: dict[str, Tensor] = {}
        kernels = iter(self.kernels)
        for block, count in enumerate(BLOCKS, 1):
            for number in range(1, count + 1):
                x = rectified(x, next(kernels), wrap)
                if _keep(found, x, image, Layer(f"relu{block}_{number}"), wanted):
                    return found
            x = halved(x) if pooling is Pooling.AVERAGE else functional.max_pool2d(x, 2)
            if _keep(found, x, image, Layer(f"pool{block}"), wanted):
                return found
        return found

    def _is_fused(self, image: Tensor) -> bool:
        return image.dtype == torch.float32 and fused_network.takes(self.kernels)

    def _as_colours(self, image: Tensor) -> Tensor:
        """Each map as a picture of its own, normalised: three channels as they are, a single one as grey.

        Their features become channels side by side, so that products of channels see what the maps have in common.
        """
        pictures = torch.cat([map_.expand(-1, 3, -1, -1) for map_ in image.split(list(self.maps), 1)])
        mean, deviation = (_of_channels(values, image.dtype, image.device) for values in (_MEAN, _DEVIATION))
        return (pictures - mean) / deviation


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkLens:
    """A network on a canvas. Along an axis that wraps it has no border; at a border it is mirrored."""

    network: Network
    layers: tuple[Layer, ...]
    pooling: Pooling
    wrap: Wrap

    def fitted(self, canvas: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c h w"]:
        """A side that the deepest layer's stride does not divide is resized to the nearest that it does.

        Else the pooling would leave out the last texels, and see a jump where the canvas wraps.
        """
        stride = PLACES[deepest(self.layers)].stride
        height, width = (max(round(canvas.shape[dim] / stride), 1) * stride for dim in (HEIGHT, WIDTH))
        return resize(canvas, height, width, self.wrap)

    def look(self, image: Float[Tensor, "1 c h w"]) -> Maps:
        """At all layers."""
        return self.network.run(image, set(self.layers), self.pooling, self.wrap)

    def pieces(self, size: tuple[int, int], side: int, layers: Collection[str]) -> list[Piece]:
        """Each with a margin as wide as the deepest of `layers` sees, on its grid, so that the pooling is the same."""
        place = PLACES[deepest(map(Layer, layers))]
        axes = []
        for dim, length in zip((HEIGHT, WIDTH), size, strict=True):
            ends, wraps = list(divided(length, side, place.stride)), self.wrap.along(dim)
            if len(ends) == 1:
                axes.append([Span(start=0, stop=length, closed=wraps)])
                continue
            margin = place.reach * place.stride
            axes.append(
                [
                    Span(
                        start=start,
                        stop=stop,
                        before=margin if wraps else min(margin, start),
                        after=margin if wraps else min(margin, length - stop),
                    )
                    for start, stop in ends
                ]
            )
        return crossed(axes[0], axes[1], layers)

    def look_at(self, piece: Piece, texels: Float[Tensor, "1 c r k"]) -> Maps:
        """Without the places that see beyond what was cut out, unless the canvas ends there."""
        maps = self.network.run(texels, set(map(Layer, piece.layers)), self.pooling, piece.wrap)
        return {layer: piece.inner(map_, self.stride(layer)) for layer, map_ in maps.items()}

    def stride(self, layer: str) -> int:
        """The pooling's."""
        return PLACES[Layer(layer)].stride


def load(
    path: str,
    layers: Iterable[Layer],
    maps: tuple[MapKind, ...],
    device: torch.device,
    number: torch.dtype = torch.float32,
) -> Network:
    """The network as deep as the deepest of `layers`, from a weights file, for images of `maps`. Raises InputError."""
    last = deepest(layers)
    state = weights.load(path, last.value)
    indices = [convolution.index for convolution in weights.CONVOLUTIONS[: PLACES[last].convolutions]]
    return Network(
        kernels=tuple(
            Kernel.of(*(state[f"features.{i}.{part}"].to(device, number) for part in ("weight", "bias")))
            for i in indices
        ),
        maps=tuple(kind.channels for kind in maps),
    )


def _keep(found: dict[str, Tensor], x: Tensor, like: Tensor, layer: Layer, wanted: set[Layer]) -> bool:
    """Notes a layer that is wanted; whether it was the last."""
    if layer in wanted:
        # on a graphics card as they are: most of the time would go into copying them
        found[layer.value] = (x if x.is_cuda else x.to(like)).flatten(0, 1)
    return len(found) == len(wanted)


@cache
def _of_channels(values: tuple[float, ...], number: torch.dtype, device: torch.device) -> Float[Tensor, "3 1 1"]:
    """Kept, so that a graphics card need not wait for them."""
    return torch.tensor(values, dtype=number, device=device)[:, None, None]


def _inner(map_: Tensor, reach: int) -> Tensor:
    top, left = (min(reach, length // 4) for length in map_.shape[1:])
    return map_[:, top : map_.shape[1] - top, left : map_.shape[2] - left]
