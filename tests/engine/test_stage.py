import dataclasses
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from neural_texture_addon.engine import image_file, stage
from neural_texture_addon.engine.errors import EngineError, InputError
from neural_texture_addon.engine.stage import JobFolder, write_atomically
from neural_texture_addon.job.description import Canvas, Exemplar, FileFormat, Job, MapKind, Output, Picture
from neural_texture_addon.job.wire import job_from_json

SMALL = Job(exemplars=(Exemplar(maps={MapKind.COLOUR: "style ü \udcff.png"}),))
ALL = (MapKind.HEIGHT, MapKind.COLOUR, MapKind.ROUGHNESS, MapKind.NORMAL)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@given(st.binary(), st.binary())
def test_what_is_written_replaces_what_was_there(tmp_path: Path, first: bytes, second: bytes) -> None:
    path = tmp_path / "result ü.png"
    for content in (first, second):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert names(tmp_path) == [path.name]


@pytest.mark.skipif(os.name != "posix", reason="Windows renames over no open file")
def test_who_is_reading_the_old_file_reads_it_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "result.png"
    write_atomically(path, b"old and long")
    with path.open("rb", buffering=0) as reader:
        assert reader.read(3) == b"old"
        write_atomically(path, b"new")
        assert reader.read() == b" and long"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "result.png"
    write_atomically(path, b"old")

    def no_space(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_space)  # the last step before the new file takes the old one's name
    with pytest.raises(EngineError, match="the disk is full") as caught:
        write_atomically(path, b"new")
    assert str(path) in str(caught.value)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["result.png"]


def test_a_write_that_is_interrupted_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "result.png"
    write_atomically(path, b"old")

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["result.png"]


def test_a_folder_in_the_files_place_stays(tmp_path: Path) -> None:
    (tmp_path / "result.png").mkdir()
    with pytest.raises(EngineError, match=r"result\.png: could not be written"):
        write_atomically(tmp_path / "result.png", b"new")
    assert names(tmp_path) == ["result.png"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no umask")
def test_a_result_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "written", b"")
    assert (tmp_path / "written").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_folder_holds_the_job(tmp_path: Path) -> None:
    JobFolder(str(tmp_path / "new" / "out ü"), SMALL)
    assert job_from_json((tmp_path / "new" / "out ü" / "job.json").read_text(encoding="utf-8")) == SMALL


@pytest.mark.parametrize("file_format", FileFormat)
def test_each_map_gets_its_file(tmp_path: Path, file_format: FileFormat) -> None:
    job = Job(exemplars=SMALL.exemplars, canvas=Canvas(maps=ALL), output=Output(format=file_format))
    levels = torch.arange(8).view(1, 8, 1, 1).expand(1, 8, 16, 24) * 20
    expected = {
        MapKind.HEIGHT: [0],
        MapKind.COLOUR: [20, 40, 60],
        MapKind.ROUGHNESS: [80],
        MapKind.NORMAL: [100, 120, 140],
    }
    folder = JobFolder(str(tmp_path), job)
    for saved in (folder.save_stage(3, levels / 255, torch.Generator()), folder.save_result(levels / 255)):
        for kind, path in saved.items():
            seen = image_file.read(path, kind).values[0, :, 5, 5] * 255
            assert seen.tolist() == pytest.approx(expected[kind], abs=0.1)
    suffix = file_format.value
    assert names(tmp_path / "stages") == [
        "octave_003.safetensors",
        f"octave_003_24x16.{suffix}",
        *(f"octave_003_24x16_{kind}.{suffix}" for kind in ("height", "normal", "roughness")),
    ]
    assert {f"result.{suffix}", f"result_height.{suffix}"} <= set(names(tmp_path))


def test_stages_of_an_earlier_job_go_and_all_else_stays(tmp_path: Path) -> None:
    (tmp_path / "stages").mkdir()
    for name in ("stages/octave_01_9x9.png", "stages/octave_02_9x9_height.tiff", "stages/octave_2.safetensors"):
        (tmp_path / name).write_bytes(b"old")
    for name in ("stages/mine.png", "stages/octave_mine.png", "mine.png"):
        (tmp_path / name).write_bytes(b"old")
    JobFolder(str(tmp_path), SMALL)
    assert names(tmp_path / "stages") == ["mine.png", "octave_mine.png"]
    assert (tmp_path / "mine.png").exists()


