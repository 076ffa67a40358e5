"""The forecasts of jobs beside what the jobs then take, in time and memory. Markdown.

.venv/tests/bin/python scripts/measure_forecast.py [SIZE ...] [--weights FILE] [--preset NAME]

Default preset, one of examples/ at half its size; with pretrained weights if they are named.
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def main():
    from neural_texture_addon.job import presets

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[256, 512])
    parser.add_argument("--weights", default="")
    parser.add_argument("--preset", default=presets.DEFAULT)
    parsed = parser.parse_args()
    print("| size | seconds | forecast | ratio | peak memory, MB | forecast | ratio |\n|---|---|---|---|---|---|---|")
    for size in parsed.sizes:
        measure(size, parsed)


def measure(size, parsed):
    from dataclasses import replace

    from neural_texture_addon.job import presets
    from neural_texture_addon.job.description import Canvas, Exemplar, MapKind, Request
    from neural_texture_addon.job.presets import Family
    from neural_texture_addon.supervisor.worker_process import WorkerProcess

    picture = ROOT / "examples" / "pebbles" / "pebbles_Color.png"
    job = presets.load(parsed.preset).choose(None if parsed.weights else Family.PATCHES, bool(parsed.weights))
    exemplar = Exemplar(maps={MapKind.COLOUR: str(picture)}, scale=0.5)
    job = replace(job, exemplars=(exemplar,), canvas=Canvas(width=size, height=size))
    with tempfile.TemporaryDirectory() as out:
        request = Request(job=job, out=out, weights=parsed.weights)
        foreseen = ending(WorkerProcess.forecast(Path(sys.executable), request))
        made = ending(WorkerProcess.start(Path(sys.executable), request))
    seconds = f"{made.seconds:.1f} | {foreseen.seconds:.1f} | {foreseen.seconds / made.seconds:.2f}"
    peak, memory = made.peak_memory, foreseen.memory
    print(f"| {size} | {seconds} | {peak / 1e6:.0f} | {memory / 1e6:.0f} | {memory / peak:.2f} |", flush=True)


def ending(worker):
    worker.join()
    *_, end = worker.events.queue
    return end


if __name__ == "__main__":
    main()
