from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from neural_texture_addon.engine import plasma_file
from neural_texture_addon.engine.errors import EngineError, InputError
from neural_texture_addon.engine.torus import HEIGHT, WIDTH
from neural_texture_addon.job.description import Exemplar, MapKind


def texels(path: Path) -> torch.Tensor:
    with Image.open(path) as image:
        return torch.tensor(np.asarray(image.convert("RGB"), dtype=np.float32)).movedim(2, 0)[None]


@pytest.mark.parametrize("name", ["a.png", "a.tiff", "a.WEBP"])
def test_a_plasma_alone_is_grey_and_tiles(tmp_path: Path, name: str, seam: Callable[..., float]) -> None:
    plasma_file.write(tmp_path / name, 80, 48, 0.6, 1, None)
    made = texels(tmp_path / name)
    assert made.shape == (1, 3, 48, 80)
    assert torch.equal(made[:, 0], made[:, 2])
    assert float(made.min()) < 10
    assert float(made.max()) > 245
    assert max(seam(made, dim) for dim in (HEIGHT, WIDTH)) < 1.3


def test_it_takes_the_colours_of_an_image(tmp_path: Path, exemplar_file: Callable[..., Exemplar]) -> None:
    path = exemplar_file().maps[MapKind.COLOUR]
    plasma_file.write(tmp_path / "a.png", 64, 64, 0.6, 1, path)
    made, wanted = texels(tmp_path / "a.png"), texels(Path(path))
    torch.testing.assert_close(made.mean((2, 3)), wanted.mean((2, 3)), atol=5, rtol=0)
    torch.testing.assert_close(made.std((2, 3)), wanted.std((2, 3)), rtol=0.3, atol=0)


def test_a_seed_means_one_file(tmp_path: Path) -> None:
    for name, seed in (("a.png", 1), ("b.png", 1), ("c.png", 2)):
        plasma_file.write(tmp_path / name, 32, 32, 0.6, seed, None)
    a, b, c = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert a == b != c


@pytest.mark.parametrize(
    ("name", "width", "seed", "named"),
    [
        ("a.jpg", 64, 1, "a.jpg"),
        ("a", 64, 1, "allowed"),
        ("a.png", 7, 1, "width is 7"),
        ("a.png", 64, -1, "random_seed"),
    ],
)
def test_what_it_cannot_do_is_bad_input(tmp_path: Path, name: str, width: int, seed: int, named: str) -> None:
    with pytest.raises(InputError, match=named):
        plasma_file.write(tmp_path / name, width, 64, 0.6, seed, None)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_fails(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="could not be written"):
        plasma_file.write(tmp_path / "missing" / "a.png", 64, 64, 0.6, 1, None)
