import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.blender
SIDE = 64
SAME = 0.02
"""Mean difference as a share of the contrast: what 8 bits leave."""


@pytest.fixture
def bumps(tmp_path):
    """A colour and the normals of bumps; files."""
    rng = np.random.default_rng(5)
    heights = np.fft.ifft2(np.fft.fft2(rng.normal(size=(SIDE, SIDE))) * np.exp(-200 * sum_of_squares())).real
    upward, right = np.gradient(heights / heights.std() * 2)
    normals = np.dstack([-right, upward, np.ones_like(right)])
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    paths = tmp_path / "bumps.png", tmp_path / "bumps_normal.png"
    Image.fromarray(rng.integers(120, 136, (SIDE, SIDE, 3), np.uint8)).save(paths[0])
    Image.fromarray(np.rint((normals + 1) * 127.5).astype(np.uint8)).save(paths[1])
    return paths


def sum_of_squares():
    waves = np.fft.fftfreq(SIDE)
    return waves[:, None] ** 2 + waves[None] ** 2


def test_a_material_is_lit_the_same_whichever_way_the_green_of_its_file_points(blender, bumps, tmp_path):
    found = blender.run("green", *bumps, tmp_path)
    assert found["green of the files"] < 0.01, "they are upside down to each other"
    assert found["wrong green"] > 20 * SAME
    assert found["ours"].keys() == {"uv", "box", "object"}
    assert max(found["ours"].values()) < SAME, found
    for nodes in ("plain", "inverted"):
        assert max(found["artist's"][nodes].values()) < SAME, found
    assert found["a set's file"] < SAME
