"""What the engine writes, Blender reads: the same numbers, at every depth, of colours and of data."""

import json

import numpy as np
import torch

from neural_texture_addon.engine import image_file, srgb
from neural_texture_addon.job.description import Bits, FileFormat, MapKind, Output

OUTPUTS = [Output(format=f, bits=b) for f in FileFormat for b in Bits if b <= f.most_bits]
HALF_STEPS = {Bits.EIGHT: 0.5 / 255, Bits.SIXTEEN: 0.5 / 65535}
HALF_FLOAT, FLOAT, ROUNDING = 2**-12, 1e-7, 1e-6


def test_files_of_every_format_and_depth_have_their_values_in_blender(blender, tmp_path):
    files, truth = {}, {}
    for output in OUTPUTS:
        for kind in MapKind:
            texels = torch.rand(1, kind.channels, 5, 7, generator=torch.Generator().manual_seed(1))
            name = f"{output.format.value} {output.bits.value} {kind.value}"
            path = tmp_path / f"{name}.{output.format.value}"
            path.write_bytes(image_file.encode(texels, kind, output))
            files[name], truth[name] = (str(path), kind.value), (output, kind, texels)
    (tmp_path / "files.json").write_text(json.dumps(files), encoding="utf-8")
    found = blender.run("depths", tmp_path / "files.json")
    for name, (output, kind, texels) in truth.items():
        seen, of_floats = found[name], output.format is FileFormat.EXR or output.bits is Bits.SIXTEEN
        assert seen["float"] is of_floats, name
        light = kind is MapKind.COLOUR and of_floats  # Blender's pixels: light if they are floats, else as displayed
        held = srgb.linear(texels) if light else texels
        expected = held[0].expand(3, -1, -1).movedim(0, 2).numpy()
        allowed = tolerance(output) + (2e-5 if light and output.format is not FileFormat.EXR else 0.0)
        assert np.abs(np.array(seen["texels"]) - expected).max() <= allowed, name
        space = "Linear Rec.709" if output.format is FileFormat.EXR else "sRGB"
        assert seen["space"] == (space if kind is MapKind.COLOUR else "data"), name


def tolerance(output: Output) -> float:
    """Half a step. (Where Blender turns 16 bits into light, it is up to 2.3 of their steps, and its own rounding.)"""
    if output.format is FileFormat.EXR:
        return (FLOAT if output.bits is Bits.THIRTY_TWO else HALF_FLOAT) + ROUNDING
    return HALF_STEPS[output.bits] * (1 if output.bits is Bits.EIGHT else 2.3) + ROUNDING
