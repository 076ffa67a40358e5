from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from neural_texture_addon.engine import memory
from neural_texture_addon.engine import picture as pictures
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.engine.torus import HEIGHT, WIDTH
from neural_texture_addon.job.description import Canvas, Fit, Picture, Tiling

Show = Callable[..., Picture]


@pytest.fixture
def shown(tmp_path: Path) -> Show:
    """Writes a picture: red grows to the right, green downwards, blue is noise."""

    def make(height: int, width: int, fit: Fit = Fit.CROP) -> Picture:
        y, x = np.mgrid[0:height, 0:width] + 0.5
        blue = np.random.default_rng(1).uniform(0, 1, (height, width))
        texels = (np.stack((x / width, y / height, blue), 2) * 255).round().astype(np.uint8)
        Image.fromarray(texels).save(tmp_path / "picture.png")
        return Picture(path=str(tmp_path / "picture.png"), fit=fit)

    return make


def texels(picture: Picture) -> torch.Tensor:
    with Image.open(picture.path) as image:
        return torch.tensor(np.asarray(image, dtype=np.float32) / 255).movedim(2, 0)[None]


@given(
    st.sampled_from(Fit),
    st.sampled_from(Tiling),
    st.integers(1, 60),
    st.integers(1, 60),
    st.integers(16, 50),
    st.integers(16, 50),
)
def test_any_picture_gets_the_canvass_shape(
    shown: Show, fit: Fit, tiling: Tiling, h: int, w: int, height: int, width: int
) -> None:
    made = pictures.load(shown(h, w, fit), Canvas(height=height, width=width, tiling=tiling))
    assert made.shape == (1, 3, height, width)
    assert made.dtype == torch.float32
    assert 0 <= float(made.min()) <= float(made.max()) <= 1


@pytest.mark.parametrize("fit", [Fit.CROP, Fit.WRAP])
def test_a_picture_of_the_canvass_size_is_taken_as_it_is(shown: Show, fit: Fit) -> None:
    picture = shown(20, 30, fit)
    assert torch.equal(pictures.load(picture, Canvas(height=20, width=30)), texels(picture))


@pytest.mark.parametrize(("h", "w"), [(20, 50), (51, 20), (20, 21)])
def test_a_crop_keeps_the_middle_undistorted_and_as_much_as_fits(shown: Show, h: int, w: int) -> None:
    picture = shown(h, w)
    made = pictures.load(picture, Canvas(height=20, width=20))
    top, left = (h - 20) // 2, (w - 20) // 2
    assert torch.equal(made, texels(picture)[:, :, top : top + 20, left : left + 20])


def test_a_crop_has_the_canvass_proportions(shown: Show) -> None:
    made = pictures.load(shown(100, 100), Canvas(height=32, width=64))
    red, green = made[0, 0].mean(0), made[0, 1].mean(1)
    assert float(red[-1] - red[0]) == pytest.approx(1, abs=0.03)
    assert float(green[-1] - green[0]) == pytest.approx(0.5, abs=0.03)
    assert float(green.mean()) == pytest.approx(0.5, abs=0.02)


def test_to_wrap_stretches_all_of_it(shown: Show) -> None:
    made = pictures.load(shown(40, 100, Fit.WRAP), Canvas(height=64, width=32, tiling=Tiling.NONE))
    red, green = made[0, 0].mean(0), made[0, 1].mean(1)
    assert float(red[-1] - red[0]) == pytest.approx(1, abs=0.05)
    assert float(green[-1] - green[0]) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("tiling", Tiling)
def test_it_wraps_along_the_axes_that_wrap(shown: Show, tiling: Tiling) -> None:
    """There the first line and the last, resampled, mix black and white; elsewhere they don't."""
    made = pictures.load(shown(16, 16, Fit.WRAP), Canvas(height=64, width=64, tiling=tiling))
    along_x, along_y = tiling in (Tiling.BOTH, Tiling.X), tiling in (Tiling.BOTH, Tiling.Y)
    assert (float(made[0, 0, :, 0].mean()) > 0.2) == along_x
    assert (float(made[0, 1, 0].mean()) > 0.2) == along_y


@given(st.integers(8, 40), st.integers(8, 40), st.integers(16, 50), st.integers(16, 50))
def test_a_mirrored_picture_is_its_own_mirror_image(shown: Show, h: int, w: int, height: int, width: int) -> None:
    made = pictures.load(shown(h, w, Fit.MIRROR), Canvas(height=height, width=width))
    torch.testing.assert_close(made, made.flip(HEIGHT), rtol=0, atol=1e-5)
    torch.testing.assert_close(made, made.flip(WIDTH), rtol=0, atol=1e-5)


def test_each_copy_is_half_of_the_canvas(shown: Show) -> None:
    picture = shown(16, 24, Fit.MIRROR)
    made = pictures.load(picture, Canvas(height=32, width=48))
    assert torch.equal(made[:, :, :16, :24], texels(picture))


def test_a_mirrored_picture_has_no_seam(shown: Show, seam: Callable[[torch.Tensor, int], float]) -> None:
    canvas = Canvas(height=48, width=48)
    for dim in (HEIGHT, WIDTH):
        channel = 0 if dim == WIDTH else 1
        mirrored = pictures.load(shown(50, 70, Fit.MIRROR), canvas)[:, [channel]]
        cropped = pictures.load(shown(50, 70, Fit.CROP), canvas)[:, [channel]]
        assert seam(mirrored, dim) < 0.5
        assert seam(cropped, dim) > 5


@pytest.mark.parametrize("fit", Fit)
def test_a_picture_that_cannot_be_read_is_bad_input_in_one_line(tmp_path: Path, fit: Fit) -> None:
    (tmp_path / "text.png").write_text("no image")
    for name in ("missing.png", "text.png", ""):
        with pytest.raises(InputError) as caught:
            pictures.load(Picture(path=str(tmp_path / name), fit=fit), Canvas())
        assert str(tmp_path / name) in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1


def test_a_picture_that_would_take_more_memory_than_allowed_is_refused_before_it_does(shown: Show) -> None:
    cpu, picture = torch.device("cpu"), shown(20, 30)
    memory.keep_within(cpu, memory.held(cpu) / memory.GB + 1)
    try:
        with pytest.raises(InputError, match=r"picture.png: its 16384x16384 px take 9\.7 GB of memory"):
            pictures.load(picture, Canvas(width=16384, height=16384))
    finally:
        memory.keep_within(cpu, 0)
