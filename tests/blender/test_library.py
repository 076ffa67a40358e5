import signal
from pathlib import Path

import pytest
from PIL import Image

pytestmark = [pytest.mark.blender, pytest.mark.long]


def photograph(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise((48, 48), 60).convert("RGB").save(path)
    return path


def test_a_folder_of_photographs_becomes_a_library_bit_by_bit(blender, tmp_path):
    photos, out = tmp_path / "photos", tmp_path / "lib.blend"
    library = ("library", photos, "--out", out, "--preset", "draft", "--device", "cpu")
    photograph(photos / "walls" / "old" / "brick.png")
    (photos / "broken.png").write_text("no picture")

    about = ("--licence", "CC0 1.0", "--author", "A. Mason", "--tags", "outdoor, wall", "--texture-width", 2)
    about += ("--scale", "fit")
    output = blender.run("command", *library, *about, "--size", "24x16", status=1)["output"]
    assert "1 of 2: broken.png" in output
    assert "broken.png: is not an image that can be read" in output
    assert "2 of 2: walls/old/brick.png" in output
    assert "lib.blend: 1 material, 1 of them new" in output
    assert "1 of 2 photographs failed" in output
    assert "Traceback" not in output
    assert sorted(path.name for path in tmp_path.glob("lib*")) == ["lib.blend", "lib.blend1"], "no file is left beside"

    (photos / "broken.png").unlink()
    photograph(photos / "sand.png")
    beside = ("--storage", "beside", "--projection", "uv", "--catalog", "Ground")
    output = blender.run("command", *library, *beside, "--size", 16)["output"]
    assert "2 of 2: walls/old/brick.png is in lib.blend already" in output
    assert "lib.blend: 2 materials, 1 of them new" in output

    photograph(photos / "z.png")
    with blender.start("command", *library, "--size", 512) as process:
        while "octave 1" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "lib.blend: 2 materials, 0 of them new" in output
    assert "Cancelled. What is done is kept" in output

    found = blender.run("look_at_library", out)
    catalogs = dict(
        reversed(line.split(":")[:2])
        for line in (tmp_path / "blender_assets.cats.txt").read_text("utf-8").splitlines()
        if line[8:9] == "-"
    )
    assert found["brick"] == {
        "author": "A. Mason",
        "licence": "CC0 1.0",
        "description": "From the photograph brick.png",
        "tags": ["Draft", "brick", "old", "outdoor", "wall", "walls"],
        "catalog": catalogs["Neural Texture/walls/old"],
        "thumbnail": [256, 256],
        "scale": pytest.approx((24 * 16) ** 0.5 / 48),
        "image": ["//lib_textures/brick.png", True, True, 24, 16],
        "projection": ["BOX", 0.5],
    }
    assert found["sand"] | {"tags": []} == {
        "author": "",
        "licence": "",
        "description": "From the photograph sand.png",
        "tags": [],
        "catalog": catalogs["Ground"],
        "thumbnail": [256, 256],
        "scale": 1.0,
        "image": ["//lib_textures/sand/result.png", False, True, 16, 16],
        "projection": ["FLAT", 1.0],
    }
    assert set(found) == {"brick", "sand", "output"}
    assert [path.name for path in (tmp_path / "lib_textures").iterdir()] == ["sand"]


def test_what_can_not_be_is_said_before_the_work(blender, tmp_path):
    photograph(tmp_path / "photos" / "a.png")
    found = blender.run("library_faults", tmp_path)
    said = {name: text for name, (_, text) in found["refused"].items()}
    assert found["nothing was written"] == []
    assert found["materials"] == 0
    assert "Traceback" not in found["output"]
    assert said["no folder"] == "neural_texture: There is no folder of photographs at nowhere"
    assert said["no image"] == "neural_texture: There is no image in empty"
    assert said["no .blend"] == "neural_texture: --out is lib, but a library is a .blend file"
    assert "argument --size: invalid" in said["an option"]
    assert "nowhere/lib.blend is no library that can be written: " in said["no place"]
    assert "text.blend is no library that can be written: " in said["another file"]
    assert "canvas.width is 7; allowed: " in said["size"]
    assert "texture_width is 0.0; allowed: " in said["width"]
    assert "A content image is needed" in said["preset"] or "VGG-19" in said["preset"]
    assert "blender_assets.cats.txt: it is not UTF-8 text" in said["catalog"]
    statuses = {name: status for name, (status, _) in found["refused"].items()}
    assert statuses == dict.fromkeys(statuses, 2) | {"no engine": 1}
