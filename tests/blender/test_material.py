import pytest

pytestmark = pytest.mark.blender


def test_images_are_exchanged_in_an_artists_material_and_nothing_else(blender, style, tmp_path):
    found = blender.run("material", style, tmp_path)
    swapped = found["artist's"]
    assert swapped["changed"] == {"Image Texture.001": "new colour", "Image Texture.002": "new roughness"}
    assert swapped["only images changed"]
    assert not swapped["links broken"]
    assert swapped["remark"] == ""
    assert {
        "Normal Map.Normal > Principled BSDF.Normal",
        "Displacement.Displacement > Material Output.Displacement",
    } < set(swapped["links made"])

    assert found["taken"]["changed"] == {}
    assert not found["taken"]["links broken"]
    assert not any("Principled" in link for link in found["taken"]["links made"])
    assert found["taken"]["remark"] == (
        "procedural has no image for the colour map: it lies beside your nodes, not connected"
    )
    assert found["without principled"]["changed"] == {"Image Texture": "new colour"}

    assert found["built"]["displacement"] == "BOTH"
    assert {
        "Image Texture.Color > Principled BSDF.Base Color",
        "Image Texture.003.Color > Math.Value",
        "Math.Value > Principled BSDF.Roughness",
        "Image Texture.005.Color > Principled BSDF.Metallic",
        "Normal Map.Normal > Principled BSDF.Normal",
        "Displacement.Displacement > Material Output.Displacement",
    } < set(found["built"]["links"])
    beside = [link for link in found["built"]["links"] if link.startswith("Image Texture.004.")]
    assert [link.split(" > ")[1].split(".")[0] for link in beside] == ["Group"], (
        "occlusion is for the glTF exporter only"
    )

    replaced = found["replaced"]
    assert replaced["worn"] == "artist's"
    assert replaced["after"] == replaced["before"]
    assert replaced["packed"]
    assert replaced["pixels"]
    assert not found["beside"]["packed"]
    assert found["beside"]["path"] == "//textures/neural_texture/speckles_002/result.png"
    assert found["into a plain one"]["worn"] == "plain"
    assert all(found[name]["undone"] for name in ("replaced", "beside", "into a plain one"))
