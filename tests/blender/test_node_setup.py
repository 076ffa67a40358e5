import numpy as np
import pytest
import torch

from neural_texture_addon.engine import image_file, relief
from neural_texture_addon.engine.torus import Wrap
from neural_texture_addon.job.description import Bits, Estimates, FileFormat, MapKind, Output

pytestmark = pytest.mark.blender
RELIEF = 0.04


@pytest.fixture
def ridges(tmp_path):
    """Files of all maps of a surface 64 px wide whose normals tell of a relief of RELIEF."""
    columns = torch.linspace(0, 2 * torch.pi, 65)[:64]
    rows = torch.linspace(0, 2 * torch.pi, 33)[:32]
    height = ((columns.sin()[None] + rows.cos()[:, None]) / 4 + 0.5)[None, None]
    maps = {kind: torch.full((1, kind.channels, 32, 64), 0.5) for kind in MapKind}
    maps[MapKind.HEIGHT] = height
    maps[MapKind.NORMAL] = relief.normals(height, RELIEF * 64, Wrap(x=True, y=True))
    for kind, texels in maps.items():
        output = Output(format=FileFormat.PNG, bits=Bits.SIXTEEN)
        (tmp_path / f"{kind.value}.png").write_bytes(image_file.encode(texels, kind, output))
    return tmp_path


def test_each_map_is_led_to_its_socket_with_one_relief_for_normals_and_displacement(blender, ridges):
    found = blender.run("node_setup", ridges)
    shader = "BsdfPrincipled"
    assert found["ways"] == {
        "colour": [f"{shader}: Base Color"],
        "normal": ["NormalMap: Color", f"{shader}: Normal"],
        "height": ["Displacement: Height", "OutputMaterial: Displacement"],
        "roughness": ["Math: Value", f"{shader}: Roughness"],
        "metalness": [f"{shader}: Metallic"],
        "occlusion": ["glTF Material Output: Occlusion"],
    }
    assert found["spaces"] == {kind.value: "Non-Color" for kind in MapKind} | {"colour": "sRGB"}
    assert found["method"] == "BOTH"

    spaces, midlevels, scales = zip(*found["displacement"], strict=True)
    assert set(spaces) == {"WORLD"}
    assert set(midlevels) == {0.5}
    assert np.allclose(scales, [RELIEF * width for width in (2.0, 3.0, 2.0)], rtol=0.1), "as wide, so high"
    assert scales[0] == scales[2]
    assert found["boxes"][2] == pytest.approx(RELIEF, rel=0.1)
    assert found["groups"] == 1
    assert found["without normals"] == ["WORLD", 0.5, Estimates.relief]
    assert found["flat"] == Estimates.relief
