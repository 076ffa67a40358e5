import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from neural_texture_addon.job import presets
from neural_texture_addon.job.description import Device, Job, MapKind
from neural_texture_addon.job.wire import job_from_json, job_to_json

Engine = Callable[..., subprocess.CompletedProcess[str]]
FAST = ("--preset", "draft", "--features", "patches", "--size", "32x24", "--device", "cpu")


def one_line(done: subprocess.CompletedProcess[str], status: int) -> str:
    """What a command says of what it can't do."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("neural-texture")
    return lines[0]


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """Of what is not for a program."""
    return done.stderr.splitlines()[-1]


def test_a_tile_is_made_and_made_again_from_its_job_file(engine: Engine, style: Path, tmp_path: Path) -> None:
    done = engine("synthesize", style, *FAST, "--seed", 7, "--axes", "x", "--out", "new/out ü")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    out = tmp_path / "new" / "out ü"
    assert done.stdout == f"{out / 'result.png'}\n"
    assert re.match(r"32x24 px in \d+ s; \d+ MB of memory at the peak; (no seam|a seam may show) ", last_line(done))
    with Image.open(out / "result.png") as result:
        assert result.size == (32, 24)
    stages = sorted((out / "stages").iterdir())
    assert len(stages) >= 1
    job = job_from_json((out / "job.json").read_text(encoding="utf-8"))
    assert (job.canvas.width, job.canvas.height, job.canvas.random_seed, job.canvas.tiling) == (32, 24, 7, "x")
    assert job.steps == presets.load("draft").choose(None, False).steps

    again = engine("run", out / "job.json", "--device", "cpu", "--out", "again")
    assert again.returncode == 0, again.stderr
    for name in ("result.png", "job.json", *(f"stages/{stage.name}" for stage in stages)):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes(), name


def test_a_job_file_can_be_run_in_its_own_folder(engine: Engine, make_job: Callable[..., Job], tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(job_to_json(make_job()), encoding="utf-8")
    results = []
    for _ in range(2):
        done = engine("run", tmp_path / "job.json", "--out", tmp_path)
        assert done.returncode == 0, done.stderr
        results.append((tmp_path / "result.png").read_bytes())
    assert results[0] == results[1]


def test_several_exemplars_share_a_tile(engine: Engine, style: Path, tmp_path: Path) -> None:
    Image.new("RGB", (30, 30), (200, 10, 10)).save(tmp_path / "red.png")
    done = engine("synthesize", style, "red.png", *FAST, "--out", "out")
    assert done.returncode == 0, done.stderr
    job = json.loads((tmp_path / "out" / "job.json").read_text(encoding="utf-8"))
    assert [Path(e["maps"]["colour"]) for e in job["exemplars"]] == [style, tmp_path / "red.png"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_letters_breaks_nothing(
    engine: Engine, style: Path, tmp_path: Path, encoding: str
) -> None:
    done = engine("plasma", "--size", 16, "--out", "木.png", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "木.png").exists()


EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "brick_wall"


def test_a_folder_of_maps_becomes_a_set_of_maps(engine: Engine, tmp_path: Path) -> None:
    options = ("--scale", 0.1, "--map-weight", "height=2", "--green", "directx")
    done = engine("synthesize", EXAMPLE, *FAST, *options, "--out", "out")
    assert done.returncode == 0, done.stderr
    names = ["result.png", "result_normal.png", "result_height.png", "result_roughness.png"]
    assert done.stdout.splitlines() == [str(tmp_path / "out" / name) for name in names]
    assert re.search(r"; normals and height agree to -?\d\.\d\d \(the style images' own: 0\.89\)$", last_line(done))
    job = job_from_json((tmp_path / "out" / "job.json").read_text(encoding="utf-8"))
    assert job.exemplars[0].maps[MapKind.HEIGHT] == str(EXAMPLE / "brick_wall_Height.png")
    assert job.canvas.map_weights == {MapKind.HEIGHT: 2.0}


def test_a_set_is_written_as_a_program_wants_it(engine: Engine, tmp_path: Path) -> None:
    options = ("--scale", 0.1, "--maps", "colour,roughness", "--names", "unity", "--packed", "--seed", 4)
    done = engine("synthesize", EXAMPLE, *FAST, *options, "--out", "unity")
    assert done.returncode == 0, done.stderr
    names = ["brick_wall_BaseMap.png", "brick_wall_MaskMap.png"]
    assert done.stdout.splitlines() == [str(tmp_path / "unity" / name) for name in names]
    again = engine("synthesize", EXAMPLE, *FAST, *options[:4], "--seed", 4, "--out", "plain")
    assert again.returncode == 0, again.stderr
    with (
        Image.open(tmp_path / "unity" / names[1]) as mask,
        Image.open(tmp_path / "plain/result_roughness.png") as plain,
    ):
        metallic, occlusion, _, smoothness = mask.split()
        assert smoothness.tobytes() == bytes(255 - level for level in plain.tobytes())
        assert (metallic.getextrema(), occlusion.getextrema()) == ((0, 0), (255, 255)), (
            "not made: as if there were none"
        )


def test_the_other_maps_follow_a_colour_that_is_there(engine: Engine, tmp_path: Path) -> None:
    Image.new("RGB", (36, 20), (150, 90, 70)).save(tmp_path / "made.png")
    options = ("--scale", 0.1, "--colour", "made.png", "--maps", "colour,height", "--size", 36)
    done = engine("synthesize", EXAMPLE, *FAST, *options, "--out", "out")
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "out" / "result.png") as colour, Image.open(tmp_path / "made.png") as made:
        assert colour.tobytes() == made.tobytes()
    with Image.open(tmp_path / "out" / "result_height.png") as height:
        assert height.size == (36, 20)


BAD_MAPS = {
    "no maps": ((".",), "holds no maps that can be told by their names"),
    "maps of other sizes": (
        ("small.png", f"--map=height={EXAMPLE / 'brick_wall_Height.png'}"),
        "its maps differ in size",
    ),
    "no such map": (("small.png", "--maps", "colour,height"), "exemplars[0].maps lacks height"),
    "no weight at all": ((EXAMPLE, "--maps", "height", "--map-weight", "height=0"), "canvas.map_weights: all weights"),
    "too much weight": ((EXAMPLE, "--map-weight", "height=1000"), "canvas.map_weights.height is 1000.0"),
    "a colour that nothing follows": (("small.png", "--colour", "small.png"), "canvas.colour is made already"),
}


@pytest.mark.parametrize("name", BAD_MAPS)
def test_maps_that_can_not_be_made_are_refused_in_one_line(engine: Engine, tmp_path: Path, name: str) -> None:
    Image.new("RGB", (32, 32)).save(tmp_path / "small.png")
    arguments, named = BAD_MAPS[name]
    options = [] if "--colour" in arguments else ["--size", "32"]
    said = one_line(engine("synthesize", *arguments, *options, "--features", "patches", "--out", "out"), 2)
    assert named in said


BAD_ARGUMENTS = {
    "size 0": (("--size", "0"), "canvas.width is 0; allowed: a whole number from 16 to 16384"),
    "size 7": (("--size", "7"), "canvas.height is 7"),
    "size 100000": (("--size", "100000"), "canvas.width is 100000"),
    "half a size": (("--size", "64x"), "64x"),
    "a size of letters": (("--size", "abc"), "abc"),
    "a negative size": (("--size=-5",), "-5"),
    "an endless size": (("--size", "9" * 3000), "9"),
    "one bad side": (("--size", "64x7"), "canvas.height is 7"),
    "an unknown preset": (("--preset", "best"), "preset is 'best'; allowed: default, draft"),
    "an unknown device": (("--device", "abacus"), "abacus"),
    "unknown features": (("--features", "dreams"), "dreams"),
    "unknown axes": (("--axes", "z"), "z"),
    "a negative seed": (("--seed", "-1"), "canvas.random_seed is -1"),
    "a seed of letters": (("--seed", "abc"), "abc"),
    "a scale of 0": (("--scale", "0"), "exemplars[0].scale is 0"),
    "a scale that is no number": (("--scale", "nan"), "exemplars[0].scale is NaN"),
    "an unknown option": (("--sise", "64"), "--sise"),
}


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_bad_arguments_are_refused_in_one_line(engine: Engine, style: Path, tmp_path: Path, name: str) -> None:
    arguments, named = BAD_ARGUMENTS[name]
    assert named in one_line(engine("synthesize", style, *arguments, "--out", "out"), 2)
    assert not (tmp_path / "out").exists()


def test_all_bad_fields_are_named_at_once(engine: Engine, style: Path) -> None:
    line = one_line(engine("synthesize", style, "--size", "0x100000", "--seed", "-1", "--scale", "99", "--out", "o"), 2)
    assert all(f"{name} is" in line for name in ("canvas.width", "canvas.height", "canvas.random_seed", "scale"))


@pytest.mark.parametrize("arguments", [(), ("dream",), ("synthesize",), ("synthesize", "a.png"), ("run",), ("plasma",)])
def test_half_a_command_is_refused_in_one_line(engine: Engine, arguments: tuple[str, ...]) -> None:
    assert "--help" in one_line(engine(*arguments), 2)


def test_bad_files_are_refused_in_one_line(engine: Engine, style: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    for exemplar in ("missing.png", "dot.png"):
        line = one_line(engine("synthesize", exemplar, *FAST, "--out", "out"), 2)
        assert exemplar in line
        assert not (tmp_path / "out").exists()
    assert "out is file" in one_line(engine("synthesize", style, *FAST, "--out", "file"), 2)


def test_an_image_that_would_take_more_memory_than_allowed_is_refused_before_it_does(
    engine: Engine, tmp_path: Path
) -> None:
    Image.new("RGB", (700, 600), "tan").save(tmp_path / "large.png")
    done = engine("synthesize", "large.png", "--scale", "16", "--memory", "1GB", *FAST, "--out", "o")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert re.search(r"large.png: its 11200x9600 px take 3\.9 GB of memory .* and 0\.\d GB are free", line)


def test_a_missing_graphics_card_is_said_in_one_line(engine: Engine, style: Path) -> None:
    from neural_texture_addon.engine import device

    missing = [kind for kind in (Device.CUDA, Device.MPS) if kind not in device.available()]
    for kind in missing[:1]:
        line = one_line(engine("synthesize", style, "--size", "32", "--device", kind.value, "--out", "out"), 2)
        assert f"device is {kind.value}" in line


def test_bad_job_files_are_refused_in_one_line(engine: Engine, make_job: Callable[..., Job], tmp_path: Path) -> None:
    text = job_to_json(make_job())
    files = {
        "missing.json": None,
        "cut.json": text[: len(text) // 2],
        "empty.json": "",
        "list.json": "[]",
        "future.json": text.replace('"version": 1', '"version": 99'),
        "faulty.json": text.replace('"width": 32', '"width": 3').replace('"growth"', '"groth"'),
    }
    for name, content in files.items():
        if content is not None:
            (tmp_path / name).write_text(content, encoding="utf-8")
        assert name in one_line(engine("run", name, "--out", "out"), 2)
    faulty = one_line(engine("run", "faulty.json", "--out", "out"), 2)
    assert "canvas.width is 3" in faulty
    assert "octaves.groth is unknown" in faulty
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_it_at_once_and_keeps_the_stages(
    start: Callable[..., subprocess.Popen[str]],
    wait_for: Callable[[Callable[[], bool]], None],
    make_job: Callable[..., Job],
    tmp_path: Path,
) -> None:
    (tmp_path / "job.json").write_text(job_to_json(make_job(endless=True)), encoding="utf-8")
    process = start("run", "job.json", "--device", "cpu", "--out", "out", OMP_NUM_THREADS="1")
    stages = tmp_path / "out" / "stages"
    wait_for(lambda: process.poll() is not None or any(stages.glob("octave_*")))
    assert process.poll() is None, process.stderr.read()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert errors.splitlines()[-1] == "neural-texture: cancelled; the stages saved so far stay"
    saved = sorted(stages.glob("*.png"))
    assert saved
    assert not list(stages.glob(".*"))
    for path in saved:
        with Image.open(path) as image:
            image.load()
    assert not (tmp_path / "out" / "result.png").exists()


_ON_A_SMALL_DISK = 'mount -t tmpfs -o size=20k none "$1" || exit 77; shift; exec "$@"'


def test_a_full_disk_fails_in_one_line_and_keeps_the_stages(make_job: Callable[..., Job], tmp_path: Path) -> None:
    """The disk is a mount of the process's own: it lists what is left before it ends."""
    (tmp_path / "job.json").write_text(job_to_json(make_job(size=64)), encoding="utf-8")
    (tmp_path / "disk").mkdir()
    look = (
        "import pathlib, sys; from PIL import Image; from neural_texture_addon.engine.cli import main;"
        "status = main(['run', 'job.json', '--device', 'cpu', '--out', 'disk/out']);"
        "left = sorted(p for p in pathlib.Path('disk').rglob('*') if p.is_file());"
        "[Image.open(p).load() for p in left if p.suffix == '.png'];"
        "print(*(p.name for p in left)); sys.exit(status)"
    )
    unshare = ["unshare", "-m"] if os.name == "posix" and os.geteuid() == 0 else ["unshare", "-rm"]
    command = [*unshare, "sh", "-c", _ON_A_SMALL_DISK, "sh", "disk", sys.executable, "-c", look]
    root = Path(__file__).resolve().parents[2]
    environ = os.environ | {"PYTHONPATH": str(root)}
    try:
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no small disk may be mounted here: {done.stderr.strip()}")
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    complaints = [line for line in done.stderr.splitlines() if line.startswith("neural-texture:")]
    assert len(complaints) == 1
    assert "the disk is full" in complaints[0]
    left = done.stdout.split()
    assert "job.json" in left
    assert "octave_001_12x12.png" in left or "octave_001_24x24.png" in left or len(left) > 1
    assert "result.png" not in left
    assert not [name for name in left if name.startswith(".")]
