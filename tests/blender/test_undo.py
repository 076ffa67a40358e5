import pytest

pytestmark = [pytest.mark.blender]
BEFORE, AFTER = ["Material", True], ["texture", "texture", True]


def test_undo_leaves_nothing_in_use_that_is_gone(blender):
    """On any of these Blender may crash; up to 4.5 it takes what lies where a material was for that material."""
    found = blender.run("undo")
    assert found["at once"] == found["redone"] == BEFORE
    assert found["into its material"] == found["in its place"] == ["texture", "preview", True]
    assert found["into its material, undone"] == found["in its place, redone"] == AFTER
    for seen in found["rounds"]:
        assert seen == [BEFORE] * 6 + [BEFORE, AFTER]
    assert found["left"] == ["Material"]
