import pytest

pytestmark = pytest.mark.blender


def test_a_material_becomes_an_asset_with_all_that_an_artist_looks_for(blender, tmp_path):
    found = blender.run("asset", tmp_path)
    assert not found["no texture"]
    assert found["unsaved"] == found["result"] == ["FINISHED"]
    assert "Save the .blend and mark it again to list its catalog" in found["output"]
    assert found["undone"]
    assert found["said"] == ["A. Mason", "CC0 1.0", "Two halves"]
    assert found["tags"] == ["Bricks and Tiles", "blue brick", "outdoor", "red brick", "wall"]
    assert found["file"].splitlines()[-3:] == ["VERSION 1", "", f"{found['catalog']}:Neural Texture:Neural Texture"]
    assert found["again"] == [True, 5]
    assert found["kept in the .blend"]


def test_the_catalogs_of_others_are_left_as_they_are(blender, tmp_path):
    found = blender.run("asset", tmp_path)
    assert found["an existing catalog"] == "11111111-2222-4333-8444-555555555555"
    assert found["its file"]
    before, uuid_and_rest, after = found["added"].split("\r\n")
    assert before == after == ""
    assert uuid_and_rest.split(":")[1:] == ["Walls-/New", "Walls--New"]
    assert found["no other file"] == ["blender_assets.cats.txt"]
    assert "it is not UTF-8 text" in found["unreadable"]
    assert found["in a library"] == str(tmp_path.parent)


def test_the_thumbnail_is_a_lit_ball_that_wears_the_texture(blender, tmp_path):
    found = blender.run("asset", tmp_path)
    for name in ("thumbnail", "large thumbnail"):
        ball = found[name]
        assert ball["size"] == [256, 256]
        assert ball["corner"] == [0, 0, 0, 0]
        red, _, blue, alpha = ball["middle left"]
        assert red > 2 * blue
        assert alpha == 1
        red, _, blue, _ = ball["middle right"]
        assert blue > 2 * red
        assert ball["light is above"]
    assert found["without its file"] == ["FINISHED"]
    assert found["large"] == [["FINISHED"], [2048, 1024]]
    assert found["images"] == ["Render Result", "halves", "halves.001"], "no copy is left"
