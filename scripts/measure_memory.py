"""Peak memory of jobs on the CPU beside engine/needs.py's forecast, each in a process of its own. Linux. Markdown.

.venv/tests/bin/python scripts/measure_memory.py [--weights FILE] [--lines WORD ...]

Resident megabytes above those of the process after a job of 64 px with an exemplar of 26 px (torch's own code).
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
    ("vgg19", 512, 0.5, 0),
    ("vgg19", 512, 0.5, 0.5),
    ("both", 384, 0.5, 0),
    ("lbfgs", 512, 0.5, 0),
]
"""What is looked at, the side in px, the scale of a 512 px exemplar, and a limit in GB above the process's own."""


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
                del given
            *_, ending = pipeline.run(request)
        assert isinstance(ending, Finished), ending
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    measured, how = (peaks[1] - peaks[0]) / 1e6, f"pieces of {pieces.side} px" if pieces else "whole"
    forecast, shown = planned.need / 1e6, round(512 * scale)
    said = f"{measured:.0f} | {forecast:.0f} | {forecast / measured:.2f}"
    print(f"| {family} | {size} | {shown} | {how} | {said} |", flush=True)


def step_of(family):
    from neural_texture_addon.job.description import Adam, Lbfgs, Moments, Optimise, SlicedWasserstein, Vgg19

    terms = {"patches": (SlicedWasserstein(),), "lbfgs": (SlicedWasserstein(),), "vgg19": (Moments(features=Vgg19()),)}
    terms["both"] = terms["patches"] + terms["vgg19"]
    solver = Adam(iterations=2, coarse_iterations=2)
    if family == "lbfgs":
        solver = Lbfgs(iterations=12, coarse_iterations=12)
    return Optimise(terms=terms[family], solver=solver)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default="")
    parser.add_argument("--lines", nargs="*", default=["patches", "vgg19", "both", "lbfgs"])
    parser.add_argument("--here", type=int, help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    if parsed.here is not None:
        sys.path.insert(0, str(ROOT))
        measure(*LINES[parsed.here], parsed.weights)
        return
    print("| looks through | canvas, px | exemplar, px | how | measured, MB | forecast, MB | ratio |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for number, (family, *_) in enumerate(LINES):
        if family in parsed.lines and (parsed.weights or family in ("patches", "lbfgs")):
            command = [sys.executable, __file__, "--here", str(number), "--weights", parsed.weights]
            subprocess.run(command, env=os.environ | {"MALLOC_MMAP_THRESHOLD_": "1000000"}, check=True)


if __name__ == "__main__":
    main()
