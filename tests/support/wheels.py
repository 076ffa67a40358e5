"""Wheels of nearly nothing under the names and versions of what the engine needs: an installation without a network."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from neural_texture_addon.supervisor.environment import REQUIREMENTS


def make(folder: Path, name: str, version: str, *, needs: Sequence[str] = (), code: str = "") -> Path:
    """One wheel; its only module knows its version and runs `code`."""
    path, about = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {n}" for n in needs),
    ]
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", f"__version__ = {version!r}\n{code}\n")
        wheel.writestr(f"{about}/METADATA", "\n".join(metadata) + "\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return path


def for_the_engine(folder: Path) -> Path:
    """All that the engine's environment needs; its torch needs one more, as the real one does."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, version in (pin.split("==") for pin in REQUIREMENTS):
        make(folder, name, version, needs=["fakesympy>=1.13"] if name == "torch" else [])
    make(folder, "fakesympy", "1.14")
    return folder