def test_the_result_of_another_job_is_put_away_with_its_job(tmp_path: Path) -> None:
    """Or it would be taken for that of the new one, which may be cancelled; and then nothing is lost."""
    others = [dataclasses.replace(SMALL, canvas=Canvas(random_seed=seed)) for seed in (2, 3)]
    for job in (SMALL, *others):
        JobFolder(str(tmp_path), job).close()
        for name in ("result.png", "result.tiff"):
            (tmp_path / name).write_text(str(job.canvas.random_seed))
    assert names(tmp_path) == ["before", "job.json", "result.png", "result.tiff", "stages"]
    for folder, job in (tmp_path, others[1]), (tmp_path / "before", others[0]):
        assert job_from_json((folder / "job.json").read_text(encoding="utf-8")) == job
        assert (folder / "result.png").read_text() == str(job.canvas.random_seed)
    assert names(tmp_path / "before") == ["job.json", "result.png"]
    with pytest.raises(InputError, match=r"before.result\.png would be lost"):
        JobFolder(str(tmp_path), Job(exemplars=(Exemplar(maps={MapKind.COLOUR: f"{tmp_path}/before/result.png"}),)))


def test_the_result_of_the_same_job_stays_until_it_is_made_again(tmp_path: Path) -> None:
    for _ in range(2):
        JobFolder(str(tmp_path), SMALL).close()
        (tmp_path / "result.png").write_bytes(b"old")
    assert names(tmp_path) == ["job.json", "result.png", "stages"]


