"""Pictures and canvases to try the engine on; all of them small."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from neural_texture_addon.engine import image_file
from neural_texture_addon.job.description import (
    Adam,
    Canvas,
    Exemplar,
    Job,
    MapKind,
    Octaves,
    Optimise,
    Patches,
    SlicedWasserstein,
)

torch.set_num_threads(1)
CHANNELS = {kind: "RGB" if kind.channels > 1 else "L" for kind in MapKind}


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(1)


@pytest.fixture
def seam() -> Callable[[torch.Tensor, int], float]:
    """The jump from the last line to the first along a dimension, over the largest jump between inner lines."""

    def measured(image: torch.Tensor, dim: int) -> float:
        jumps = (image.roll(-1, dim) - image).abs().movedim(dim, 0).flatten(1).mean(1)
        return float(jumps[-1] / jumps[:-1].max())

    return measured


@pytest.fixture
def example() -> Callable[[str, MapKind], torch.Tensor]:
    """A rendered map of one of the project's own surfaces."""
    folder = Path(__file__).resolve().parents[2] / "examples"
    ends = {
        MapKind.COLOUR: "Color",
        MapKind.NORMAL: "NormalGL",
        MapKind.HEIGHT: "Height",
        MapKind.ROUGHNESS: "Roughness",
    }

    def read(name: str, kind: MapKind) -> torch.Tensor:
        return image_file.read(str(folder / name / f"{name}_{ends[kind]}.png"), kind).values

    return read


def texels_of(height: int, width: int, seed: int = 0) -> np.ndarray:
    """A rough gradient with blotches: no two rows alike, opposite borders far apart."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    ramps = np.stack((x / width, y / height, (x + y) / (width + height)), 2)
    blotches = random.normal(0, 0.12, (height // 4 + 1, width // 4 + 1, 3)).repeat(4, 0).repeat(4, 1)
    return ((0.2 + 0.6 * ramps + blotches[:height, :width]).clip(0, 1) * 255).round().astype(np.uint8)


@pytest.fixture
def exemplar_file(tmp_path: Path) -> Callable[..., Exemplar]:
    """Writes a style image (each of its maps) and describes it."""

    def make(
        height: int = 40, width: int = 48, *, seed: int = 0, maps: tuple[MapKind, ...] = (MapKind.COLOUR,), **fields
    ) -> Exemplar:
        paths = {}
        for number, kind in enumerate(maps):
            path = tmp_path / f"{kind.value}_{height}_{width}_{seed}.png"
            Image.fromarray(texels_of(height, width, 10 * seed + number)).convert(CHANNELS[kind]).save(path)
            paths[kind] = str(path)
        return Exemplar(maps=paths, **fields)

    return make


@pytest.fixture
def small_job() -> Callable[..., Job]:
    """A job that lasts a fraction of a second."""

    def make(
        *exemplars: Exemplar,
        iterations: int = 3,
        growth: float = 2.0,
        start_size: int = 12,
        stride_from: int = 24,
        filters: int = 8,
        **canvas,
    ) -> Job:
        term = SlicedWasserstein(features=Patches(size=4, filters=filters, stride_from=stride_from))
        return Job(
            exemplars=exemplars,
            canvas=Canvas(**({"width": 32, "height": 32} | canvas)),
            octaves=Octaves(start_size=start_size, growth=growth),
            steps=(Optimise(terms=(term,), solver=Adam(iterations=iterations, coarse_iterations=iterations)),),
        )

    return make
