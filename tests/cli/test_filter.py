import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from neural_texture_addon.job.description import Tiling
from neural_texture_addon.job.wire import job_from_json

Engine = Callable[..., subprocess.CompletedProcess[str]]


def test_an_image_is_filtered_at_its_size(engine: Engine, style: Path, tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((48, 32)).save(tmp_path / "in.png")
    preset = ("--preset", "draft", "--features", "patches", "--style", style)
    gradients = []
    for seed in "123":  # of one seed's result it depends on the last bits of its numbers
        done = engine("filter", "in.png", *preset, "--device", "cpu", "--seed", seed, "--out", seed)
        assert done.returncode == 0, done.stderr
        assert "octaves 48x32\n" in done.stderr
        with Image.open(tmp_path / seed / "result.png") as image:
            assert image.size == (48, 32)
            rows = np.asarray(image.convert("L"), dtype=float).mean(1)
        gradients.append(np.corrcoef(rows, np.arange(32))[0, 1])
    assert np.mean(gradients) > 0.8, "the gradient shows through"
    job = job_from_json((tmp_path / "1" / "job.json").read_text(encoding="utf-8"))
    assert job.canvas.tiling is Tiling.NONE


def test_without_the_styles_that_its_preset_needs_it_ends_in_one_line(engine: Engine, style: Path) -> None:
    done = engine("filter", style, "--preset", "draft", "--features", "patches", "--out", "out")
    assert done.returncode == 2
    assert done.stderr == "neural-texture: preset draft needs style images: --style IMAGE ...\n"


def test_an_image_is_not_overwritten_by_what_is_made_of_it(engine: Engine, style: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    mine = tmp_path / "out" / "result.png"
    mine.write_bytes(style.read_bytes())
    preset = ("--preset", "draft", "--features", "patches", "--style", style)
    done = engine("filter", mine, *preset, "--out", "out")
    assert done.returncode == 2
    assert "would be lost" in done.stderr
    assert mine.read_bytes() == style.read_bytes()
