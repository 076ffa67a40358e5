"""Fetching the pretrained weights: offline, from a server that hasn't them, cancelled, to the end."""

import os
import time
from pathlib import Path
from unittest import mock

import bpy
from harness import ARGUMENTS, PACKAGE, complaint, disable, extension, module

good, slow, broken = (f"{ARGUMENTS[0]}{path}" for path in ("", "/slow", "/broken"))


def drawn() -> list[str]:
    """What the preferences show of the weights."""
    layout = mock.Mock()
    module("preferences").draw_weights(layout)
    calls = layout.mock_calls
    return [
        str(call.kwargs.get("text", call.args[0] if call.args else "")) for call in calls if call.args or call.kwargs
    ]


def start(url: str) -> object:
    """As the button does where there is a window, but for the timer, which does not fire here."""
    os.environ["NEURAL_TEXTURE_WEIGHTS_URL"] = url
    preferences = module("preferences")
    session, python = module("session"), preferences.find_engine().python
    worker = session.WorkerProcess.fetch_weights(python, preferences.fetched_weights(), "relu3_4", "hub")
    return session.weights.take(session.Fetch(worker=worker, source="hub"))


def pump(done: object) -> None:
    end = time.monotonic() + 60
    while not done() and time.monotonic() < end:
        module("weights_fetch").tick()
        time.sleep(0.05)


with extension() as findings:
    session, fetch = module("session"), bpy.ops.neural_texture.fetch_weights
    system = bpy.context.preferences.system
    system.use_online_access = False
    findings["offline"] = complaint(fetch)
    system.use_online_access = True
    findings["online"] = bpy.app.online_access
    findings["nothing yet"] = module("preferences").weights_path()
    findings["nothing yet: drawn"] = drawn()

    os.environ["NEURAL_TEXTURE_WEIGHTS_URL"] = broken
    findings["broken"] = complaint(fetch)
    findings["broken: drawn"] = drawn()
    findings["broken: official"] = complaint(lambda: fetch(source="official"))

    running = start(slow)
    findings["a second one"] = complaint(fetch)
    pump(lambda: running.progress is not None and running.progress.done > 0)
    findings["while it runs: drawn"] = drawn()
    bpy.ops.neural_texture.cancel_fetch()
    pump(lambda: running.ending is not None)
    findings["cancelled"] = session.weights.message.text
    findings["cancelled: tick"] = module("weights_fetch").tick()
    folder = module("preferences").fetched_weights().parent
    findings["cancelled: kept"] = [path.stat().st_size for path in folder.iterdir()]

    os.environ["NEURAL_TEXTURE_WEIGHTS_URL"] = good
    findings["good"] = list(fetch())
    findings["good: said"] = session.weights.message.text
    findings["good: path"] = module("preferences").weights_path()
    findings["good: files"] = [path.name for path in folder.iterdir()]
    findings["good: drawn"] = drawn()

    preferences = bpy.context.preferences.addons[PACKAGE].preferences
    preferences.weights = "/nowhere/mine.pth"
    findings["named"] = module("preferences").weights_path()
    findings["named: drawn"] = drawn()
    preferences.weights = ""

    Path(findings["good: path"]).unlink()
    running = start(slow)
    tick = module("weights_fetch").tick
    bpy.app.timers.register(tick, first_interval=0.1, persistent=True)
    pump(lambda: running.progress is not None)
    disable()
    running.worker.join(5)
    findings["disabled: alive"] = running.worker.alive
    findings["disabled: timer"] = bpy.app.timers.is_registered(tick)
