"""Where the seconds of a job go, in a process that has made one already: `benchmark.py --octaves` prints it."""

import itertools
import tempfile
import time
from dataclasses import replace

_SCALE = 0.5
"""Of the exemplar."""
_FIRST = 128
"""Px of the job that is made first, and not counted."""


def rows(parsed):
    """One a size and family."""
    from neural_texture_addon.engine import process

    process.let_threads_sleep()
    from neural_texture_addon.engine import device, pipeline
    from neural_texture_addon.job import presets
    from neural_texture_addon.job.description import Canvas, Device, Exemplar, MapKind, Request
    from neural_texture_addon.job.events import Failed, StageSaved, Started

    device.use_all_cores()
    families = ("both", "vgg19") if parsed.weights else ("patches",)
    where = Device(parsed.device)
    for family in families:
        chosen = presets.load(presets.DEFAULT).choose(presets.Family(family), weights=True)
        chosen = replace(chosen, exemplars=(Exemplar(maps={MapKind.COLOUR: str(parsed.exemplar)}, scale=_SCALE),))
        for size in (_FIRST, *(parsed.sizes or (256, 512, 1024))):
            job, marks = replace(chosen, canvas=Canvas(width=size, height=size)), []
            with tempfile.TemporaryDirectory() as out:
                request = Request(job=job, out=out, device=where, weights=parsed.weights, preview_size=_FIRST)
                for event in pipeline.run(request):
                    if isinstance(event, Started | StageSaved):
                        marks.append(time.perf_counter())
            assert not isinstance(event, Failed), event
            if size != _FIRST:
                octaves = " ".join(f"{after - before:.2f}" for before, after in itertools.pairwise(marks))
                yield {"size": size, "features": family, "job s": round(event.seconds, 2), "of its octaves": octaves}
