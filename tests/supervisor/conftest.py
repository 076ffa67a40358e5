"""The engine's Python is the one that runs these tests, unless NEURAL_TEXTURE_PYTHON names another."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from neural_texture_addon.job.description import Canvas, Exemplar, Job, MapKind, Request


@pytest.fixture
def engine_python() -> Path:
    return Path(os.environ.get("NEURAL_TEXTURE_PYTHON", sys.executable))


@pytest.fixture
def request_for(tmp_path: Path) -> Callable[..., Request]:
    """Makes the request of a small job; a large one lasts until it is stopped."""
    picture = tmp_path / "style.png"
    Image.effect_noise((48, 48), 60).convert("RGB").save(picture)

    def make(size: int = 32, image: Path = picture) -> Request:
        job = Job(exemplars=(Exemplar(maps={MapKind.COLOUR: str(image)}),), canvas=Canvas(width=size, height=size))
        return Request(job=job, out=str(tmp_path / "out"))

    return make


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Whether a process ends within a moment; one that nobody has waited for yet counts as ended."""

    def state(pid: int) -> str:
        return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()

    def has_gone(pid: int) -> bool:
        end = time.monotonic() + 5
        while (now := state(pid)) and not now.startswith("Z") and time.monotonic() < end:
            time.sleep(0.05)
        return not now or now.startswith("Z")

    return has_gone
