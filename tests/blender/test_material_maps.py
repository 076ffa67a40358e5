import pytest
from PIL import Image

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_maps_are_wired_whatever_image_they_are_in_and_their_strength_is_at_hand(blender, tmp_path):
    for name in ("Color", "Normal", "ARM"):
        Image.effect_noise((32, 32), 60).convert("RGB").save(tmp_path / f"wall_{name}.png")
    found = blender.run("material_maps", tmp_path, tmp_path)
    packed, unity, plain = (found[name] for name in ("packed plain", "separate unity", "separate plain"))
    arm = {kind: ["wall_Color.002", ["Separate Color"]] for kind in ("roughness", "occlusion", "metalness")}
    assert packed["wired"] == arm | {
        "colour": ["wall_Color", ["Principled BSDF"]],
        "normal": ["wall_Color.001", ["Group"]],
    }
    assert packed["files"] == {"colour": "result.png", "normal": "result_normal.png"} | dict.fromkeys(
        arm, "result_arm.png"
    )
    assert found["record"] == sorted(packed["files"])
    assert found["again"] == packed["wired"], "made again, in the same images"
    assert found["again: images"] == ["wall_Color", "wall_Color.001", "wall_Color.002"]
    assert found["in place"]

    shared = ["Math", "Separate Color"]
    assert {kind: to for kind, (_, to) in unity["wired"].items()} == {
        "colour": ["Principled BSDF"],
        "normal": ["Normal Map"],
        "roughness": shared,
        "metalness": shared,
        "occlusion": ["Group"],
    }
    assert unity["files"]["roughness"] == unity["files"]["metalness"] == "wall_MetallicSmoothness.png"
    assert "CHANNEL_PACKED" in unity["alpha"], "where smoothness is no transparency"
    assert len(set(plain["files"].values())) == 5

    assert found["strengths"] == {"normal": ["Group", "Strength", 1.0], "roughness": ["Math", "Value", 1.0]}
    assert found["strengths by UV"] == ["Normal Map", "Strength", 0.5], "it stays with another projection"
    assert found["drawn"] == {
        "icons": 5,
        "labels": ["Colour", "Normal", "Roughness", "Occlusion", "Metalness"],
        "sliders": ["Strength", "Strength"],
    }
    wired, remark = found["other files in it"]
    assert {kind: wired[kind] for kind in arm} == arm, "no channel of another meaning"
    assert wired["normal"] == plain["wired"]["normal"]
    assert "lies beside your nodes" in remark

    assert found["estimated"] == {
        "normal": "wall_Color_004 Normal (Estimate)",
        "height": "wall_Color_004 Height (Estimate)",
    }
    assert found["estimated: wired"] == ["colour", "height", "normal"]
    assert found["estimated: strengths"]["height"] == ["Displacement", "Scale", 0.02]
    faults = found["faults"]
    assert faults["colour"] == "Error: bare shows no image as its colour"
    assert faults["field"].startswith("Error: releif is unknown; allowed: flatten, light_size, relief")
    assert faults["value"] == "Error: relief is 7.0; allowed: a number from 0.0 to 1.0"
    assert faults["map"].startswith('Error: maps[0] is "heihgt"; allowed: colour, normal')
    assert faults["thing"] == "Error: Cube is no material"
    assert faults["none"] == "Error: No map is chosen: choose one"
