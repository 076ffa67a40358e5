"""The rules that tools check: style, types, rooms."""

import ast
import re
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


POSIX_ONLY = {"killpg", "kill", "fork", "setsid", "getpgid", "SIGKILL", "sysconf", "sched_getaffinity", "chmod"}
"""What Windows, or macOS, lacks or takes otherwise."""
POSIX_MODULES = {"resource", "fcntl", "pwd", "grp", "termios", "pty"}


def test_what_not_every_system_has_stands_beside_its_counterpart_only():
    """Each place here has another branch for the other systems."""
    places = {
        (path.name, name)
        for path in PACKAGE.rglob("*.py")
        for name in {*_system_calls(path), *(POSIX_MODULES & {*_absolute_imports(path)})}
    }
    assert places == {
        ("launch.py", "killpg"),
        ("launch.py", "SIGKILL"),
        ("exit_status.py", "SIGKILL"),
        ("memory.py", "resource"),
        ("device.py", "sched_getaffinity"),
        ("doctor.py", "sysconf"),
    }


def _system_calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in {"os", "signal"}:
            yield from POSIX_ONLY & {node.attr}


SAID = {"report", "say", "UserError", "Message", "label"}
"""What gives a text to the artist."""


def test_what_an_artist_reads_can_be_translated():
    """A text with something to be filled in is a literal, so that Blender can collect it and look it up."""
    built = {
        f"{path.name}:{node.lineno}"
        for path in (PACKAGE / "blender").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _name(node.func) in SAID
        for text in [*node.args, *(keyword.value for keyword in node.keywords)]
        if _has_words(text)
    }
    assert not built


def _name(function):
    return getattr(function, "attr", None) or getattr(function, "id", None)


def _has_words(text):
    """Whether it is put together of words and other things."""
    parts = [part.value for part in getattr(text, "values", ()) if isinstance(part, ast.Constant)]
    return isinstance(text, ast.JoinedStr) and any(re.search("[a-z]{2}", str(part)) for part in parts)


def _absolute_imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
