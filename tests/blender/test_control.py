from pathlib import Path

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_an_artist_is_in_control_while_textures_are_being_made(blender, style, tmp_path):
    found = blender.run("control", style, tmp_path)
    assert found["watched: worn"]
    assert found["watched: image"] == [True, True, 1.0]
    assert len(found["watched: sizes"]) > 1
    assert not found["paused: goes on"]
    assert found["paused: in words"].endswith("paused")
    assert found["undone while paused: shown"]
    assert found["continued"]
    assert found["undone: worn"] == found["worn before"]
    assert found["undone: goes on"]
    assert found["undone to where it was worn: goes on"]

    assert found["waiting"] == [True, True]
    assert found["still waiting"]
    assert found["finished early"]
    assert "px, made in" in found["finished early: said"]
    assert found["finished early: worn"]
    assert found["finished early, undone: worn"] == found["worn before"], "not what the cube tried on"
    assert found["finished early, undone: left"]
    assert found["finished early, redone: worn"]

    assert found["its turn"]
    assert found["its turn: worn"] == "speckles.001"
    assert found["cancelled: worn"] == "speckles"
    assert found["cancelled: left"] == found["finished early: left"]
    assert found["resumed: from"]
    assert found["resumed: waited for"], "there is no window"
    assert found["resumed: where"] == ["cpu", 7.0]

    assert [v[1:] for v in found["variations"]] == [[5, 1], [6, 1]]
    assert all(96 <= v[0] < 160 for v in found["variations"])
    assert found["variations: left"] == [*found["finished early: left"][0], "speckles.001"], "as it was resumed"
    assert found["refined"] == [160, True, 6]
    assert Path(found["refined: file"]).read_bytes() == Path(found["the same at once: file"]).read_bytes()
    assert not found["forecast beside a texture"]
    assert found["forecast"].startswith("Will take about")
    assert found["forecast again"]
    assert not found["forecast once more"]
    assert found["forecast of others"]
