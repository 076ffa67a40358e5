"""What a script is told that asks for what can't be."""

import importlib
import threading
from pathlib import Path

import bpy
from harness import ARGUMENTS, PACKAGE, complaint, extension

style, folder = ARGUMENTS
QUICK = [{"type": "optimise", "solver": {"type": "adam", "iterations": 3, "coarse_iterations": 3}}]


def said(call) -> str:
    try:
        call()
    except api.Error as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


def in_a_thread(call) -> str:
    found = []
    thread = threading.Thread(target=lambda: found.append(said(call)))
    thread.start()
    thread.join()
    return found[0]


with extension() as findings:
    api = importlib.import_module(f"{PACKAGE}.api")
    cube = bpy.data.objects["Cube"]
    made = api.synthesise(style, width=32, height=32, steps=QUICK, folder=folder)
    Path(folder, "text.png").write_text("no picture")
    Path(folder, "job.json").write_text('{"version": 1, "canvas": {"widht": 64}}')
    broken = api.synthesise(f"{folder}/text.png", width=32, height=32, folder=folder)
    findings["broken"] = [said(broken.wait), "\n" not in broken.error, str(broken.state)]
    findings["broken: left"] = broken.folder.exists()
    findings["faults"] = {
        name: said(lambda keywords=keywords: api.synthesise(**{"exemplars": style} | keywords))
        for name, keywords in {
            "name": {"hieght": 64},
            "own name": {"presett": "draft"},
            "value": {"width": 7, "format": "gif"},
            "seed": {"seed": 3},
            "preset": {"preset": "regluar"},
            "features": {"features": "eyes"},
            "device": {"device": "gpu"},
            "file": {"exemplars": [style, "/nowhere/brick.png"]},
            "thing": {"exemplars": [style, 3]},
            "two": {"job": made.job, "preset": "draft"},
            "job": {"job": f"{folder}/job.json"},
            "no job": {"job": "/nowhere/job.json"},
            "folder": {"out": f"{folder}/text.png/sub"},
        }.items()
    }
    findings["camera"] = said(lambda: made.apply_to(bpy.data.objects["Camera"]))
    findings["placement"] = said(lambda: made.apply_to(cube, projection="bx", texture_width=0))
    findings["thread"] = in_a_thread(lambda: api.synthesise(style))
    findings["thread waits"] = in_a_thread(made.wait)
    bpy.data.images.remove(made.images["colour"])
    findings["image removed"] = said(lambda: made.apply_to(cube))
    findings["text"] = complaint(lambda: bpy.ops.neural_texture.generate(job='{"version": 1, "canvas": {"width": 7}}'))
    gone = api.synthesise(style, folder=folder)
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    findings["file load"] = said(gone.wait)
