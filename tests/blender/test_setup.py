"""Set-up within real Blenders, by the real uv, from wheels of nearly nothing; and once the real thing."""

import os
import shutil
from pathlib import Path

import pytest
import wheels

from neural_texture_addon.supervisor import environment

pytestmark = [
    pytest.mark.blender,
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("uv") is None, reason="there is no uv"),
]
NOT_SET_UP = "The engine is not set up: press Set Up Engine"


@pytest.fixture
def offline(tmp_path: Path) -> Path:
    """A folder of wheels, and beside it, in ``bin``, an uv that never ends."""
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text("#!/bin/sh\necho 'Downloading torch (514.2MiB)'; sleep 60 & echo child $! of MiB; wait\n")
    uv.chmod(0o755)
    return wheels.for_the_engine(tmp_path / "wheels")


def test_the_engine_is_set_up_only_after_a_yes_cancelled_taken_up_and_checked(blender, offline, gone):
    found = blender.run("setup_engine", offline, "fakesympy-1.14-py3-none-any.whl", blender.engine)
    assert found["first look"] == "The engine is not set up yet"
    assert "neural_texture.set_up_engine" in found["first look: drawn"]
    assert "extensions.userpref_allow_online" in found["first look: drawn"]
    assert NOT_SET_UP in found["check of nothing"]
    assert found["check of nothing: report"].splitlines()[-1].startswith(NOT_SET_UP)
    assert "Allow Online Access is off in Preferences > System, and no Folder of Wheels" in found["offline"]
    assert found["offline with wheels"]

    assert "the folder has no wheel of fakesympy>=1.13" in found["a wheel missing"]
    assert "neural_texture.set_up_engine" in found["a wheel missing: drawn"]
    assert "extensions.userpref_allow_online" not in found["a wheel missing: drawn"]

    assert "0 of 514 MB" in found["while it runs: drawn"]
    assert "neural_texture.cancel_set_up" in found["while it runs: drawn"]
    assert "neural_texture.set_up_engine" not in found["while it runs: drawn"]
    assert "The engine is being set up already" in found["a second one"]
    assert not found["a check meanwhile"]
    assert found["cancelled"] == "Cancelled. What has come so far is kept: Set Up Engine goes on there"
    assert found["cancelled: tick"] is None
    assert "neural_texture.set_up_engine" in found["cancelled: drawn"]
    assert gone(found["child"])

    assert found["again"] == ["FINISHED"]
    own = Path(found["again: in Blender's own"])
    assert own.is_relative_to(blender.folder / "user")
    assert found["again: said"].startswith("Ready: Python 3.")
    assert found["again: said"].endswith(f" with torch 2.15.0: {environment.python_of(own)}")
    assert "neural_texture.set_up_engine" not in found["again: drawn"]
    assert found["found"] == str(environment.python_of(own))
    assert set(found["again: folders"]) <= {"engine", "engine_tools"}

    assert "The engine is not ready: Set Up Engine renews it" in found["damaged"]
    assert "torch: installed, but does not start: libc10 is damaged" in found["damaged: report"]
    assert found["named"].startswith("Ready: Python 3.")
    assert found["check"] == ["FINISHED"]
    report = found["check: report"].splitlines()
    assert report[0].startswith(f"Neural Texture 0.1.0 in Blender {blender.version}")
    assert "Online access: off" in report[1]
    assert report[-1] == "Ready to make textures."
    assert report[-1] in found["check: drawn"]
    assert "neural_texture.copy_report" in found["check: drawn"]
    assert found["copy"] == ["FINISHED"]

    assert found["disabled: outcome"] == "Outcome.CANCELLED"
    assert found["disabled: timers"] == [False, False]
    assert gone(found["child of the disabled"])
    assert "Error: the return value must be None" not in found["output"], "of a property's callback"
    assert "Traceback" not in found["output"]


def test_the_command_sets_up_from_wheels_with_lines_and_exit_statuses(blender, offline):
    output = blender.run("command", "setup", status=2, NEURAL_TEXTURE_PYTHON="")["output"]
    assert "Online access is off: start Blender with --online-mode, or name a folder of --wheels" in output
    output = blender.run("command", "setup", "--wheels", "nowhere", status=2, NEURAL_TEXTURE_PYTHON="")["output"]
    assert "There is no folder of wheels at nowhere" in output
    output = blender.run("command", "setup", "--wheels", offline, NEURAL_TEXTURE_PYTHON="")["output"]
    assert " + torch==2.15.0" in output
    assert output.splitlines()[-1] == "Installed: torch 2.15.0"
    (offline / "torch-2.15.0-py3-none-any.whl").unlink()
    output = blender.run("command", "setup", "--wheels", offline, status=1, NEURAL_TEXTURE_PYTHON="")["output"]
    assert output.splitlines()[-1].endswith("has no wheel of torch==2.15.0: put it there and try again")


def test_uninstalling_leaves_nothing_of_the_engine(blender, offline):
    found = blender.run("uninstall", offline, NEURAL_TEXTURE_PYTHON="")
    assert found["before"]
    assert found["after"] == []


@pytest.mark.slow
def test_the_real_engine_is_set_up_and_makes_a_texture(blender, style):
    """From the package index; a cache of uv's that the machine has is used."""
    if blender.version != "4.5":
        pytest.skip("once is enough")
    cache = os.environ.get("UV_CACHE_DIR", str(Path("~/.cache/uv").expanduser()))
    found = blender.run("setup_real", style, NEURAL_TEXTURE_PYTHON="", UV_CACHE_DIR=cache, patience=900)
    assert found["set up"] == found["made"] == ["FINISHED"]
    assert "Ready to make textures." in found["report"]
