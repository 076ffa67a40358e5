"""A job file from somebody else: nothing is read but what it names, nothing is written but into the folder for it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from neural_texture_addon.job.description import Job
from neural_texture_addon.job.wire import job_to_json

WATCHED = """
import json, sys
from pathlib import Path
seen = set()
def watch(event, args):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(args[0], str):
        seen.add(str(Path(args[0]).absolute()))
sys.addaudithook(watch)
from neural_texture_addon.engine import cli
status = cli.main(sys.argv[1:])
print(json.dumps([status, sorted(seen)]))
"""


def test_a_job_file_reads_what_it_names_and_writes_into_its_folder(
    make_job: Callable[..., Job], style: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "job.json").write_text(job_to_json(make_job()), encoding="utf-8")
    for name in ("torch.py", "sitecustomize.py", "secret.txt", "style_Normal.png"):
        (theirs / name).write_text("raise SystemExit('a stranger was imported')")
        (tmp_path / name).write_text("raise SystemExit('a stranger was imported')")
    before = set(tmp_path.rglob("*"))
    out = tmp_path / "ours"
    command = [sys.executable, "-P", "-c", WATCHED, "run", str(theirs / "job.json"), "--device=cpu", "--out", str(out)]
    done = subprocess.run(command, cwd=theirs, capture_output=True, encoding="utf-8")
    status, seen = json.loads(done.stdout.splitlines()[-1])
    assert status == 0, done.stderr
    here = {path for path in map(Path, seen) if path.is_relative_to(tmp_path) and not path.is_relative_to(out)}
    assert here == {theirs / "job.json", style}
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(out)} == before
