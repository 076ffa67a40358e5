import os
import stat
import sys
from pathlib import Path
from unittest import mock

import pytest

from neural_texture_addon.supervisor import environment
from neural_texture_addon.supervisor.environment import EngineError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for Python and uv are shell scripts")


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    monkeypatch.delenv(environment.VARIABLE, raising=False)


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def pythons(tmp_path: Path) -> dict[str, Path]:
    answer = """echo '[[3, 12, 1], "2.15.0"]'"""
    environment.mark_complete(script(environment.python_of(tmp_path / "engine"), answer).parents[1])
    return {
        "explicit": script(tmp_path / "explicit", answer),
        "variable": script(tmp_path / "variable", answer),
        "folder": environment.python_of(tmp_path / "engine"),
    }


def test_the_preference_comes_first_then_the_variable_then_the_own_folder(pythons, tmp_path, monkeypatch):
    folder = tmp_path / "engine"
    assert environment.find("", folder).python == pythons["folder"]
    monkeypatch.setenv(environment.VARIABLE, str(pythons["variable"]))
    assert environment.find("", folder).python == pythons["variable"]
    assert environment.find(str(pythons["explicit"]), folder).python == pythons["explicit"]


def test_a_python_that_was_named_but_is_absent_is_not_passed_over(pythons, tmp_path, monkeypatch):
    with pytest.raises(EngineError, match=r"in the preferences is .*absent"):
        environment.locate(str(tmp_path / "absent"), tmp_path / "engine")
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "absent"))
    with pytest.raises(EngineError, match=rf"{environment.VARIABLE} is .*absent"):
        environment.locate("", tmp_path / "engine")


def test_without_any_python_the_error_says_what_to_do(tmp_path):
    with pytest.raises(EngineError, match=r"not set up: press Set Up Engine, or name a Python 3\.11"):
        environment.locate("", tmp_path / "engine")


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        ("""echo '[[3, 10, 4], "2.15.0"]'""", "is Python 3.10.4; the engine needs 3.11 or later"),
        ("echo '[[3, 12, 0], null]'", "has no torch"),
        ("echo hello", "an answer that can't be read"),
        ("exit 7", "exit status 7"),
    ],
)
def test_a_python_that_cannot_run_the_engine_is_named_with_the_reason(says, complaint, tmp_path):
    path = script(tmp_path / "python", says)
    with pytest.raises(EngineError, match=complaint) as error:
        environment.check(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_program_is_named(tmp_path):
    path = tmp_path / "notes.txt"
    path.touch()
    with pytest.raises(EngineError, match=r"notes\.txt does not answer like a Python"):
        environment.check(path)


def test_the_engine_of_these_tests_is_ready(engine_python):
    engine = environment.check(engine_python)
    assert engine.torch
    assert str(engine_python) in str(engine)


def test_an_environment_that_was_not_completed_or_is_another_versions_says_to_set_up_again(tmp_path, monkeypatch):
    folder = tmp_path / "engine"
    script(environment.python_of(folder), "")
    with pytest.raises(EngineError, match="not completed: Set Up Engine takes it up again"):
        environment.locate("", folder)
    environment.mark_complete(folder)
    assert environment.is_current(folder)
    assert environment.locate("", folder) == environment.python_of(folder)
    monkeypatch.setattr(environment, "REQUIREMENTS", ("torch==99",))
    assert not environment.is_current(folder)
    with pytest.raises(EngineError, match="by another version of Neural Texture: Set Up Engine renews it"):
        environment.locate("", folder)


def test_on_windows_an_environment_has_its_python_elsewhere(monkeypatch):
    monkeypatch.setattr(environment, "os", mock.Mock(spec=["name"]))
    monkeypatch.setattr(environment.os, "name", "nt")
    assert environment.python_of(Path("engine")) == Path("engine", "Scripts", "python.exe")


def test_a_python_that_is_asked_imports_nothing_from_the_current_folder(monkeypatch, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('a stranger was imported')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(environment.launch, "environ", lambda: dict(os.environ))  # as a Python before 3.11 has it
    assert environment.check(Path(sys.executable)).version
