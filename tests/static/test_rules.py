"""The rules that tools check: style, types, rooms."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "neural_texture_addon"
TOOLS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "import contracts": ["importlinter.cli", "lint-imports"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tree_passes(tool):
    module, *arguments = TOOLS[tool]
    # import-linter has no __main__: call its entry point
    start = ["-c", "import sys; from importlinter.cli import lint_imports_command as f; sys.exit(f())"]
    command = start if tool == "import contracts" else ["-m", module, *arguments]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("room", ["job", "supervisor"])
def test_only_the_standard_library_is_used_in(room):
    foreign = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (PACKAGE / room).rglob("*.py")
        for name in _absolute_imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names
    }
    assert not foreign


def test_a_channel_count_is_written_in_one_place_only():
    """3 as a number of channels may stand in the table of maps, nowhere in the engine's tensors."""
    tables = [path for path in PACKAGE.rglob("*.py") if "MapKind.COLOUR: 3" in path.read_text(encoding="utf-8")]
    assert [path.name for path in tables] == ["description.py"]


def _absolute_imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
