import pytest

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_while_the_panel_is_in_sight_a_worker_waits_for_the_next_texture(blender, style, tmp_path, gone):
    found = blender.run("loaded_engine", style, tmp_path)
    assert found["before the panel is drawn"] is None
    assert found["while a forecast is due"] is None
    assert found["drawn"]
    assert found["looked at again"] == found["drawn"]

    assert found["makes the texture"] == found["drawn"]
    assert found["while another waits for its turn"] not in (None, found["drawn"])
    assert found["makes the other"] == found["while another waits for its turn"]
    assert found["while nothing waits"] is None
    assert found["after it"]

    assert found["not wanted"] is None
    assert found["wanted again"]
    assert found["out of sight"] is None
    first, second, last = found["left over"]
    assert last
    assert all(map(gone, (first, second, last))), "the extension was disabled"
