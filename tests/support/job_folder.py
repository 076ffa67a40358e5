"""What a job leaves in its folder, whatever happened to it."""

import json
from pathlib import Path

from PIL import Image
from safetensors import safe_open


def at_work(folder: Path) -> bool:
    """The folder is the job's, and all of its beginning is written; `stages/` is there a little earlier."""
    return (folder / "job.json").is_file()


def files(folder: Path) -> dict[str, bytes]:
    """Those that are there to stay."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".") and "preview" not in path.name
    }


def pictures(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in files(folder).items() if name.endswith(".png")}


def check_readable(folder: Path) -> None:
    for name in files(folder):
        path = folder / name
        match path.suffix:
            case ".png":
                with Image.open(path) as image:
                    image.load()
            case ".json":
                json.loads(path.read_text(encoding="utf-8"))
            case ".safetensors":
                with safe_open(path, "pt") as state:
                    assert [state.get_tensor(key) for key in state.keys()]  # noqa: SIM118
            case _:
                raise AssertionError(f"{name}: what is this?")


def last_line(said: str) -> str:
    assert "Traceback" not in said, said
    return said.strip().splitlines()[-1]
