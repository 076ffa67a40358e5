import pytest

pytestmark = [pytest.mark.blender]
USED = {"pressed": "FINISHED", "forecast": True, "thumbnail": True}


def test_what_a_strangers_file_would_read_and_write_is_shown_first(blender, style, tmp_path):
    found = blender.run("opened_file", style, tmp_path)
    assert found["new"] == found["own"] == USED
    assert found["without settings"] == "FINISHED"
    assert found["theirs"] == {"pressed": "RUNNING_MODAL", "forecast": False, "thumbnail": False}
    assert found["shown"] == [
        "It reads 1 image:",
        f"    {style}",
        f"It writes into a new folder in {tmp_path / 'made'}",
    ]
    assert not found["looked for"]
    assert found["scripts are run anyway"] == "FINISHED"
    assert found["saved without a yes"] == "RUNNING_MODAL"
    assert found["made"] == "FINISHED"
    assert found["after a yes"] == found["opened again"] == USED
