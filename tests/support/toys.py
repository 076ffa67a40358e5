"""Tiny pictures, a tiny network and what an objective is built in, in double precision."""

from collections.abc import Callable
from typing import Any

import torch

from neural_texture_addon.engine.exemplar import Exemplar
from neural_texture_addon.engine.features.convolution import Kernel
from neural_texture_addon.engine.features.orthogonal import OrthogonalDirections
from neural_texture_addon.engine.features.patches import Filters
from neural_texture_addon.engine.features.vgg import PLACES, Network
from neural_texture_addon.engine.objective import Objective, Surroundings
from neural_texture_addon.engine.schedule import Octave
from neural_texture_addon.engine.tiles import Plan
from neural_texture_addon.engine.torus import TORUS, Wrap
from neural_texture_addon.job.description import Layer, MapKind, Term


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def waves(height: int, width: int, channels: int = 3, period: int = 8) -> torch.Tensor:
    """A picture that repeats after `period` texels of either side, another in each channel."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    phases = [2 * torch.pi * (a * x + b * y) / period for a, b in ((1, 0), (0, 1), (1, 1), (2, 1))[:channels]]
    return torch.stack([0.5 + 0.3 * phase.sin() + 0.1 * (2 * phase).cos() for phase in phases]).double()[None]


def filters(channels: int, size: int, offset: tuple[float, float] = (0.0, 0.0), count: int = 5) -> Filters:
    """Random ones."""
    kernels = (
        OrthogonalDirections(channels * size**2)
        .draw(count, torch.Generator().manual_seed(4))
        .view(-1, channels, size, size)
    )
    return Filters(kernels=kernels.double(), offset=torch.tensor(offset, dtype=torch.float64))


def network(deepest: Layer = Layer.POOL5, maps: tuple[int, ...] = (3,), width: int = 4) -> Network:
    """VGG-19 with few, random kernels; its features keep their size from layer to layer."""
    generator, kernels = torch.Generator().manual_seed(3), []
    for inputs in [3, *[width] * (PLACES[deepest].convolutions - 1)]:
        weight = torch.randn(width, inputs, 3, 3, generator=generator, dtype=torch.float64) / (4.5 * inputs) ** 0.5
        bias = 0.1 * torch.randn(width, generator=generator, dtype=torch.float64)
        kernels.append(Kernel.of(weight, bias))
    return Network(kernels=tuple(kernels), maps=maps)


def around(
    exemplars: list[torch.Tensor],
    side: int = 256,
    *,
    weights: list[float] | None = None,
    indices: list[int] | None = None,
    content: torch.Tensor | None = None,
    wrap: Wrap = TORUS,
    net: Network | None = None,
    maps: tuple[MapKind, ...] = (MapKind.COLOUR,),
    seed: int = 3,
    scale: float = 1.0,
) -> Surroundings:
    """A single octave of this side."""
    given = zip(exemplars, weights or [1.0] * len(exemplars), indices or range(len(exemplars)), strict=True)
    return Surroundings(
        exemplars=[Exemplar(texels=texels, weight=weight, index=index) for texels, weight, index in given],
        content=content,
        maps=maps,
        octave=Octave(width=side, height=side, scale=scale, fineness=1.0, extent=side),
        wrap=wrap,
        network=net,
        generator=torch.Generator().manual_seed(seed),
    )


def objective(
    *terms: Term,
    exemplars: list[torch.Tensor],
    start: torch.Tensor | None = None,
    plan: Plan | None = None,
    exemplar_plan: Plan | None = None,
    **fields: Any,
) -> Objective:
    """Of one level, at the exemplars' own size."""
    start = noise(1, 3, 16, 16) if start is None else start
    return Objective(terms, start, around(exemplars, **fields), plan, exemplar_plan)


def anew(loss: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
    """The same, computed once more each time its gradient is asked for: gradcheck does so twice."""

    class Anew(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, canvas: torch.Tensor) -> torch.Tensor:
            context.save_for_backward(canvas)
            return loss(canvas.detach())

        @staticmethod
        def backward(context: Any, slope: torch.Tensor) -> torch.Tensor:
            canvas = context.saved_tensors[0].detach().requires_grad_()
            with torch.enable_grad():
                return torch.autograd.grad(loss(canvas), canvas)[0] * slope

    return Anew.apply
