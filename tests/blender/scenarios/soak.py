"""Many `short` textures one after another, or a `long` one that is shown all the while: what is left of them."""

import gc
import os
import tempfile
import threading
import time
from pathlib import Path

import bpy
from harness import ARGUMENTS, extension, module, pump_until, timer_runs

style, folder, what, number = ARGUMENTS
UNDO_STEPS = 3
"""Kept by Blender: as many textures have to be made before its memory can be flat."""


def ask(size: int, iterations: int, name: str):
    """As Generate does where there is a window. Gives the session."""
    words = module("job_from_scene")
    steps = (words.Optimise(solver=adam(iterations)),)
    choice = words.Choice(images=(words.StyleImage(filepath=style),), width=size, height=size, steps=steps)
    asked = module("generation").ask(choice, target=bpy.context.active_object, out=f"{folder}/{name}", live=True)
    module("event_pump").start()
    return asked


def adam(iterations: int):
    """The solver of such a job."""
    solver = type(module("job_from_scene").Optimise().solver)
    return solver(iterations=iterations, coarse_iterations=iterations)


def stop_timer() -> None:
    """As its function asks for, once nothing is left to do. Without a window nobody calls it."""
    tick = module("event_pump").tick
    if tick() is None and bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)


def throw_away() -> None:
    """What an artist would who does not like the texture: it is the artist's, and no leak."""
    thing = bpy.context.active_object
    thing.data.materials.clear()
    bpy.ops.outliner.orphans_purge(do_recursive=True)


def memory() -> int:
    """Of this process, in bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def temporary() -> list:
    places = [Path(tempfile.gettempdir()), Path(bpy.app.tempdir)]
    return sorted(str(path) for place in places if place.is_dir() for path in place.rglob("*"))


def children() -> list:
    return [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


def held() -> dict:
    """What may not become more."""
    return {
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "threads": threading.active_count(),
        "timer": timer_runs(),
        "images": sorted(image.name for image in bpy.data.images),
        "materials": len(bpy.data.materials),
        "processes": children(),
        "temporary files": temporary(),
        "waiting": len(module("session").waiting),
        "workers": sum(type(thing).__name__ == "WorkerProcess" for thing in gc.get_objects()),
    }


def many_short(findings: dict, count: int) -> None:
    memories, every = [], []
    for number in range(count):
        asked = ask(32, 2, f"short_{number}")
        pump_until(lambda asked=asked: asked.ending is not None)
        findings["ended"] = type(asked.ending).__name__
        stop_timer()
        throw_away()
        memories.append(memory())
        every.append(held())
    findings["memories"], findings["held"] = memories, every


def one_long(findings: dict, seconds: float) -> None:
    before = held()
    asked = ask(64, 100_000, "long")
    pump_until(lambda: asked.image_uid is not None)
    images, memories, more, files = len(bpy.data.images), [], set(), set()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pump_until(lambda: False, seconds=1.0)
        memories.append(memory())
        more.add(len(bpy.data.images) - images)
        files.add(len(list(Path(folder, "long").glob("*preview*"))))
    findings["goes on"] = asked.ending is None
    findings["memories"] = memories
    findings["images more"], findings["preview files"] = sorted(more), sorted(files)
    findings["events that wait"] = asked.worker.events.qsize()
    asked.cancel()
    pump_until(lambda: asked.ending is not None)
    stop_timer()
    throw_away()
    findings["more than before"] = {
        what: [before[what], after] for what, after in held().items() if after != before[what] and what != "workers"
    }


with extension() as findings:
    bpy.context.preferences.edit.undo_steps = UNDO_STEPS
    throw_away()
    {"short": many_short, "long": one_long}[what](findings, int(number))
