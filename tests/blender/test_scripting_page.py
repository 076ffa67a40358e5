import json
import re
from pathlib import Path

import pytest
from PIL import Image

from neural_texture_addon.job.description import Job
from neural_texture_addon.job.wire import job_to_json

pytestmark = [pytest.mark.blender, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scripting.md").read_text("utf-8")


def test_every_example_does_what_the_page_says(blender, tmp_path):
    examples = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == PAGE.count("```") / 2
    (tmp_path / "examples.json").write_text(json.dumps(examples), "utf-8")
    (tmp_path / "photographs").mkdir()
    for name in ("bricks.jpg", "wood.jpg", "wood_normal.png", "photographs/sand.jpg"):
        Image.effect_noise((48, 48), 60).convert("RGB").save(tmp_path / name)
    (tmp_path / "wall.json").write_text(job_to_json(Job()), "utf-8")

    found = blender.run("scripting_page", tmp_path, tmp_path / "examples.json")
    said = dict(zip((text for _, text in examples), found["printed"], strict=True))
    worn = dict(zip((text for _, text in examples), found["worn"], strict=True))

    def of(words: str) -> str:
        (text,) = (text for text in said if words in text)
        return text

    assert worn[of("texture.wait()\ntexture.apply_to")] == "bricks"
    assert "wood (24, 24) " in said[of("--background")]
    assert "textures/wood/result.png" in said[of("--background")]
    assert (tmp_path / "walls.blend").is_file()
    assert "result.tiff" in said[of("growth=1.6")]
    assert "'normal': bpy.data.images" in said[of("job=texture.job")]
    guessed = said[of("estimate_maps")].splitlines()[-1]
    assert re.fullmatch(r"\{'normal': 'bricks\w* Normal \(Estimate\)', 'height': '[^']*'\}", guessed), guessed
    assert "finished (" in said[of("texture.finish()")]
    assert worn[of("then=wear")].startswith("bricks")
    faults = said[of("except api.Error")].splitlines()
    assert "\n".join(f"    {line}" for line in faults) in PAGE
    assert worn[of("mark_as_asset(")].startswith("wood")
    assert (tmp_path / "library.blend").is_file()
    assert "library.blend: 1 material, 1 of them new" in said[of("library photographs")]
    assert "Traceback" not in found["output"]


def test_the_page_of_operators_is_up_to_date(blender):
    page = blender.run("operators_page", ROOT / "scripts")["page"]
    assert page == (ROOT / "docs" / "operators.md").read_text("utf-8"), "run scripts/operators_page.py"
