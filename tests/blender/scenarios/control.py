"""What an artist may do meanwhile: watch, undo, pause, finish early, queue, resume, choose a seed."""

import time

import bpy
from harness import ARGUMENTS, extension, few_iterations, module, pump_until, start_long_job

style, folder = ARGUMENTS
ops = bpy.ops.neural_texture


def worn() -> str | None:
    slots = bpy.data.objects["Cube"].material_slots
    return slots[0].material.name if slots and slots[0].material else None


def image_of(job):
    return module("preview").by_uid(job.image_uid)


def textures() -> list:
    return sorted(image.name for image in bpy.data.images if image.type == "IMAGE")


def materials() -> list:
    return sorted(m.name for m in bpy.data.materials if not m.is_grease_pencil)


with extension() as findings:
    session = module("session")
    findings["materials before"], findings["worn before"] = materials(), worn()
    made_before = textures()
    bpy.ops.ed.undo_push(message="Before")

    job = start_long_job(style, f"{folder}/watched")
    pump_until(lambda: worn() == job.name)
    findings["watched: worn"] = worn() == job.name
    image = image_of(job)
    findings["watched: image"] = [image.is_float, len(set(image.pixels[:])) > 8, image.pixels[3]]
    sizes = set()
    pump_until(lambda: sizes.add(tuple(image_of(job).size)) or len(sizes) > 1)
    findings["watched: sizes"] = sorted(map(list, sizes))

    ops.pause()
    pump_until(lambda: job.paused)
    at = job.progress
    pump_until(lambda: False, seconds=0.5)
    findings["paused: goes on"] = job.progress is not at
    findings["paused: in words"] = module("console").in_words(job)
    shown = pump_until(lambda: job.shown and not job.reading) and list(image_of(job).pixels)
    bpy.ops.ed.undo_push(message="Paused")
    bpy.data.objects["Light"].location.x += 1
    bpy.ops.ed.undo_push(message="And something else")
    bpy.ops.ed.undo()
    findings["undone while paused: shown"] = pump_until(
        lambda: image_of(job) is not None and worn() == job.name and list(image_of(job).pixels) == shown, seconds=20
    )
    ops.pause()
    findings["continued"] = pump_until(lambda: job.progress is not at)

    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.ed.undo_push(message="Cube")
    bpy.ops.ed.undo()
    findings["undone: worn"] = worn()
    findings["undone: goes on"] = pump_until(lambda: image_of(job) is not None and worn() == job.name)
    bpy.ops.ed.undo_push(message="While the cube tries it on")
    bpy.data.objects["Light"].location.x += 1
    bpy.ops.ed.undo_push(message="And still does")
    bpy.ops.ed.undo()
    findings["undone to where it was worn: goes on"] = pump_until(lambda: worn() == job.name, seconds=30)

    waits = start_long_job(style, f"{folder}/waits")
    other = start_long_job(style, f"{folder}/never")
    findings["waiting"] = [asked.worker is None for asked in session.waiting]
    ops.cancel_waiting(index=1)
    findings["still waiting"] = [asked.name for asked in session.waiting] == [waits.name]

    ops.finish()
    pump_until(lambda: job.ending is not None)
    size = list(bpy.data.images[job.name].size)
    findings["finished early"] = [job.ending.width, job.ending.height] == size and 16 < size[0] < 160
    findings["finished early: said"] = session.texture.message.text
    findings["finished early: left"] = [textures(), materials()]
    findings["finished early: worn"] = worn() == job.name
    bpy.ops.ed.undo()
    findings["finished early, undone: worn"] = worn()
    findings["finished early, undone: left"] = [textures(), materials()] == [made_before, findings["materials before"]]
    bpy.ops.ed.redo()
    findings["finished early, redone: worn"] = worn() == job.name

    findings["its turn"] = pump_until(lambda: waits.stage is not None)
    findings["its turn: worn"] = worn()
    ops.cancel()
    pump_until(lambda: waits.ending is not None)
    findings["cancelled: left"] = [textures(), materials()]
    findings["cancelled: worn"] = worn()

    stage, settings = waits.stage.octave, bpy.context.scene.neural_texture
    settings.device, settings.memory = "cpu", 7.0
    ops.resume()
    resumed = session.texture.last
    findings["resumed: where"] = [resumed.request.device.value, resumed.request.memory]
    settings.property_unset("device")
    settings.property_unset("memory")
    findings["resumed: from"] = resumed.request.resume_from == stage
    findings["resumed: waited for"] = [*resumed.image_uids] == ["colour"]

    added = settings.images.add()
    few_iterations()
    added.filepath, settings.width, settings.height, settings.folder = style, 160, 160, folder
    settings.seed = 5
    ops.variations(count=2)
    findings["variations"] = [
        [max(v.stage.width, v.stage.height), v.request.job.canvas.random_seed, len(v.texture_files())]
        for v in session.variations
    ]
    findings["variations: left"] = textures()
    ops.refine(index=1)
    refined = session.texture.last
    findings["refined"] = [refined.ending.width, refined.request.resume_from > 0, settings.seed]
    findings["refined: file"] = refined.texture_files()[0]
    ops.discard_variations()
    ops.generate(seed=6)
    findings["the same at once: file"] = session.texture.last.texture_files()[0]

    forecast = module("forecast")
    session.panel.look_at(forecast.wanted())
    time.sleep(0.9)
    at_work, session.texture.last.ending = session.texture.last.ending, None
    forecast.tick()
    findings["forecast beside a texture"] = session.forecast.running is not None
    session.texture.last.ending = at_work
    end = time.monotonic() + 60
    while (session.forecast.last is None or not session.forecast.last.ended) and time.monotonic() < end:
        forecast.tick()
        time.sleep(0.05)
    findings["forecast"] = forecast.message().text
    session.forecast.last.ending = forecast.Cancelled()  # as a texture ends it
    forecast.begin(session.forecast.last.request)
    findings["forecast again"] = session.forecast.running is not None
    end = time.monotonic() + 60
    while session.forecast.running and time.monotonic() < end:
        forecast.tick()
        time.sleep(0.05)
    forecast.begin(session.forecast.last.request)
    findings["forecast once more"] = session.forecast.running is not None
    settings.width = 256
    session.panel.look_at(forecast.wanted())
    findings["forecast of others"] = forecast.message() is None
