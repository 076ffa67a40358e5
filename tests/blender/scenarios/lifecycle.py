"""What may happen to Blender while a job runs."""

import os
import signal
import threading
import time
from pathlib import Path
from unittest import mock

import bpy
from harness import ARGUMENTS, PACKAGE, disable, extension, module, pump_until, start_long_job, timer_runs

style, folder = ARGUMENTS


def stages(name: str) -> int:
    return len(list(Path(folder, name, "stages").glob("*.png")))


def worn() -> str:
    """The cube's material."""
    return bpy.data.objects["Cube"].active_material.name


def data() -> dict:
    """What a preview adds to."""
    images = sorted(image.name for image in bpy.data.images if image.type == "IMAGE")
    materials = sorted(made.name for made in bpy.data.materials if not made.is_grease_pencil)
    return {"images": images, "materials": materials, "worn": worn()}


def rendered(path: str) -> bool:
    """Render a small picture."""
    scene = bpy.context.scene
    scene.render.engine, scene.render.filepath = "CYCLES", path
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.render.resolution_x = scene.render.resolution_y = 16
    bpy.ops.render.render(write_still=True)
    return Path(path).is_file()


with extension() as findings:
    session_of = module("session")

    with mock.patch("signal.signal", return_value=None) as set_handler, module("console").interrupt_cancels():
        pass
    findings["a handler in C is followed by"] = set_handler.call_args.args[1]

    job = start_long_job(style, f"{folder}/killed")
    pump_until(lambda: job.stage is not None)
    os.kill(job.worker.pid, signal.SIGKILL)
    killed = time.monotonic()
    pump_until(lambda: job.ending is not None)
    findings["killed: said after"] = time.monotonic() - killed
    findings["killed"] = session_of.texture.message.text
    findings["killed: stages"] = stages("killed")

    job = start_long_job(style, f"{folder}/cancelled")
    job.then = lambda: findings.update({"cancelled: threads": [thread.name for thread in threading.enumerate()]})
    pump_until(lambda: job.stage is not None)
    findings["timer while it runs"] = timer_runs()
    bpy.ops.neural_texture.cancel()
    pump_until(lambda: job.ending is not None)
    findings["cancelled"] = session_of.texture.message.text
    findings["cancelled: stages"] = stages("cancelled")
    findings["timer asks to go on"] = module("event_pump").tick()

    findings["data before"] = data()
    job = start_long_job(style, f"{folder}/loaded")
    pump_until(lambda: worn() == job.name)
    findings["rendered"] = rendered(f"{folder}/rendered.png")
    at = job.progress
    findings["rendered: goes on"] = pump_until(lambda: job.progress is not at)
    bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/saved.blend", copy=True)
    with bpy.data.libraries.load(f"{folder}/saved.blend") as (saved, _):
        findings["saved: materials"] = [name for name in saved.materials if name in (job.name, "Material")]
    findings["saved: goes on"] = pump_until(lambda: worn() == job.name)
    bpy.app.handlers.save_pre.clear()  # Blender saves by itself, too, and then says nothing
    bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/meanwhile.blend", copy=True)
    bpy.app.handlers.save_pre.append(module("live_preview")._before_save)
    bpy.ops.wm.open_mainfile(filepath=f"{folder}/meanwhile.blend")
    job.worker.join(3)
    findings["file load: worker"] = job.worker.alive
    findings["file load: running"] = session_of.texture.running is not None
    findings["file load: timer"] = timer_runs()
    findings["file load: still enabled"] = PACKAGE in bpy.context.preferences.addons
    findings["file load: data"] = data()

    job = start_long_job(style, f"{folder}/disabled")
    pump_until(lambda: worn() == job.name)
    tick = module("event_pump").tick
    disable()
    job.worker.join(3)
    findings["disabled: worker"] = job.worker.alive
    findings["disabled: data"] = data()
    findings["disabled: timer"] = bpy.app.timers.is_registered(tick)
