"""What may happen to Blender while a job runs."""

import os
import signal
from pathlib import Path
from unittest import mock

import bpy
from harness import ARGUMENTS, PACKAGE, disable, extension, module, pump_until, start_long_job, timer_runs

style, folder = ARGUMENTS


def stages(name: str) -> int:
    return len(list(Path(folder, name, "stages").glob("*.png")))


with extension() as findings:
    session_of = module("session")

    with mock.patch("signal.signal", return_value=None) as set_handler, module("console").interrupt_cancels():
        pass
    findings["a handler in C is followed by"] = set_handler.call_args.args[1]

    job = start_long_job(style, f"{folder}/killed")
    pump_until(lambda: job.stage is not None)
    os.kill(job.worker.pid, signal.SIGKILL)
    pump_until(lambda: job.ending is not None)
    findings["killed"] = session_of.texture.message.text
    findings["killed: stages"] = stages("killed")

    job = start_long_job(style, f"{folder}/cancelled")
    pump_until(lambda: job.stage is not None)
    findings["timer while it runs"] = timer_runs()
    bpy.ops.neural_texture.cancel()
    pump_until(lambda: job.ending is not None, seconds=3)
    findings["cancelled"] = session_of.texture.message.text
    findings["cancelled: stages"] = stages("cancelled")
    findings["timer asks to go on"] = module("event_pump").tick()

    job = start_long_job(style, f"{folder}/loaded")
    pump_until(lambda: job.started is not None)
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    job.worker.join(3)
    findings["file load: worker"] = job.worker.alive
    findings["file load: running"] = session_of.texture.running is not None
    findings["file load: timer"] = timer_runs()
    findings["file load: still enabled"] = PACKAGE in bpy.context.preferences.addons

    job = start_long_job(style, f"{folder}/disabled")
    pump_until(lambda: job.started is not None)
    tick = module("event_pump").tick
    disable()
    job.worker.join(3)
    findings["disabled: worker"] = job.worker.alive
    findings["disabled: timer"] = bpy.app.timers.is_registered(tick)
