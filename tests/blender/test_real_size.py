import pytest

pytestmark = pytest.mark.blender


def test_a_texture_of_2_m_is_2_m_wide_on_any_surface(blender, tmp_path):
    found = blender.run("real_size", tmp_path)
    upright = {"red right": 2.0, "green up": 2.0}
    lying = {"red up": 2.0, "green right": 2.0}
    for scale in (1, 2):
        assert repeats(found[f"uv at {scale}"]) == upright
        assert repeats(found[f"object at {scale}"]) == upright
        assert repeats(found[f"box at {scale}"]) == lying
    assert repeats(found["uv of 2 to 1"]) == repeats(found["object of 2 to 1"]) == upright | {"green up": 1.0}
    assert repeats(found["box of 2 to 1"]) == lying | {"green right": 1.0}
    assert repeats(found["stretched UVs"]) == {"red right": 1.0, "green up": 1.0}
    for side in ("front", "right"):
        assert repeats(found[f"box: {side}"]) == upright | {"green up": 1.0}
    assert repeats(found["box: above"]) == lying | {"green right": 1.0}
    assert sorted(repeats(found["cube's own UVs"]).values()) == [1.0, 1.0]
    assert repeats(found["in Edit Mode"]) == upright
    assert repeats(found["worn by another, too"]) == lying
    assert found["groups"] == 1
    narrow, wide, widened = found["as wide as the other"]
    assert widened == pytest.approx(wide) == pytest.approx(4 * narrow)
    assert repeats(found["set to uv"]) == {"red right": 1.0, "green up": 1.0}
    assert repeats(found["set to object"]) == {"red right": 3.0, "green up": 3.0}
    assert repeats(found["set to box"]) == {"red up": 1.5, "green right": 1.5}
    sources = {kind: found[f"set to {kind}: sources"] for kind in ("uv", "object", "box")}
    assert sources == {"uv": ["TEX_COORD"], "object": ["GROUP"], "box": ["GROUP"]}
    assert found["remembered"] == 1.5
    assert found["no mapping"] == ("Error: quarters has no Mapping node for the texture alone: change its size there\n")


def test_what_is_said_of_uv_maps_that_can_not_be_followed(blender, tmp_path):
    found = blender.run("real_size", tmp_path)
    assert found["uv at 1"]["remark"] == found["a curve"] == ""
    assert found["uneven"] == "The UV map of Cube is uneven, so the texture is larger in some places than in others"
    assert found["no UVs"].pop("remark") == "Plane has no UV map: the texture is laid on it by Box projection"
    assert repeats(found["no UVs"]) == {"red up": 2.0, "green right": 2.0}


def repeats(found):
    return {where: round(metres, 1) for where, metres in found.items() if where != "remark"}
