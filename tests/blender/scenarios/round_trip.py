"""Every preset and the jobs of a file -> the panel -> job files; and what words there are."""

import importlib
import json
import re
import typing
from pathlib import Path

import bpy
from harness import ARGUMENTS, PACKAGE, extension, module

drawn, folder = map(Path, ARGUMENTS)


def job_module(name: str) -> object:
    return importlib.import_module(f"{PACKAGE}.job.{name}")


with extension() as findings:
    description, wire, presets = (job_module(name) for name in ("description", "wire", "presets"))
    settings, words = bpy.context.scene.neural_texture, module("words")

    def through_the_panel(job: object) -> object:
        module("preset_in_scene").show(job, settings)
        return module("job_file").of_panel(settings)

    ready = {f"{name}/{family}": job for name in presets.names() for family, job in presets.load(name).jobs.items()}
    findings["presets"] = len(ready)
    findings["changed presets"] = [name for name, job in ready.items() if through_the_panel(job) != job]

    jobs = [wire.job_from_plain(plain) for plain in json.loads(drawn.read_text("utf-8"))]
    findings["jobs"] = [{"version": 1} | wire.to_plain(through_the_panel(job)) for job in jobs]

    again = folder / "again.json"
    through_the_panel(jobs[-1])
    findings["saved"] = list(bpy.ops.neural_texture.save_job(filepath=str(again)))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "panel.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "panel.blend"))
    settings = bpy.context.scene.neural_texture
    findings["from the .blend"] = {"version": 1} | wire.to_plain(module("job_file").of_panel(settings))

    spoken = {
        cls for cls in vars(description).values() if isinstance(cls, type) and hasattr(cls, "__dataclass_fields__")
    }
    spoken -= {description.Request} | {cls for cls in spoken if cls.__name__.startswith("_")}
    findings["without words"] = sorted(
        f"{cls.__name__}.{name}"
        for cls in spoken
        for name in cls.__dataclass_fields__
        if len(getattr(words.FIELDS.get(cls, {}).get(name), "tip", "")) < 10
    ) + sorted(
        cls.__name__ for cls in spoken if issubclass(cls, description.Variant) and not all(words.CLASSES.get(cls, [""]))
    )
    findings["silent about more and less"] = [
        f"{cls.__name__}.{name}"
        for cls, said in words.FIELDS.items()
        for name, hint in typing.get_type_hints(cls).items()
        if hint in (int, float) and not {"more", "less", "another"} & set(re.findall("[a-z]+", said[name].tip.lower()))
    ]
    findings["words of nothing"] = [
        f"{cls.__name__}.{name}"
        for cls, said in words.FIELDS.items()
        for name in said
        if name not in cls.__dataclass_fields__
    ]
