"""What an artist can get wrong, and what is said."""

import os
from pathlib import Path

import bpy
from harness import ARGUMENTS, complaint, extension, module

style, folder = ARGUMENTS
generate = bpy.ops.neural_texture.generate
small = {"width": 64, "height": 64, "preset": "draft", "device": "cpu"}


def engine_is(path: str) -> None:
    os.environ["NEURAL_TEXTURE_PYTHON"] = path


with extension() as findings:
    scene = bpy.context.scene.neural_texture
    findings["no image"] = complaint(generate)
    scene.images.add().filepath = ""
    findings["no file named"] = complaint(generate)
    findings["missing file"] = complaint(lambda: generate(images="/nowhere/brick.png"))
    Path(folder, "text.png").write_text("no picture")
    findings["no picture"] = complaint(lambda: generate(images=str(Path(folder, "text.png"))))
    Path(folder, "file").touch()
    findings["no folder"] = complaint(lambda: generate(images=style, out=str(Path(folder, "file", "sub"))))
    engine = os.environ.pop("NEURAL_TEXTURE_PYTHON")
    findings["no engine"] = complaint(lambda: generate(images=style))
    findings["the panel says"] = module("session").engine.message.text
    engine_is("/nowhere/python")
    findings["missing engine"] = complaint(lambda: generate(images=style))
    engine_is("/bin/false")
    findings["no Python"] = complaint(lambda: generate(images=style))
    engine_is(engine)
    bpy.context.view_layer.objects.active = bpy.data.objects["Camera"]
    findings["a camera"] = list(generate(images=style, **small))
    findings["is kept"] = bpy.data.materials["speckles"].use_fake_user
    findings["folders"] = sorted(path.name for path in module("extension").user_folder("textures").iterdir())
