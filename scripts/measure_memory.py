"""Peak memory of jobs on the CPU beside engine/memory.py's forecast, each size in a process of its own. Linux.

.venv/tests/bin/python scripts/measure_memory.py [SIZE ...]

Resident megabytes above those of the process after a job of 64 px (torch's own code). glibc is told to give every large
array back: what it keeps in store is no need.
"""

import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXEMPLAR = ROOT / "examples" / "pebbles" / "pebbles_Color.png"


def measure(size):
    from neural_texture_addon.engine import device, memory, pipeline, schedule
    from neural_texture_addon.job.description import Adam, Canvas, Device, Exemplar, Job, MapKind, Optimise, Request
    from neural_texture_addon.job.events import Finished

    device.use_all_cores()
    exemplar = Exemplar(maps={MapKind.COLOUR: str(EXEMPLAR)}, scale=0.5)
    job = Job(exemplars=(exemplar,), steps=(Optimise(solver=Adam(iterations=2, coarse_iterations=1)),))
    peaks = []
    for side in (64, size):
        job = replace(job, canvas=Canvas(width=side, height=side))
        with tempfile.TemporaryDirectory() as out:
            *_, ending = pipeline.run(Request(job=job, out=out, device=Device.CPU))
        assert isinstance(ending, Finished), ending
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)
    forecast = memory.needed(job, schedule.octaves(job.canvas, job.octaves, size)) / 2**20
    print(f"| {size} | {peaks[1] - peaks[0]:.0f} | {forecast:.0f} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        sys.path.insert(0, str(ROOT))
        measure(int(sys.argv[2]))
    else:
        print("| size | measured, MB | forecast, MB |\n|---|---|---|", flush=True)
        for size in sys.argv[1:] or ["256", "512", "1024", "2048"]:
            command, environment = [sys.executable, __file__, "--here", size], {"MALLOC_MMAP_THRESHOLD_": "1000000"}
            subprocess.run(command, env=os.environ | environment, check=True)
