"""Peak memory of jobs beside engine/needs.py's forecast, each in a process of its own. Markdown.

.venv/tests/bin/python scripts/measure_memory.py [--device cuda] [--weights FILE] [--lines WORD ...]
.venv/tests/bin/python scripts/measure_memory.py --waiting      what a worker holds that waits for a request (Linux)

On the CPU (Linux): resident megabytes above those of the process after a job of 64 px with an exemplar of 26 px
(torch's own code). On a graphics card: of all tensors, and what torch took for them from the driver.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXEMPLAR = ROOT / "examples" / "pebbles" / "pebbles_Color.png"
LINES = [
    *(("patches", size, 0.5, 0) for size in (512, 1024, 2048)),
    ("patches", 2048, 0.5, 0.8),
    *(("large exemplar", size, 4, 0) for size in (512, 1024)),
    ("vgg19", 512, 0.5, 0),
    ("vgg19", 512, 0.5, 0.3),
    ("both", 384, 0.5, 0),
    ("lbfgs", 512, 0.5, 0),
]
"""What is looked at, the side in px, the scale of a 512 px exemplar, and a limit in GB above the process's own."""
LINES_OF_A_CARD = [
    *(("patches", size, 0.5, 0) for size in (1024, 2048, 4096)),
    *(("vgg19", size, 0.5, 0) for size in (1024, 2048)),
    *(("default", size, 0.5, 0) for size in (1024, 2048, 4096)),
    ("default", 4096, 0.5, 6),
    ("default", 8192, 0.5, 12),
]


def measure(family, size, scale, limit, weights):
    from neural_texture_addon.engine import device, ingredients, memory, pipeline, plan
    from neural_texture_addon.job.description import Canvas, Device, Exemplar, Job, MapKind, Octaves, Request
    from neural_texture_addon.job.events import Finished

    device.use_all_cores()
    tiny, exemplar = (Exemplar(maps={MapKind.COLOUR: str(EXEMPLAR)}, scale=share) for share in (0.05, scale))
    job = Job(exemplars=(tiny,), steps=(step_of(family),), octaves=Octaves(start_size=10**4))
    peaks, request = [], Request(job=job, out="", device=Device.CPU, weights=weights)
    for side in (64, size):
        job = replace(job, canvas=Canvas(width=side, height=side), exemplars=(tiny if side == 64 else exemplar,))
        with tempfile.TemporaryDirectory() as out:
            request = replace(request, job=job, out=out)
            if side == size:
                base = memory.held(device.choose(Device.CPU))
                request = replace(request, memory=limit and limit + base / 1e9)
                given = ingredients.gather(request)
                checked = plan.check(given.planner, given.octaves, given.device, request.memory)
                (planned,) = checked.values()
                pieces = planned.canvas or planned.exemplars
                read = sum(exemplar.texels.nbytes for exemplar in given.exemplars)
                del given
            *_, ending = pipeline.run(request)
        assert isinstance(ending, Finished), ending
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    measured, how = (peaks[1] - peaks[0]) / 1e6, f"pieces of {pieces.side} px" if pieces else "whole"
    forecast, shown = (planned.need + read) / 1e6, round(512 * scale)
    said = f"{measured:.0f} | {forecast:.0f} | {forecast / measured:.2f}"
    print(f"| {family} | {size} | {shown} | {how} | {said} |", flush=True)


def measure_on_card(family, size, scale, limit, weights):
    import torch

    from neural_texture_addon.engine import ingredients, pipeline, plan
    from neural_texture_addon.job.description import Canvas, Device, Exemplar, Job, MapKind, Octaves, Request
    from neural_texture_addon.job.events import Failed

    exemplar, canvas = Exemplar(maps={MapKind.COLOUR: str(EXEMPLAR)}, scale=scale), Canvas(width=size, height=size)
    job = Job(exemplars=(exemplar,), steps=(step_of(family),), octaves=Octaves(start_size=10**4), canvas=canvas)
    with tempfile.TemporaryDirectory() as out:
        request = Request(job=job, out=out, device=Device.CUDA, weights=weights, memory=limit)
        given = ingredients.gather(request)
        (planned,) = plan.check(given.planner, given.octaves, given.device, limit).values()
        del given
        torch.cuda.empty_cache()
        *_, ending = pipeline.run(request)
    assert not isinstance(ending, Failed), ending
    how = f"pieces of {planned.canvas.side} px (limit {limit} GB)" if planned.canvas else "whole"
    measured, forecast, taken = ending.peak_memory / 1e6, planned.need / 1e6, torch.cuda.max_memory_reserved() / 1e6
    said = f"{measured:.0f} | {forecast:.0f} | {forecast / measured:.2f} | {taken:.0f}"
    print(f"| {family} | {size} | {round(512 * scale)} | {how} | {said} |", flush=True)


def measure_waiting():
    from neural_texture_addon.job.events import Event, Ready
    from neural_texture_addon.job.wire import from_line
    from neural_texture_addon.supervisor import launch

    with launch.piped(launch.worker(Path(sys.executable))) as process:
        assert from_line(Event, process.stdout.readline().decode()) == Ready()
        fields = dict(line.split(":") for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
        own, files = (int(fields[name].split()[0]) * 1024 / 1e6 for name in ("RssAnon", "RssFile"))
        print(f"{own:.0f} MB of its own, {files:.0f} MB of files that the system may drop")
        process.kill()


def step_of(family):
    from neural_texture_addon.job import presets
    from neural_texture_addon.job.description import (
        Adam,
        Gram,
        Lbfgs,
        Moments,
        Optimise,
        SlicedWasserstein,
        Texels,
        Vgg19,
    )

    if family == "default":
        last = presets.load(presets.DEFAULT).choose(presets.Family.BOTH, weights=True).steps[-1]
        return replace(last, from_size=0, solver=replace(last.solver, iterations=2, coarse_iterations=2))
    terms = {
        "patches": (SlicedWasserstein(),),
        "lbfgs": (Gram(features=Texels()),),
        "vgg19": (Moments(features=Vgg19()),),
    }
    terms["large exemplar"] = terms["patches"]
    terms["both"] = terms["patches"] + terms["vgg19"]
    solver = Adam(iterations=2, coarse_iterations=2)
    if family == "lbfgs":
        solver = Lbfgs(iterations=40, coarse_iterations=40, tolerance=0.0)
    return Optimise(terms=terms[family], solver=solver)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default="")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument(
        "--lines", nargs="*", default=["patches", "large exemplar", "vgg19", "both", "lbfgs", "default"]
    )
    parser.add_argument("--here", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--waiting", action="store_true")
    parsed = parser.parse_args()
    if parsed.waiting:
        measure_waiting()
        return
    measures, lines = (measure, LINES) if parsed.device == "cpu" else (measure_on_card, LINES_OF_A_CARD)
    if parsed.here is not None:
        sys.path.insert(0, str(ROOT))
        measures(*lines[parsed.here], parsed.weights)
        return
    more = [] if parsed.device == "cpu" else ["taken from the driver, MB"]
    columns = ["looks through", "canvas, px", "exemplar, px", "how", "measured, MB", "forecast, MB", "ratio", *more]
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|", flush=True)
    for number, (family, *_) in enumerate(lines):
        if family in parsed.lines and (parsed.weights or family in ("patches", "large exemplar", "lbfgs")):
            command = [sys.executable, __file__, "--here", str(number), "--weights", parsed.weights]
            command += ["--device", parsed.device]
            subprocess.run(command, env=os.environ | {"MALLOC_MMAP_THRESHOLD_": "1000000"}, check=True)


if __name__ == "__main__":
    main()
