from collections.abc import Callable

import pytest
from weights_server import HUB_PATH, WebServer

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_the_weights_are_fetched_only_after_a_yes_and_only_online(
    blender, server: WebServer, serve_vgg: Callable[[str], object]
) -> None:
    serve_vgg("relu3_4")
    server.files["/slow" + HUB_PATH] = server.files[HUB_PATH]
    server.stalls["/slow" + HUB_PATH] = 3_000_000
    found = blender.run("weights", server.url, NO_PROXY="127.0.0.1")

    assert "Allow Online Access is off in Preferences > System" in found["offline"]
    assert found["online"]
    assert found["nothing yet"] == ""
    assert "neural_texture.fetch_weights" in found["nothing yet: drawn"]
    assert "Fetch the Official File Instead (575 MB)" not in found["nothing yet: drawn"]

    assert found["broken"].startswith("Error: The weights could not be fetched: http://127.0.0.1")
    assert found["broken"].strip().endswith("the server answers 404 Not Found")
    assert len(found["broken"].strip().splitlines()) == 1
    assert "Fetch the Official File Instead (575 MB)" in found["broken: drawn"]
    assert "vgg19-dcbb9e9d.pth: the server answers 404" in found["broken: official"]

    assert "The weights are being fetched already" in found["a second one"]
    assert any(text.endswith(" of 9.3 MB") for text in found["while it runs: drawn"])
    assert found["cancelled"] == "Cancelled. What has come so far is kept, for the next time"
    assert found["cancelled: tick"] is None
    (kept,) = found["cancelled: kept"]
    assert 1_000_000 < kept < 9_000_000

    assert found["good"] == ["FINISHED"]
    assert found["good: said"] == f"The VGG-19 weights are ready up to relu3_4: {found['good: path']}"
    assert found["good: path"].endswith("vgg19.safetensors")
    assert str(blender.folder) in found["good: path"]
    assert found["good: files"] == ["vgg19.safetensors"]
    assert "neural_texture.fetch_weights" not in found["good: drawn"]

    assert found["named"] == "/nowhere/mine.pth"
    assert "There is no such file: /nowhere/mine.pth" in found["named: drawn"]
    assert not found["disabled: alive"]
    assert not found["disabled: timer"]
    assert "Traceback" not in found["output"]
