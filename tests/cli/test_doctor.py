import subprocess
from collections.abc import Callable
from pathlib import Path

from neural_texture_addon.engine import doctor

Engine = Callable[..., subprocess.CompletedProcess[str]]


def test_the_doctor_finds_this_machine_ready(engine: Engine) -> None:
    done = engine("doctor")
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "Ready to make textures."
    for word in ("Python: 3.", "torch: 2.", "numpy: ", "pillow: ", "used unless told otherwise", "GB of memory"):
        assert word in done.stdout


def test_the_doctor_says_what_is_missing_or_does_not_start(engine: Engine, tmp_path: Path) -> None:
    """A torch that can't be imported stands before the real one."""
    for content, said in (
        ("raise ModuleNotFoundError('No module named torch', name='torch')", "-m pip install torch' adds it"),
        (
            "raise OSError('libcuda.so.1: cannot open shared object file')",
            "torch: installed, but does not start: libcuda",
        ),
    ):
        (tmp_path / "torch.py").write_text(content)
        done = engine("doctor", PYTHONPATH=f"{tmp_path}:{_root()}")
        assert done.returncode == 1
        assert said in done.stdout
        assert "Not ready" in done.stdout.splitlines()[-1]
        assert "Traceback" not in done.stderr


def test_without_openimageio_all_but_deep_files_is_ready(engine: Engine, tmp_path: Path) -> None:
    assert "32 bits (PNG, TIFF, EXR): ready\n" in engine("doctor").stdout
    (tmp_path / "OpenImageIO.py").write_text("raise ModuleNotFoundError('No module', name='OpenImageIO')")
    done = engine("doctor", PYTHONPATH=f"{tmp_path}:{_root()}")
    assert done.returncode == 0
    assert "32 bits (PNG, TIFF, EXR): not ready: missing; " in done.stdout
    assert "-m pip install openimageio' adds it" in done.stdout


def test_to_an_artist_it_names_buttons_and_no_commands(engine: Engine, tmp_path: Path) -> None:
    home = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    assert "Fetch VGG-19 Weights" in engine("doctor", "--in-blender", **home).stdout
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('No module named torch', name='torch')")
    said = engine("doctor", "--in-blender", PYTHONPATH=f"{tmp_path}:{_root()}").stdout
    assert "torch: missing; Set Up Engine adds it" in said
    assert "pip" not in said
    assert "neural-texture" not in said


def test_a_folder_that_an_interrupted_removal_left_is_no_package(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "hollow").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert "damaged" in (doctor._problem_with("hollow") or "")


def test_without_torch_a_job_fails_in_one_line(engine: Engine, style: Path, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('No module named torch', name='torch')")
    done = engine("synthesize", style, "--size", 32, "--out", "out", PYTHONPATH=f"{tmp_path}:{_root()}")
    assert done.returncode == 1
    assert "lacks torch" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def _root() -> Path:
    return Path(__file__).resolve().parents[2]
