import numpy as np
import pytest
from PIL import Image

from neural_texture_addon.job.description import PACKED, Green, MapKind, Packing

pytestmark = pytest.mark.blender
SIZE = 32


@pytest.fixture
def maps(tmp_path):
    """Files of all maps, each with texels of its own; and the texels."""
    rng = np.random.default_rng(3)
    texels = {}
    for kind in MapKind:
        shape = (SIZE, SIZE, 3) if kind.channels > 1 else (SIZE, SIZE)
        texels[kind] = rng.integers(0, 256, shape, np.uint8)
        Image.fromarray(texels[kind]).save(tmp_path / f"{kind.value}.png")
    Image.fromarray(np.dstack([texels[kind] for kind in PACKED])).save(tmp_path / "packed.png")
    return texels


@pytest.mark.parametrize(("packing", "green"), list(zip(Packing, Green, strict=True)))
def test_a_material_survives_blenders_gltf_exporter_and_importer(blender, maps, tmp_path, packing, green):
    found = blender.run("gltf", tmp_path, packing.value, green.value)
    packed_here = packing is Packing.PACKED
    assert found["textures"] == (4 if packed_here else 6)
    for name, channel in (("Occlusion", "Red"), ("Roughness", "Green"), ("Metallic", "Blue")):
        wired = found["wired"][name]
        assert (wired["channel"], wired["space"]) == (channel if packed_here else "Color", "Non-Color")
    material, shading = found["material"], found["material"]["pbrMetallicRoughness"]
    packed = shading["metallicRoughnessTexture"]["index"]
    assert material["occlusionTexture"]["index"] == packed, "occlusion, roughness and metalness in one image"
    assert found["images"] == 3
    assert {"baseColorTexture", "metallicRoughnessTexture"} <= shading.keys()
    assert "normalTexture" in material

    back = found["back"]
    ways = {name: (each["channel"], each["space"]) for name, each in back.items()}
    assert ways == {
        "Base Color": ("Color", "sRGB"),
        "Normal": ("Color", "Non-Color"),
        "Occlusion": ("Red", "Non-Color"),
        "Roughness": ("Green", "Non-Color"),
        "Metallic": ("Blue", "Non-Color"),
    }
    assert len({back[name]["image"] for name in ("Occlusion", "Roughness", "Metallic")}) == 1
    kinds = {
        "Base Color": MapKind.COLOUR,
        "Normal": MapKind.NORMAL,
        "Occlusion": MapKind.OCCLUSION,
        "Roughness": MapKind.ROUGHNESS,
        "Metallic": MapKind.METALNESS,
    }
    if green is Green.DIRECTX:
        maps[MapKind.NORMAL][..., 1] = 255 - maps[MapKind.NORMAL][..., 1]  # glTF has OpenGL's
    for name, kind in kinds.items():
        assert np.array_equal(np.array(back[name]["texels"])[::-1], maps[kind]), name
    normal, apart = maps[MapKind.NORMAL], {name: np.array(each)[::-1] for name, each in found["apart"].items()}
    assert np.array_equal(apart["AUTO"], normal)
    assert np.corrcoef(apart["JPEG"][..., 1].ravel(), normal[..., 1].ravel())[0, 1] > 0.5, "not the other way"
    assert found["scale"]
    assert all(scale[:2] == pytest.approx([4.0, 4.0]) for scale in found["scale"]), "as wide as it was"
