"""A worker waits for the next texture while the panel is in sight."""

import bpy
from harness import ARGUMENTS, PACKAGE, extension, module, pump_until, start_long_job

style, folder = ARGUMENTS

with extension() as findings:
    session, forecast, loaded = module("session"), module("forecast"), module("loaded_engine")
    settings, preferences = bpy.context.scene.neural_texture, bpy.context.preferences.addons[PACKAGE].preferences
    settings.images.add().filepath = style

    def waiting() -> int | None:
        """The process that waits, once the timer has looked."""
        loaded.tick()
        return session.spare.pid if session.spare.waits else None

    def draw() -> None:
        """Let the panel be drawn, and the forecast look at what it asks for."""
        session.panel.draw()
        session.panel.look_at(forecast.wanted())

    def end(job) -> None:
        job.cancel()
        pump_until(lambda: job.ending is not None)

    findings["before the panel is drawn"] = waiting()
    draw()
    findings["while a forecast is due"] = waiting()
    preferences.forecasts = False
    draw()
    findings["drawn"] = first = waiting()
    findings["looked at again"] = waiting()

    job, other = (start_long_job(style, f"{folder}/{name}") for name in ("first", "second"))
    findings["makes the texture"] = job.worker.pid
    findings["while another waits for its turn"] = second = session.spare.pid
    end(job)
    pump_until(lambda: other.worker is not None)
    findings["makes the other"] = other.worker.pid
    findings["while nothing waits"] = waiting()
    end(other)
    findings["after it"] = waiting()

    preferences.keep_loaded = False
    findings["not wanted"] = waiting()
    preferences.keep_loaded = True
    findings["wanted again"] = waiting()
    session.panel.drawn_at -= 1000
    findings["out of sight"] = waiting()

    draw()
    findings["left over"] = [first, second, waiting()]
