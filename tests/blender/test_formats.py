import pytest

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_a_texture_looks_the_same_in_every_format(blender, style, tmp_path):
    found = blender.run("formats", style, tmp_path)
    for name in ("png 8", "png 16", "exr 16", "exr 32"):
        seen = found[name]
        assert seen["packed"], name
        assert seen["reopened"], name
        assert seen["data"] == {"colour": False, "roughness": True}, name
        assert max(seen["off"].values()) < 0.006, "half a step of 8 bits, where the curve is steepest"
    for name in ("png 16", "exr 32"):
        assert found[name]["levels"]["roughness"] > 256, name
