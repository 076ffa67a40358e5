"""The forecasts of jobs beside what the jobs then take, in time and memory. Markdown.

.venv/tests/bin/python scripts/measure_forecast.py [SIZE ...] [--weights FILE] [--preset NAME] [--scale 0.5]
.venv/tests/bin/python scripts/measure_forecast.py [SIZE ...] --rounds

Default preset, one of examples/, of 512 px, at this scale; with pretrained weights if they are named. With --rounds:
how many times as long as as a whole an iteration of random filters takes where only some of them have room at once, and
what the plan says of that.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def main():
    from neural_texture_addon.job import presets

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[256, 512])
    parser.add_argument("--weights", default="")
    parser.add_argument("--preset", default=presets.DEFAULT)
    parser.add_argument("--scale", type=float, default=0.5)
    parser.add_argument("--rounds", action="store_true", help="of filters, instead")
    parsed = parser.parse_args()
    if parsed.rounds:
        measure_rounds(parsed)
        return
    print("| size | seconds | forecast | ratio | peak memory, MB | forecast | ratio |\n|---|---|---|---|---|---|---|")
    for size in parsed.sizes:
        measure(size, parsed)


def measure(size, parsed):
    from neural_texture_addon.supervisor.worker_process import WorkerProcess

    with tempfile.TemporaryDirectory() as out:
        request = requested(size, out, parsed)
        foreseen = ending(WorkerProcess.forecast(Path(sys.executable), request))
        made = ending(WorkerProcess.start(Path(sys.executable), request))
    seconds = f"{made.seconds:.1f} | {foreseen.seconds:.1f} | {foreseen.seconds / made.seconds:.2f}"
    peak, memory = made.peak_memory, foreseen.memory
    print(f"| {size} | {seconds} | {peak / 1e6:.0f} | {memory / 1e6:.0f} | {memory / peak:.2f} |", flush=True)


def requested(size, out, parsed):
    from dataclasses import replace

    from neural_texture_addon.job import presets
    from neural_texture_addon.job.description import Canvas, Exemplar, MapKind, Request
    from neural_texture_addon.job.presets import Family

    picture = ROOT / "examples" / "pebbles" / "pebbles_Color.png"
    job = presets.load(parsed.preset).choose(None if parsed.weights else Family.PATCHES, bool(parsed.weights))
    exemplar = Exemplar(maps={MapKind.COLOUR: str(picture)}, scale=parsed.scale)
    job = replace(job, exemplars=(exemplar,), canvas=Canvas(width=size, height=size))
    return Request(job=job, out=out, weights=parsed.weights)


def measure_rounds(parsed):
    """In pieces of 512 px, on the CPU."""
    from neural_texture_addon.engine import process

    process.let_threads_sleep()
    import torch

    from neural_texture_addon.engine import device, ingredients, needs, plan
    from neural_texture_addon.engine.step import Descent
    from neural_texture_addon.engine.tiles import IN_PLACE
    from neural_texture_addon.engine.tiles import Plan as Pieces

    device.use_all_cores()
    print("| size | filters at once | seconds | times as long | by the plan |\n|---|---|---|---|---|")
    for size in parsed.sizes:
        given = ingredients.gather(requested(size, "", parsed))
        step, octave, generator = given.job.steps[-1], given.octaves[-1], torch.Generator().manual_seed(1)
        canvas, around = given.painted(octave, generator), given.around(octave, generator)
        ((plane, count),) = needs.of_planes(given.job, step, octave)
        whole = seconds_of(Descent(step, canvas, around, plan.WHOLE), canvas)
        print(f"| {size} | {count}, as a whole | {whole:.3f} | 1.0 | 1.0 |")
        for few in (count // 2**power for power in range(count.bit_length())):
            pieces = Pieces(side=IN_PLACE.side, room=few * plane)
            seconds = seconds_of(Descent(step, canvas, around, plan.Plan(canvas=pieces)), canvas)
            said = given.planner.times(step, octave, pieces)
            print(f"| {size} | {few} | {seconds:.3f} | {seconds / whole:.1f} | {said:.1f} |", flush=True)


def seconds_of(objective, canvas):
    """Of an iteration; the median of some."""
    iterate, seconds = canvas.clone().requires_grad_(), []
    for _ in range(8):
        began = time.perf_counter()
        iterate.grad = None
        objective(iterate).backward()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[1:])


def ending(worker):
    worker.join()
    *_, end = worker.events.queue
    return end


if __name__ == "__main__":
    main()
