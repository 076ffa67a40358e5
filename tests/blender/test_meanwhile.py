import pytest

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_whatever_an_artist_does_meanwhile_a_texture_goes_where_it_was_asked_for(blender, style, tmp_path):
    found = blender.run("meanwhile", style, tmp_path)
    assert found["a slot each"] == [[True, True], 2]
    assert found["a slot each: files"] == ["first slot", "second slot"]
    assert found["duplicated, cancel"] == [["Material"], ["Material"]]
    assert found["duplicated, finish"] == [["speckles"], ["Material"]]
    assert found["copied"] == "speckles", "the artist's own copy of what the cube tried on"
    assert found["slots moved, cancelled"] == ["Second", "Material"]
    assert found["slots moved, finished"] == ["speckles", "Second"]
    assert found["image removed"] == found["material removed"] == ["Material"]

    assert found["missing: goes on"]
    assert found["broken: goes on"]
    assert found["notes: goes on"]
    assert found["saved"] == ["Material"], "not what the cube tries on"
    assert found["made all the same"] == ["speckles"]
    assert found["another file"] == [[True, True], ["cancelled", "cancelled"], True]

    assert found["never saved: packed"], "an uninstall takes the extension's own files along"
    assert not found["saved: packed"]

    assert found["no nodes: estimates"] == "Bare shows no image as its colour"
    if "no nodes" in found:
        assert found["no nodes: ended"]
        assert found["no nodes"] == [["Plain"], "speckles"], found["no nodes: said"]
