"""Real Blenders: bpy lives once in a process, so each scenario runs in one of its own and leaves its findings as JSON.

NEURAL_TEXTURE_BPY_4_2, _4_5 and _5_0 name a Python that has that bpy, NEURAL_TEXTURE_PYTHON the engine's.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = Path(__file__).parent / "scenarios"
VERSIONS = ("4.2", "4.5", "5.0")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long goes through one of the Blenders only, unless asked: each such file through another."""
    if config.getoption("--slow"):
        return
    long = sorted({item.path.name for item in items if item.get_closest_marker("long")})
    for item in items:
        if item.get_closest_marker("long"):
            version = VERSIONS[long.index(item.path.name) % len(VERSIONS)]
            if _version_of(item) not in (version, None):
                item.add_marker(pytest.mark.skip(reason=f"takes long: in {version} only; --slow runs it in all"))


def _version_of(item: pytest.Item) -> str | None:
    """Of the Blender that the test is run in, if it is in one."""
    call = getattr(item, "callspec", None)  # a test without parameters has none
    return call.params.get("bpy_version") if call else None


@dataclass(frozen=True)
class Blender:
    """A Blender without a window, its user folder empty but for our extension."""

    python: str
    version: str
    zip_file: Path
    folder: Path
    engine: str

    def start(self, scenario: str, *arguments: object, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                self.python,
                str(SCENARIOS / f"{scenario}.py"),
                str(self.findings),
                str(self.zip_file),
                *map(str, arguments),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env=os.environ
            | {"BLENDER_USER_RESOURCES": str(self.folder / "user"), "NEURAL_TEXTURE_PYTHON": self.engine}
            | environ,
        )

    def run(
        self, scenario: str, *arguments: object, status: int = 0, patience: float = 600, **environ: str
    ) -> dict[str, Any]:
        """What the scenario found, and what it printed as ``output``."""
        with self.start(scenario, *arguments, **environ) as process:
            try:
                output, _ = process.communicate(timeout=patience)
            except subprocess.TimeoutExpired:
                process.kill()
                output, _ = process.communicate()
                pytest.fail(f"{scenario} did not end:\n{output}")
        assert process.returncode == status, output
        return json.loads(self.findings.read_text("utf-8")) | {"output": output}

    @property
    def findings(self) -> Path:
        return self.folder / "findings.json"


def python_of(version: str) -> str:
    variable = f"NEURAL_TEXTURE_BPY_{version.replace('.', '_')}"
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} names no Python that has bpy {version}")
    return python


@pytest.fixture(scope="session", params=VERSIONS)
def bpy_version(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def zip_file(bpy_version: str) -> Path:
    """The extension, built and validated by this version's own tools."""
    script = ROOT / "scripts" / "build_extension.py"
    built = subprocess.run([python_of(bpy_version), script], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return Path(built.stdout.splitlines()[-1])


@pytest.fixture
def blender(bpy_version: str, zip_file: Path, tmp_path: Path) -> Blender:
    return Blender(
        python=python_of(bpy_version),
        version=bpy_version,
        zip_file=zip_file,
        folder=tmp_path,
        engine=os.environ.get("NEURAL_TEXTURE_PYTHON", sys.executable),
    )


@pytest.fixture
def style(tmp_path: Path) -> Path:
    """A small style image."""
    path = tmp_path / "speckles.png"
    Image.effect_noise((48, 48), 60).convert("RGB").save(path)
    return path


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Whether a process has ended; one that nobody has waited for yet counts as ended."""

    def has_gone(pid: int) -> bool:
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
        return not state or state.startswith("Z")

    return has_gone
