"""Time, memory and quality of the default job, each in a process of its own, on any device. Prints a table.

.venv/tests/bin/python scripts/benchmark.py [--sizes 256 512] [--exemplar IMAGE] [--device auto] [--weights FILE]
    [--quality QUALITY.py] [--peer COMMAND] [--ready] [--json FILE]
.venv/tests/bin/python scripts/benchmark.py --iterations     what one iteration takes, and how that grows
.venv/tests/bin/python scripts/benchmark.py --octaves        the seconds of each octave, without imports and warming up
.venv/tests/bin/python scripts/benchmark.py --compare A.json B.json

With --ready the clock starts when the worker has loaded the engine, as in a Blender whose panel is in sight: there a
worker waits. Without, it starts with the worker, as from a script.

Other programs that are installed make the same picture (PEERS): a row each. COMMAND is one more, e.g. "neural-style
-style_image {exemplar} -content_image {exemplar} -content_weight 0 -style_scale {scale} -image_size {size}
-output_image {out}", where {scale} makes the exemplar as large in the picture as it is.

QUALITY.py is called as `QUALITY.py EXEMPLAR RESULT --weights FILE` and prints JSON (scripts/quality_table.py), for
pictures of 256 px, as large as their exemplar. Wall seconds mean something on an idle machine alone; CPU seconds nearly
always.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXEMPLAR = ROOT / "examples" / "pebbles" / "pebbles_Color.png"
SIDE = 256
"""Of the exemplar, in px."""
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
QUALITY = ("ps", "vgg", "coherence", "complete", "copy", "seam")
PEERS = {"gmic": "gmic {exemplar} syntexturize_matchpatch {size},{size} output {out}"}
"""What makes a texture of a size from an exemplar, each by the name of its program."""
sys.path.insert(0, str(ROOT))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int)
    parser.add_argument("--exemplar", type=Path, default=EXEMPLAR)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--weights", default="", help="file of VGG-19's; without it, the job that needs none")
    parser.add_argument("--quality", type=Path)
    parser.add_argument("--peer", metavar="COMMAND")
    parser.add_argument("--ready", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--iterations", action="store_true")
    parser.add_argument("--octaves", action="store_true")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A.json", "B.json"))
    parsed = parser.parse_args()
    if parsed.compare:
        compare(*(json.loads(path.read_text()) for path in parsed.compare))
        return
    if parsed.iterations:
        from benchmark_iterations import rows

        found = rows(parsed)
    elif parsed.octaves:
        from benchmark_octaves import rows

        found = rows(parsed)
    else:
        found = jobs(parsed)
    shown = show(found)
    if parsed.json:
        parsed.json.write_text(json.dumps(shown, indent=1))


def jobs(parsed):
    """What each job took, one after another."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        exemplar = Path(folder, "exemplar.png")
        Image.open(parsed.exemplar).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(exemplar)
        for size in parsed.sizes or (256, 512):
            out = Path(folder, str(size))
            yield measure(exemplar, size, parsed, out) | scores(exemplar, size, out / "result.png", parsed)
            for number, command in enumerate(peers(parsed.peer)):
                result = Path(folder, f"peer-{size}-{number}.png")
                yield measure_peer(exemplar, size, command, result) | scores(exemplar, size, result, parsed)


def peers(asked_for):
    """Commands of those that are installed, and of one that was asked for."""
    there = [command for program, command in PEERS.items() if shutil.which(program)]
    return [*there, asked_for] if asked_for else there


def scores(exemplar, size, result, parsed):
    """Of a picture that is as large as its exemplar, if there is what it takes to judge it."""
    if size != SIDE or not (parsed.quality and parsed.weights):
        return {}
    command = [sys.executable, parsed.quality, exemplar, result, "--weights", parsed.weights]
    found = json.loads(subprocess.check_output(command))
    return {name: round(found[name], 2) for name in QUALITY}


def measure_peer(exemplar, size, command, result):
    """Another program from its start to its end."""
    fields = {"exemplar": exemplar, "size": size, "out": result, "scale": SIDE / size}
    words = [word.format(**fields) for word in shlex.split(command)]
    began = time.perf_counter()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not result.is_file():
        sys.exit(f"{words[0]} ended with status {process.returncode} and {'a' if result.is_file() else 'no'} picture")
    return {
        "size": size,
        "features": Path(words[0]).name,
        "device": "its own choice",
        "first preview, s": "",
        "s": round(time.perf_counter() - began, 1),
        "s without imports": "",
        "CPU s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak memory, MB": round(usage.ru_maxrss * MAXRSS_UNIT / 1e6),
    }


def measure(exemplar, size, parsed, out):
    """One job at a worker as Blender starts it: from its start, or its request, to first preview and end."""
    from neural_texture_addon.job import presets
    from neural_texture_addon.job.description import Canvas, Device, Exemplar, MapKind, Request
    from neural_texture_addon.job.events import Event, Finished, Previewed, Ready, Started
    from neural_texture_addon.job.wire import from_line, to_line

    family = "both" if parsed.weights else "patches"
    job = replace(
        presets.load(presets.DEFAULT).choose(presets.Family(family), weights=True),
        exemplars=(Exemplar(maps={MapKind.COLOUR: str(exemplar)}),),
        canvas=Canvas(width=size, height=size),
    )
    request = Request(job=job, out=str(out), device=Device(parsed.device), weights=parsed.weights, preview_size=SIDE)
    row, began = {"size": size, "features": family}, time.perf_counter()
    command = [sys.executable, "-m", "neural_texture_addon.engine", "worker"]
    with subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True) as process:
        if parsed.ready:
            assert from_line(Event, process.stdout.readline()) == Ready()
            began = time.perf_counter()
        process.stdin.write(to_line(request))
        process.stdin.flush()
        for event in (from_line(Event, line) for line in process.stdout):
            if isinstance(event, Started):
                row["device"] = event.device
            if isinstance(event, Previewed):
                row.setdefault("first preview, s", round(time.perf_counter() - began, 1))
        if not isinstance(event, Finished):
            sys.exit(f"{size} px: {event}")
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    row["s"] = round(time.perf_counter() - began, 1)
    row["s without imports"] = round(event.seconds, 1)
    row["CPU s"] = round(usage.ru_utime + usage.ru_stime, 1)
    row["peak memory, MB"] = round((event.peak_memory or 0) / 1e6)
    return row


def show(found):
    """Prints rows as they come; all of them."""
    shown = []
    for row in found:
        if not shown:
            print(f"| {' | '.join(row)} |\n{'|---' * len(row)}|")
        print(f"| {' | '.join(map(str, row.values()))} |", flush=True)
        shown.append(row)
    return shown


def compare(before, after):
    """Each figure of the second over that of the first, where both have the row."""
    known = {label(row): row for row in before}
    for row in after:
        if old := known.get(label(row)):
            figures = {key: f"{row[key] / old[key]:.2f}" for key in row if is_figure(key) and row[key] and old.get(key)}
            print(*label(row), *(f"{key} x{ratio}" for key, ratio in figures.items()), sep="  ")


def label(row):
    return tuple(value for key, value in row.items() if not is_figure(key))


def is_figure(key):
    return key not in ("size", "features", "device", "images", "terms", "of its octaves")


if __name__ == "__main__":
    main()
