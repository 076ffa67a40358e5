import pytest

pytestmark = pytest.mark.blender


@pytest.fixture
def found(blender, style, tmp_path):
    return blender.run("style_images", style, tmp_path)


def test_style_images_from_everywhere(found, style):
    """One Blender for all of it: starting one takes longer than what is asked of it."""
    _dropped(found, style)


def _dropped(found, style):
    assert found["drop: registered"]
    assert {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".exr"} <= set(found["drop: takes"])
    assert not found["drop: without an editor"]
    assert found["dropped"] == ["FINISHED"]
    assert found["drop: images"] == [["speckles", str(style)], ["other", str(style.parent / "other.png")]]
    assert found["drop: selected"] == 1
    assert not found["drop: left behind"]
