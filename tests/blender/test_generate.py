import pytest

pytestmark = pytest.mark.blender


def test_a_texture_is_generated_hung_up_undone_and_the_extension_leaves_nothing_behind(blender, style, tmp_path):
    found = blender.run("generate", style, tmp_path / "out")
    assert found["defaults"] == {"width": 512, "height": 512, "seed": 1, "tiling": "preset", "preset": "default"}
    assert found["result"] == ["FINISHED"]
    assert found["material"] == {
        "links": [
            "BSDF_PRINCIPLED.BSDF > OUTPUT_MATERIAL.Surface",
            "MAPPING.Vector > TEX_IMAGE.Vector",
            "TEX_COORD.UV > MAPPING.Vector",
            "TEX_IMAGE.Color > BSDF_PRINCIPLED.Base Color",
        ],
        "extension": "REPEAT",
        "size": [64, 48],
        "colour space": "sRGB",
        "is data": False,
        "path": str(tmp_path / "out" / "result.png"),
        "users": 1,
        "has pixels": True,
    }
    assert found["before"] == {"slots": ["Material"], "images": [], "materials": ["Material"]}
    assert found["after"] == {"slots": ["speckles"], "images": ["speckles"], "materials": ["speckles"]}
    assert found["undone"] == found["before"]
    assert found["redone"] == found["after"]
    assert found["left"] == found["handlers left"] == []
    assert not found["property left"]
    assert "octave 1 of 3" in found["output"]
    assert "Info: 64 x 48 px, made in" in found["output"]
    assert found["roughness"] == {"is data": True, "goes to": ["Math", "Roughness"]}
    assert {
        "NORMAL_MAP.Normal > BSDF_PRINCIPLED.Normal",
        "DISPLACEMENT.Displacement > OUTPUT_MATERIAL.Displacement",
    } <= set(found["normal and height"])
