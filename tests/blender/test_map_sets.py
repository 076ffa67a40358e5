import pytest
from PIL import Image

pytestmark = pytest.mark.blender


@pytest.fixture
def folder(tmp_path):
    """The maps of a wall among other files; those of stones in a folder of their own."""
    made = tmp_path / "maps"
    (made / "stones").mkdir(parents=True)
    walls = [f"wall_{kind}" for kind in ("Color", "NormalDX", "Roughness", "Displacement")]
    stones = ["stones/stones_diff_1k", "stones/stones_arm_1k"]
    (made / "tiles").mkdir()
    tiles = ["tiles/tiles_BaseMap", "tiles/tiles_MaskMap"]
    for name in (*walls, *stones, *tiles, "plain", "moss_Height", "moss_Roughness"):
        Image.new("RGB", (16, 16), "grey").save(made / f"{name}.png")
    return made


def test_one_file_of_a_set_of_maps_brings_the_others(blender, folder):
    found = blender.run("map_sets", folder)
    wall = {
        "colour": "wall_Color.png",
        "normal": "wall_NormalDX.png",
        "height": "wall_Displacement.png",
        "roughness": "wall_Roughness.png",
        "name": "wall_Color",
        "green": "directx",
    }
    assert found["by its normal"] == found["by two"] == [wall]
    assert "maps" in found["drawn"], "a checklist of what to make"
    assert found["alone"] == [{"colour": "plain.png", "name": "plain", "green": "opengl"}]
    assert "maps" not in found["alone: drawn"]
    assert {"normal", "green"} <= set(found["drawn"])
    assert not {"packed", "packed_as"} & set(found["drawn"])
    assert {"packed", "packed_as"} <= set(found["drawn of a packed file"])
    stones = {"colour": "stones_diff_1k.png", "packed": "stones_arm_1k.png", "name": "stones", "green": "opengl"}
    assert found["by its folder"] == [stones]
    tiles = {"colour": "tiles_BaseMap.png", "packed": "tiles_MaskMap.png", "name": "tiles", "green": "opengl"}
    assert found["of unity"] == [tiles]
    assert found["packed as"] == ["arm", "mask_map"]
    assert found["in the job"] == "mask_map"
    assert "holds the maps of several surfaces (moss, wall)" in found["of two surfaces"]
    assert "holds no colour map" in found["without a colour"]
    for complaint in (found["of two surfaces"], found["without a colour"]):
        assert complaint.startswith("Error: ")
        assert len(complaint.strip().splitlines()) == 1
