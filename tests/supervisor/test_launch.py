import json
import os
import shutil
import subprocess
import sys
from unittest import mock

import pytest

from neural_texture_addon.supervisor import launch


def test_an_installed_folder_runs_under_any_name_and_its_neighbours_stand_in_for_nothing(engine_python, tmp_path):
    shutil.copytree(launch.PACKAGE, tmp_path / "neural_texture", ignore=shutil.ignore_patterns("__pycache__"))
    for neighbour in ("torch", "numpy", "json"):
        (tmp_path / neighbour).mkdir()
        (tmp_path / neighbour / "__init__.py").write_text("raise SystemExit('a neighbour was imported')")
    code = (
        f"import json, sys; sys.path.append({str(tmp_path)!r})\n"
        "from pathlib import Path\n"
        "from neural_texture.supervisor import launch\n"
        f"print(json.dumps(launch.command(Path({str(engine_python)!r}), ['doctor'])))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    command = json.loads(answer.stdout)
    doctor = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr


def test_what_points_a_python_at_other_modules_does_not_leak(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    environ = launch.environ()
    assert not {"PYTHONPATH", "PYTHONHOME"} & environ.keys()
    assert environ["CUDA_VISIBLE_DEVICES"] == "1"


@pytest.mark.parametrize(
    "name",
    ["GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "DB_PASSWORD", "openai_api_key", "SSH_AUTH_SOCK"],
)
def test_no_secret_is_passed_on(monkeypatch, name):
    monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("DATABASE_URL", "postgres://me:s3cret@server/base")
    code = "import os; print([name for name, value in os.environ.items() if 's3cret' in value])"
    assert list(launch.lines_of([sys.executable, "-c", code])) == ["[]"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", "/bin"),
        ("HOME", "/home/me"),
        ("SYSTEMROOT", "C:\\Windows"),
        ("LC_ALL", "C"),
        ("CUDA_VISIBLE_DEVICES", "0"),
        ("https_proxy", "http://me:word@proxy:8080"),
        ("SSL_CERT_FILE", "/etc/ours.pem"),
        ("PYTORCH_ALLOC_CONF", "expandable_segments:True"),
        ("NEURAL_TEXTURE_MIRROR", "https://me:word@mirror"),
    ],
)
def test_what_the_engine_needs_is_passed_on(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert launch.environ()[name] == value


def test_a_tool_is_heard_line_by_line():
    assert list(launch.lines_of([sys.executable, "-c", "print('one'); print('two')"])) == ["one", "two"]


def test_a_tool_that_fails_says_its_last_line():
    with pytest.raises(subprocess.CalledProcessError) as failure:
        list(launch.lines_of([sys.executable, "-c", "raise SystemExit('the disk is full')"]))
    assert failure.value.output == "the disk is full"


def test_closing_the_lines_ends_the_tool():
    lines = launch.lines_of([sys.executable, "-uc", "import time; print('one'); time.sleep(60)"])
    assert next(lines) == "one"
    lines.close()


def test_ending_a_tool_ends_what_it_started_too(gone):
    child = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], stdout=subprocess.DEVNULL)"
    tool = launch.Tool([sys.executable, "-uc", f"import subprocess, sys; p = {child}; print(p.pid); p.wait()"])
    lines = tool.lines()
    pid = int(next(lines))
    tool.kill()
    with pytest.raises(subprocess.CalledProcessError):
        list(lines)
    assert gone(pid)


@pytest.fixture
def windows(monkeypatch):
    """For what looks at `launch.os`."""
    monkeypatch.setattr(launch, "os", mock.Mock(spec=["name", "environ"], environ={"SYSTEMROOT": "W:\\Windows"}))
    monkeypatch.setattr(launch.os, "name", "nt")
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 0x8000000, raising=False)


@pytest.mark.parametrize("has_taskkill", [True, False])
def test_on_windows_the_whole_tree_is_ended(windows, monkeypatch, has_taskkill):
    process = mock.Mock(pid=4711, poll=lambda: None)
    ran = mock.Mock(side_effect=None if has_taskkill else FileNotFoundError)
    monkeypatch.setattr(subprocess, "run", ran)
    launch.kill_group(process)
    assert ran.call_args.args[0] == ["W:\\Windows\\System32\\taskkill.exe", "/F", "/T", "/PID", "4711"]
    assert "creationflags" in ran.call_args.kwargs
    process.kill.assert_called_once_with()


def test_on_windows_a_process_is_a_group_of_its_own_without_a_window(windows):
    assert launch.group_options() == {"creationflags": 0x8000200}


@pytest.mark.skipif(os.name == "nt", reason="the other branch")
def test_elsewhere_a_process_has_a_session_of_its_own():
    code = "import os; print(os.getsid(0) == os.getpid())"
    assert list(launch.lines_of([sys.executable, "-c", code])) == ["True"]


@pytest.mark.parametrize("how", [["-c", "import json"], ["-m", "json.tool", "--help"]])
def test_nothing_in_the_current_folder_stands_in_for_a_module(monkeypatch, tmp_path, how):
    (tmp_path / "json.py").write_text("raise SystemExit('a stranger was imported')")
    monkeypatch.chdir(tmp_path)
    list(launch.lines_of([sys.executable, *how]))


def test_what_has_ended_is_left_alone():
    process = mock.Mock(poll=lambda: 0)
    launch.kill_group(process)
    process.kill.assert_not_called()
