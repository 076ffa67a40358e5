from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.blender
STEPS = np.arange(32 * 32).reshape(32, 32)
LEVELS = np.stack([STEPS % 256, STEPS // 4 % 256, 255 - STEPS % 256], axis=2)
"""What the scenario painted."""
LIGHT = np.linspace(-0.5, 1.5, 32 * 32).reshape(32, 32).clip(0, 1)


@pytest.fixture
def found(blender, style, tmp_path):
    return blender.run("style_images", style, tmp_path)


def test_style_images_from_everywhere(found, style, tmp_path):
    """One Blender for all of it: starting one takes longer than what is asked of it."""
    _dropped(found, style)
    _files_as_they_are(found, style)
    _values_survive(found)
    _light_is_encoded(found)
    _part_of_a_job(found, tmp_path)
    _cropped(found)
    _thumbnails(found, style)
    _refused(found, tmp_path)


def _dropped(found, style):
    assert found["drop: registered"]
    assert {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".exr"} <= set(found["drop: takes"])
    assert not found["drop: without an editor"]
    assert found["dropped"] == ["FINISHED"]
    assert found["drop: images"] == [["speckles", str(style)], ["other", str(style.parent / "other.png")]]
    assert found["drop: selected"] == 1
    assert not found["drop: left behind"]


def _files_as_they_are(found, style):
    assert found["files"]["saved"] == str(style)
    assert found["files"]["packed"] != str(style)
    assert Path(found["files"]["packed"]).read_bytes() == style.read_bytes()
    assert found["changed"] == []
    assert found["images left behind"] == 0
    assert Path(found["files"]["dirty"]).parent.name == "inputs"
    assert len(set(found["files"].values())) == len(found["files"])


def _values_survive(found):
    assert np.array_equal(texels(found, "byte"), LEVELS)
    assert np.array_equal(texels(found, "from the .blend")[:, :, :3], LEVELS)
    assert np.array_equal(texels(found, "generated"), np.array(found["generated"])[:, :, :3])
    assert (texels(found, "repainted") == 255).all()
    painted, before = texels(found, "dirty"), texels(found, "saved")
    assert (painted != before).any(axis=2).sum() == 1
    assert painted[-1, 0, 0] != before[-1, 0, 0]
    half = texels(found, "half")
    assert np.array_equal(half[:, :, :3], LEVELS)
    assert (half[:, :, 3] == 128).all()
    grey = np.array(Image.open(found["files"]["byte"]).convert("L")).astype(int)
    assert abs(texels(found, "byte as height").astype(int) - grey).max() <= 1


def _light_is_encoded(found):
    srgb = np.where(LIGHT <= 0.0031308, 12.92 * LIGHT, 1.055 * LIGHT ** (1 / 2.4) - 0.055)
    for name in ("scene linear", "exr", "faint"):
        assert abs(texels(found, name)[:, :, :3].astype(int) - np.rint(srgb * 255)[:, :, None]).max() <= 1, name
    assert (texels(found, "faint")[:, :, 3] == 64).all()
    assert abs(texels(found, "data as colour") - np.rint(LIGHT * 255)[:, :, None]).max() <= 1
    for name in ("height", "data as height"):
        deep = texels(found, name).astype(int)
        assert deep.max() == 65535, name
        assert abs(deep - np.rint(LIGHT * 65535)).max() <= 1, name


def _part_of_a_job(found, tmp_path):
    assert found["row"] == [["byte", "byte", ""]]
    assert found["row's height"] == "data"
    assert found["made"] == found["saved job"] == ["FINISHED"]
    assert found["made of"] == {"colour": str(tmp_path / "made" / "inputs" / "byte.png")}
    assert found["job's images"] == {"colour": str(tmp_path / "brick_inputs" / "byte.png")}
    for maps in (found["made of"], found["job's images"]):
        assert np.array_equal(np.array(Image.open(maps["colour"])), LEVELS)
    assert found["from the .blend"] == "byte"


def _cropped(found):
    assert "There is no window: set the crop's numbers instead" in found["crop without a window"]
    crop = found["cropped"]
    assert (crop["left"], crop["top"]) == (100 / 300, 7 / 70)
    assert (crop["width"], crop["height"]) == (199 / 300, 62 / 70)
    assert found["cropped to all of it"] is None


def _thumbnails(found, style):
    assert found["previews"] == [[str(style)], []]
    assert not found["previews: left behind"]
    assert "ResourceWarning" not in found["output"]


def _refused(found, tmp_path):
    for name in ("tiled", "tiled later"):
        assert "tiled is made of several UDIM tiles: add the file of one tile" in found[name]
    assert f"The style image is not there: {tmp_path / 'gone.png'}" in found["file gone"]
    assert found["removed: fault"] == "A style image is no longer in Blender: choose another or remove it"
    assert "A style image names no file: choose one or remove it" in found["removed"]
    assert "No image was chosen" in found["no image"]


def texels(found, name):
    return np.array(Image.open(found["files"][name]))