def test_a_job_that_cannot_begin_leaves_the_other_jobs_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path, 2)
    (tmp_path / "result.png").write_bytes(b"old")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    other = dataclasses.replace(SMALL, canvas=Canvas(random_seed=2))

    def no_space(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(InputError, match="the disk is full"):
        JobFolder(str(tmp_path), other)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


READERS = {
    "exemplar": lambda path: Job(exemplars=(Exemplar(maps={MapKind.COLOUR: path}),)),
    "content": lambda path: Job(content=Picture(path=path)),
    "seed": lambda path: Job(canvas=Canvas(seed=Picture(path=path))),
}


@pytest.mark.parametrize("name", ["result.png", "stages/octave_001_9x9.png"])
@pytest.mark.parametrize("reader", READERS)
def test_an_image_that_the_job_reads_is_not_overwritten(tmp_path: Path, name: str, reader: str) -> None:
    image = tmp_path / name
    image.parent.mkdir(exist_ok=True)
    image.write_bytes(b"mine")
    with pytest.raises(InputError, match="would be lost; name another folder"):
        JobFolder(str(tmp_path), READERS[reader](str(image)))
    assert image.read_bytes() == b"mine"


SPELLINGS = {
    "with a step back": lambda folder: folder / ".." / folder.name,
    "through a link to the folder": lambda folder: folder.parent / "link",
    "as a link to the file": lambda folder: folder.parent / "links",
}


@pytest.mark.parametrize("name", ["result.png", "stages/octave_001_9x9.png"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_nor_is_one_whose_path_is_spelled_another_way(tmp_path: Path, name: str, spelling: str) -> None:
    folder = tmp_path / "wall"
    image, spelled = folder / name, SPELLINGS[spelling](folder) / name
    image.parent.mkdir(parents=True)
    image.write_bytes(b"mine")
    try:
        (tmp_path / "link").symlink_to(folder, target_is_directory=True)
        (tmp_path / "links" / name).parent.mkdir(parents=True)
        (tmp_path / "links" / name).symlink_to(image)
    except OSError:
        pytest.skip("no links may be made here")
    for out, path in ((folder, spelled), (SPELLINGS[spelling](folder), image)):
        if out.samefile(folder):
            with pytest.raises(InputError, match="would be lost; name another folder"):
                JobFolder(str(out), READERS["exemplar"](str(path)))
    assert image.read_bytes() == b"mine"


def test_a_result_is_where_it_is_said_to_be(tmp_path: Path) -> None:
    job = Job(exemplars=SMALL.exemplars, canvas=Canvas(maps=ALL), output=Output(format=FileFormat.TIFF))
    saved = JobFolder(str(tmp_path), job).save_result(torch.zeros(1, sum(kind.channels for kind in ALL), 8, 8))
    assert saved == {kind: str(path) for kind, path in stage.result_paths(tmp_path, job).items()}


def test_a_file_in_the_folders_place_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    for path in (tmp_path / "out", tmp_path / "out" / "deeper"):
        with pytest.raises(InputError) as caught:
            JobFolder(str(path), SMALL)
        assert f"out is {path}" in str(caught.value)
    assert (tmp_path / "out").read_bytes() == b"mine"


@pytest.mark.parametrize("out", ["a\0b", "x" * 5000, "two\n" + "x" * 300])
def test_a_folder_that_cannot_be_is_bad_input(tmp_path: Path, out: str) -> None:
    with pytest.raises(InputError) as caught:
        JobFolder(str(tmp_path / out), SMALL)
    assert len(str(caught.value).splitlines()) == 1


def unwritable() -> str | None:
    """A folder in which this process may not write, even as root."""
    return next((path for path in ("/proc", "/sys") if Path(path).is_dir()), None)


@pytest.mark.skipif(unwritable() is None, reason="no folder here refuses root")
def test_an_unwritable_folder_is_bad_input() -> None:
    with pytest.raises(InputError, match=r"can't be written to .*; name another folder"):
        JobFolder(f"{unwritable()}/neural_texture", SMALL)


_ON_A_SMALL_DISK = """
mount -t tmpfs -o size=16k none "$1" || exit 77
exec "$2" -c "
import sys
from neural_texture_addon.engine.stage import write_atomically
from neural_texture_addon.engine.errors import EngineError
from pathlib import Path
path = Path(sys.argv[1]) / 'a'
write_atomically(path, b'old')
try:
    write_atomically(path, bytes(100_000))
except EngineError as error:
    print(error)
print(path.read_bytes(), [p.name for p in path.parent.iterdir()])
" "$1"
"""


def test_a_full_disk_is_named_and_the_old_file_stays(tmp_path: Path) -> None:
    unshare = ["unshare", "-m"] if os.name == "posix" and os.geteuid() == 0 else ["unshare", "-rm"]
    script = [*unshare, "sh", "-c", _ON_A_SMALL_DISK, "sh"]
    try:
        done = subprocess.run(
            [*script, tmp_path, sys.executable],
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(stage.__file__).parents[2])},
        )
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("no small disk may be mounted here")
    message, left = done.stdout.splitlines()
    assert message == f"{tmp_path}/a: could not be written (the disk is full); files saved before are whole"
    assert left == "b'old' ['a']"


def kept(folder: Path, octaves: int, job: Job = SMALL, *, shape: tuple[int, ...] = (1, 3, 9, 9)) -> list[torch.Tensor]:
    """A folder with some stages; their canvases."""
    canvases, made = [], JobFolder(str(folder), job)
    for octave in range(1, octaves + 1):
        generator = torch.Generator().manual_seed(octave)
        canvases.append(torch.rand(shape, generator=generator))
        made.save_stage(octave, canvases[-1], generator)
    return canvases


def refusal(folder: Path, job: Job = SMALL, octave: int = 1, shape: tuple[int, ...] = (1, 3, 9, 9)) -> str:
    with pytest.raises(InputError) as caught:
        stage.load(str(folder), job, octave, shape)
    assert len(str(caught.value).splitlines()) == 1
    assert str(folder) in str(caught.value)
    return str(caught.value)


def test_a_stage_is_read_as_it_was_bit_for_bit(tmp_path: Path) -> None:
    """Eight bits would not tell these values apart. The generator goes on where it was."""
    canvases = kept(tmp_path, 3)
    for octave in (1, 2, 3):
        read = stage.load(str(tmp_path), SMALL, octave, (1, 3, 9, 9))
        assert torch.equal(read.canvas, canvases[octave - 1])
        generator = torch.Generator().manual_seed(octave)
        torch.rand(1, 3, 9, 9, generator=generator)
        assert torch.equal(torch.randn(50, generator=read.generator), torch.randn(50, generator=generator))


def test_a_canvas_is_saved_however_it_lies_in_memory(tmp_path: Path) -> None:
    canvas = torch.rand(1, 9, 9, 3).movedim(3, 1)
    JobFolder(str(tmp_path), SMALL).save_stage(1, canvas, torch.Generator())
    assert torch.equal(stage.load(str(tmp_path), SMALL, 1, (1, 3, 9, 9)).canvas, canvas)


def test_to_go_on_after_a_stage_keeps_it_and_those_before_and_drops_the_rest(tmp_path: Path) -> None:
    kept(tmp_path, 3)
    (tmp_path / "result.png").write_bytes(b"old")
    JobFolder(str(tmp_path), SMALL, keep=2)
    assert stage.saved_octaves(tmp_path) == [1, 2]
    pictures = ["octave_001_9x9.png", "octave_002_9x9.png"]
    assert names(tmp_path / "stages") == ["octave_001.safetensors", pictures[0], "octave_002.safetensors", pictures[1]]
    JobFolder(str(tmp_path), SMALL)
    assert names(tmp_path / "stages") == []


def test_what_a_killed_process_was_writing_goes(tmp_path: Path) -> None:
    kept(tmp_path, 1)
    (tmp_path / "stages" / ".octave_001.safetensors.0123abcd").write_bytes(b"half")
    JobFolder(str(tmp_path), SMALL, keep=1)
    assert names(tmp_path / "stages") == ["octave_001.safetensors", "octave_001_9x9.png"]


def test_the_octaves_that_are_saved_are_counted(tmp_path: Path) -> None:
    assert stage.saved_octaves(tmp_path / "missing") == []
    kept(tmp_path, 2)
    (tmp_path / "stages" / "octave_mine.safetensors").write_bytes(b"mine")
    (tmp_path / "stages" / "octave_7.safetensors").write_bytes(b"mine")
    assert stage.saved_octaves(tmp_path) == [1, 2]


def test_a_stage_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    kept(tmp_path, 2)
    assert "holds no stage of octave 3; allowed: 1, 2" in refusal(tmp_path, octave=3)
    kept(tmp_path, 0)
    assert "holds no stage to go on from" in refusal(tmp_path)


def test_another_job_is_bad_input(tmp_path: Path) -> None:
    kept(tmp_path, 1)
    other = Job(exemplars=SMALL.exemplars, canvas=Canvas(random_seed=2))
    assert "job.json: is another job" in refusal(tmp_path, other)
    for text in ("", "{", "[]", '{"version": 99}'):
        (tmp_path / "job.json").write_text(text, encoding="utf-8")
        assert "job.json: is another job" in refusal(tmp_path)
    (tmp_path / "job.json").unlink()
    assert "no job to go on with" in refusal(tmp_path)


@given(st.binary(max_size=200) | st.integers(0, 6000))
def test_a_damaged_stage_is_bad_input(tmp_path: Path, damage: bytes | int) -> None:
    """Other bytes, or the file cut off."""
    kept(tmp_path, 1)
    path = tmp_path / "stages" / "octave_001.safetensors"
    whole = path.read_bytes()
    assert len(whole) > 6000
    path.write_bytes(damage if isinstance(damage, bytes) else whole[:damage])
    assert f"{path}: the stage is damaged" in refusal(tmp_path)


STRANGERS = {
    "without a canvas": {"random_state": torch.Generator().get_state()},
    "without a random state": {"canvas": torch.zeros(1, 3, 9, 9)},
    "with half a random state": {"canvas": torch.zeros(1, 3, 9, 9), "random_state": torch.Generator().get_state()[:99]},
    "with numbers as random state": {"canvas": torch.zeros(1, 3, 9, 9), "random_state": torch.zeros(5056)},
    "with nonsense as random state": {
        "canvas": torch.zeros(1, 3, 9, 9),
        "random_state": torch.full((5056,), 255, dtype=torch.uint8),
    },
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_strange_stage_is_bad_input(tmp_path: Path, name: str) -> None:
    kept(tmp_path, 1)
    save_file(STRANGERS[name], tmp_path / "stages" / "octave_001.safetensors")
    assert "the stage is damaged" in refusal(tmp_path)


def test_a_canvas_of_another_shape_is_bad_input(tmp_path: Path) -> None:
    """As when an exemplar was replaced by one of another size."""
    kept(tmp_path, 1)
    for shape in ((1, 3, 9, 10), (1, 4, 9, 9)):
        assert "is no canvas of" in refusal(tmp_path, shape=shape)


def test_a_stage_that_cannot_be_written_leaves_none_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = JobFolder(str(tmp_path), SMALL)

    def no_space(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(EngineError, match="the disk is full"):
        folder.save_stage(1, torch.zeros(1, 3, 9, 9), torch.Generator())
    assert names(tmp_path / "stages") == []
