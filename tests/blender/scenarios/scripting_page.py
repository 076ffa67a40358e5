"""The examples of docs/scripting.md as they stand, each in a new scene; only the engine is asked for less (`small`)."""

import contextlib
import io
import json
import os
import runpy
import shlex
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

import bpy
from harness import ARGUMENTS, extension, module

folder, examples = ARGUMENTS
os.chdir(folder)


def small(job):
    """The job at 24 px and with few iterations."""
    kinds = module("job_from_scene")
    size = {name: min(24, getattr(job.canvas, name)) for name in ("width", "height")}
    few = {"iterations": 3, "coarse_iterations": 3}
    steps = tuple(
        replace(step, solver=replace(step.solver, **few)) if isinstance(step, kinds.Optimise) else step
        for step in job.steps
    )
    return replace(job, canvas=replace(job.canvas, **size), steps=steps)


def begin(session) -> None:
    session.request = replace(session.request, job=small(session.request.job))
    really_begin(session)


def run(language: str, text: str) -> None:
    """Do what a reader would."""
    name = text.partition("\n")[0].removeprefix("# ")
    match language, shlex.split(text)[:2]:
        case "console", ["blender", "--background"]:
            runpy.run_path(shlex.split(text)[-1])
        case "console", ["blender", "--command"]:
            assert module("cli_command").main(shlex.split(text)[3:]) == 0
        case "python", _ if name.endswith(".py"):
            Path(name).write_text(text, encoding="utf-8")
        case "python", _:
            exec(compile(text, "docs/scripting.md", "exec"), {"__name__": "__main__"})
        case _:
            raise ValueError(text)


with extension() as findings:
    session = module("session")
    really_begin = session.Session.begin
    findings["printed"], findings["worn"] = [], []
    with mock.patch.object(session.Session, "begin", begin):
        for language, text in json.loads(Path(examples).read_text("utf-8")):
            bpy.ops.wm.read_homefile(use_factory_startup=True)
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                run(language, text)
                while session.texture.running or session.waiting:
                    module("event_pump").tick()
                    time.sleep(0.02)
            findings["printed"].append(printed.getvalue())
            cube = bpy.data.objects.get("Cube")
            findings["worn"].append(cube.active_material.name if cube else None)
