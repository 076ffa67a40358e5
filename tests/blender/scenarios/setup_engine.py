"""Setting the engine up from a folder of wheels: offline, cancelled, a wheel missing, to the end; the check."""

import os
import time
from pathlib import Path
from unittest import mock

import bpy
from harness import ARGUMENTS, PACKAGE, complaint, disable, extension, module

wheels, absent, engine = ARGUMENTS


def drawn(what: str) -> list[str]:
    """What a function of the preferences shows."""
    layout = mock.Mock()
    for child in ("row", "column", "box"):
        getattr(layout, child).return_value = layout
    getattr(module("preferences"), what)(layout)
    return [str(said) for call in layout.mock_calls for said in (*call.args, call.kwargs.get("text"))]


def pump(done: object) -> None:
    end = time.monotonic() + 60
    while not done() and time.monotonic() < end:
        module("engine_setup").tick()
        time.sleep(0.02)


with extension() as findings:
    session, setup, operators = module("session"), module("engine_setup"), bpy.ops.neural_texture
    preferences = bpy.context.preferences.addons[PACKAGE].preferences
    os.environ.pop("NEURAL_TEXTURE_PYTHON")
    bpy.context.preferences.system.use_online_access = False
    own = module("extension").user_folder("engine")

    setup.first_look()
    findings["first look"] = session.engine.message.text
    findings["first look: drawn"] = drawn("draw_engine")
    findings["check of nothing"] = complaint(operators.check_set_up)
    findings["check of nothing: report"] = module("engine_check").report()
    findings["offline"] = complaint(operators.set_up_engine)
    findings["offline with wheels"] = True
    preferences.wheels = wheels
    findings["offline with wheels"] = operators.set_up_engine.poll()

    missing = Path(wheels, absent)
    content = missing.read_bytes()
    missing.unlink()
    findings["a wheel missing"] = complaint(operators.set_up_engine)
    findings["a wheel missing: drawn"] = drawn("draw_engine")
    missing.write_bytes(content)

    path = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(wheels).parent / 'bin'}:{path}"
    task = setup.start(Path(wheels))
    pump(lambda: any("of MiB" in line for line in task.lines))
    findings["while it runs: drawn"] = drawn("draw_engine")
    findings["a second one"] = complaint(operators.set_up_engine)
    findings["a check meanwhile"] = operators.check_set_up.poll()
    findings["child"] = int(task.lines[-1].split()[1])
    operators.cancel_set_up()
    pump(lambda: session.engine.running is None and session.engine.last is None)
    findings["cancelled"] = session.engine.message.text
    findings["cancelled: drawn"] = drawn("draw_engine")
    findings["cancelled: tick"] = setup.tick()
    os.environ["PATH"] = path

    findings["again"] = list(operators.set_up_engine())
    findings["again: said"] = session.engine.message.text
    findings["again: drawn"] = drawn("draw_engine")
    findings["again: in Blender's own"] = str(own)
    findings["again: folders"] = sorted(path.name for path in own.parent.iterdir())
    findings["found"] = str(module("preferences").find_engine().python)

    (damaged,) = own.glob("**/site-packages/torch/__init__.py")
    damaged.write_text("raise OSError('libc10 is damaged')")
    findings["damaged"] = complaint(operators.check_set_up)
    findings["damaged: report"] = module("engine_check").report()
    preferences.engine_python = engine
    findings["named"] = session.engine.message.text
    preferences.engine_python = ""
    os.environ["NEURAL_TEXTURE_PYTHON"] = engine
    findings["check"] = list(operators.check_set_up())
    findings["check: report"] = module("engine_check").report()
    findings["check: drawn"] = drawn("draw_check")
    findings["copy"] = list(operators.copy_report())

    os.environ["PATH"] = f"{Path(wheels).parent / 'bin'}:{path}"
    task = setup.start(Path(wheels))
    bpy.app.timers.register(setup.tick, first_interval=0.1, persistent=True)
    pump(lambda: any("of MiB" in line for line in task.lines))
    findings["child of the disabled"] = int(task.lines[-1].split()[1])
    disable()
    task.join(5)
    findings["disabled: outcome"] = str(task.outcome)
    findings["disabled: timers"] = [bpy.app.timers.is_registered(f) for f in (setup.tick, setup.first_look)]
