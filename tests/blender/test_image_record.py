import json
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.blender


def test_an_image_remembers_how_it_was_made_in_any_blend(blender, tmp_path):
    found = blender.run("image_record", tmp_path)
    assert found["before"] == [False, "brick was not made with Neural Texture, or that was not noted"]
    assert found["kept"] == ["//refs/brick.png", "/elsewhere/moss.png"]
    assert found["length"] < 5000
    assert found["is on"]
    assert found["paths"] == [str(tmp_path / "moved" / "refs" / "brick.png"), "/elsewhere/moss.png"]
    there = [str(tmp_path / "moved" / "refs" / "brick.png"), "/elsewhere/moss.png"]
    assert found["saved elsewhere"] == found["appended"] == found["linked"] == there
    assert found["all of it moved"] == [str(tmp_path / "project" / "refs" / "brick.png"), "/elsewhere/moss.png"]
    assert found["the same but for the paths"]
    assert found["seed"] == 7
    assert found["made with"] == tomllib.loads((ROOT / "blender_manifest.toml").read_text("utf-8"))["version"]


def test_a_strangers_record_is_read_strictly(blender, tmp_path):
    found = blender.run("image_record", tmp_path)
    begin = "What brick says of its making can't be read: "
    for name, said in {
        "no JSON": "not JSON: ",
        "a list": "not a record of version 1",
        "a later version": "not a record of version 1",
        "a later job": "version is 99; this program reads version 1",
        "an unknown field": "run is unknown",
        "an unknown field of the job": "run is unknown",
        "a size beyond": "canvas.width is 1000000000; allowed",
        "too long": "it has ",
        "a width of 0": "texture_width is 0.0; allowed",
        "no map": "map is missing",
    }.items():
        assert found[name].startswith(begin + said), name
        assert len(found[name]) < 250, json.dumps(found[name])
    assert found["a number"] == "brick was not made with Neural Texture, or that was not noted"
