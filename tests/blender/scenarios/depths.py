"""Files of each format and depth, as the engine writes them -> Blender's images."""

import json
from pathlib import Path

import numpy as np
from harness import ARGUMENTS, extension, module

files = json.loads(Path(ARGUMENTS[0]).read_text("utf-8"))

with extension() as findings:
    preview = module("preview")
    for name, (path, kind) in files.items():
        image = preview.load(path, name, preview.MapKind(kind))
        texels = np.empty(len(image.pixels), np.float32)
        image.pixels.foreach_get(texels)
        width, height = image.size
        findings[name] = {
            "float": image.is_float,
            "space": "data" if image.colorspace_settings.is_data else image.colorspace_settings.name,
            "texels": texels.reshape(height, width, 4)[::-1, :, :3].tolist(),
        }
