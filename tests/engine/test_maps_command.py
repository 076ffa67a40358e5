import argparse
from dataclasses import fields
from pathlib import Path

import pytest
import torch
from PIL import Image

from neural_texture_addon.engine import maps_command, memory
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.engine.estimates import material
from neural_texture_addon.engine.torus import PLANE, TORUS
from neural_texture_addon.job.description import Estimates


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    maps_command.add_to(parser)
    return parser.parse_args(arguments, argparse.Namespace(heed=lambda: None))


def test_every_number_of_the_estimates_is_an_option_that_says_what_it_does() -> None:
    said = parsed("a.png", "--out", "out")
    assert {spec.name: getattr(said, spec.name) for spec in fields(Estimates)} == {
        spec.name: spec.default for spec in fields(Estimates)
    }


def test_a_picture_too_large_for_the_memory_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")
    need = material.memory_needed(40, 60, PLANE)
    arguments = parsed(str(tmp_path / "a.png"), "--out", str(tmp_path / "out"))
    monkeypatch.setattr(memory, "available", lambda device, limit=0.0: need - 1 if device == torch.device("cpu") else 0)
    with pytest.raises(InputError, match=r"a\.png: the maps of 60x40 px take 0\.0 GB of memory, and 0\.0 GB are free"):
        maps_command.make(arguments)
    monkeypatch.setattr(memory, "available", lambda device, limit=0.0: need)
    assert maps_command.make(arguments) == 0


def test_a_picture_that_wraps_takes_less() -> None:
    assert material.memory_needed(40, 60, TORUS) < material.memory_needed(40, 60, PLANE)
