import zlib

import pytest

from neural_texture_addon.job import presets

pytestmark = pytest.mark.blender


@pytest.fixture
def found(blender, style, tmp_path):
    return blender.run("own_presets", style, tmp_path)


def test_the_artists_own_presets(found):
    """One Blender for all of it: starting one takes longer than what is asked of it."""
    _as_in_old_files(found)
    _saved(found)
    _generated(found)
    _of_a_preset(found)
    _broken(found)
    _gone(found)


def _as_in_old_files(found):
    """A .blend holds the number, which was made of the name when the list was still a fixed one."""
    assert found["default"] == presets.DEFAULT
    assert found["numbers"] == {name: zlib.crc32(name.encode()) >> 1 for name in presets.names()}
    assert found["none of their own"] == {}


def _saved(found):
    assert found["saved"] == ["FINISHED"]
    assert found["listed"] == {"mossy_bricks": ["Mossy Bricks", "For moss", True]}
    assert found["chosen"] == ["mossy_bricks", False, "auto"]
    assert found["says the same"] == {"steps": True, "octaves": True, "canvas": True}
    assert found["families"] == ["patches"]
    assert found["images in it"] == []
    assert found["complete"]


def _generated(found):
    assert found["made"] == ["FINISHED"]
    assert found["made by"] == [["optimise", "blur"], "x", 64]
    assert '"no_such" not found' in found["no such"]


def _of_a_preset(found):
    regular = presets.load("regular").jobs
    assert found["of a preset"] == {family: [2.0, len(job.steps)] for family, job in regular.items()}
    assert not found["no longer own octaves"]
    assert "Give the preset a name" in found["no name"]
    assert "Default is the name of a built-in preset: choose another" in found["a built-in's name"]
    assert "No step is switched on" in found["no steps"]


def _broken(found):
    listed = found["with broken ones"]
    assert listed["broken:torn"] == [
        "torn (can't be used)",
        "not JSON: Unterminated string starting at in line 1, column 11",
        False,
    ]
    assert "jobs.both.canvas is 3; allowed: an object" in listed["broken:wrong"][1]
    assert listed["broken:draft"][1] == "its name is a built-in preset's: rename the file"
    assert listed["broken:bytes"][1] == "it is not UTF-8 text"
    assert listed["mossy_bricks"][2]
    assert found["built-in draft"] == presets.load("draft").title
    for what in ("generate", "customise", "choose"):
        assert "The preset torn can't be used: not JSON" in found[f"broken: {what}"], what
    assert found["broken: removed"] == ["FINISHED"]
    assert found["files"] == ["bytes.json", "coarse_tiles.json", "mossy_bricks.json", "torn.json", "wrong.json"]
    assert "draft is not one of your own presets" in found["a built-in can't be removed"]
    assert found["is reset"] == ["broken:torn", "default"]
    assert "Traceback" not in found["output"]


def _gone(found):
    assert found["from the .blend"] == "mossy_bricks"
    assert found["gone: shown"] == "missing:"
    assert "The preset that was chosen is not on this computer: choose another" in found["gone"]
    assert "matches no enum" not in found["output"]
    assert found["another"] == "organic"
