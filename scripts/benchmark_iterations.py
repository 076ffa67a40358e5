"""What one iteration of the default job's last step takes at each size: `benchmark.py --iterations` prints it.

On a CPU in its seconds, all cores together, which other programs hardly change; elsewhere in seconds of the wall.
"""

import itertools
import statistics
import time
from dataclasses import replace

_SECONDS = 3.0
"""For the iterations that are timed, at each size; at least three."""
_MOST = 10**6
"""Iterations."""
_TOGETHER = 10
"""Iterations from one time that a card is waited for to the next: a job hardly ever waits."""
_SIDE_OF_MATRIX, _ON_A_CARD = 2048, 8192


def rows(parsed):
    """Sizes; at the first of them also more style images and more terms: cost must add up, not multiply."""
    from neural_texture_addon.engine import process

    process.let_threads_sleep()
    import torch

    from neural_texture_addon.engine import device, precision
    from neural_texture_addon.job import presets
    from neural_texture_addon.job.description import Device, Exemplar, MapKind

    device.use_all_cores()
    where, families = device.choose(Device(parsed.device)), ("both", "vgg19") if parsed.weights else ("patches",)
    number = precision.of_network(where) if parsed.weights else torch.float32
    rate, image = matrix_rate(where, number), Exemplar(maps={MapKind.COLOUR: str(parsed.exemplar)}, scale=0.5)
    print(
        f"{device.name(where)}: {rate / 1e9:.0f} GFLOP/s multiplying matrices of {str(number).removeprefix('torch.')}"
    )
    sizes = parsed.sizes or (256, 512, 1024, 2048)
    more = [(sizes[0], images, terms) for images, terms in ((2, 1), (4, 1), (1, 2), (2, 2))]
    cases = [*((size, 1, 1) for size in sizes), *more]
    for family, (size, images, terms) in itertools.product(families, cases):
        job = presets.load(presets.DEFAULT).choose(presets.Family(family), weights=True)
        step = job.steps[-1]
        doubled = replace(step, terms=tuple(t for t in step.terms for _ in range(terms)))
        seconds, work = timed(replace(job, exemplars=(image,) * images, steps=(doubled,)), size, parsed, where)
        yield {
            "size": size,
            "features": family,
            "images": images,
            "terms": len(doubled.terms),
            "ms an iteration": round(seconds * 1e3, 1),
            "ns a texel": round(seconds * 1e9 / size**2, 1),
            "share of the matrix rate": round(work / seconds / rate, 2),
        }


def timed(job, size, parsed, where):
    """Median seconds of an iteration in the finest octave, and its floating-point operations."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode, conv_flop_count

    from neural_texture_addon.engine import ingredients
    from neural_texture_addon.engine.step import Descent, optimise
    from neural_texture_addon.job.description import Canvas, Device, Request

    job = replace(job, canvas=Canvas(width=size, height=size))
    given = ingredients.gather(Request(job=job, out="", device=Device(where.type), weights=parsed.weights))
    generator = torch.Generator().manual_seed(1)
    canvas, around = given.painted(given.octaves[-1], generator), given.around(given.octaves[-1], generator)
    step, marks = job.steps[-1], []
    losses = optimise(step, canvas, Descent(step, canvas, around), _MOST)
    next(losses).item()

    def of_rectified(image, kernel, *_, out_shape, **__):
        return conv_flop_count(image, kernel, out_shape)

    ours = {torch.ops.aten.cudnn_convolution_relu: of_rectified}
    with FlopCounterMode(display=False, custom_mapping=ours) as counter:
        next(losses).item()
    now, together = clock(where), 1 if where.type == "cpu" else _TOGETHER
    while len(marks) < 4 or marks[-1] - marks[0] < _SECONDS:
        *_, last = itertools.islice(losses, together)
        last.item()
        marks.append(now())
    return statistics.median(b - a for a, b in itertools.pairwise(marks)) / together, counter.get_total_flops()


def matrix_rate(where, number):
    """Floating-point operations a second of a product of square matrices, the best of some."""
    import torch

    now, side = clock(where), _SIDE_OF_MATRIX if where.type == "cpu" else _ON_A_CARD
    square, best = torch.randn(side, side, device=where, dtype=number), float("inf")
    for _ in range(9):
        began = now()
        (square @ square)[0, 0].item()
        best = min(best, now() - began)
    return 2 * side**3 / best


def clock(where):
    return time.process_time if where.type == "cpu" else time.perf_counter
