"""Style images chosen by one file of a set of maps, by several, by its folder; what the panel then shows."""

from pathlib import Path
from unittest import mock

import bpy
from harness import ARGUMENTS, complaint, extension, module

(folder,) = ARGUMENTS


def chosen(*names: str, **words: object) -> list[dict]:
    """The rows that choosing these files adds."""
    rows = bpy.context.scene.neural_texture.images
    rows.clear()
    given = words or {"directory": folder, "files": [{"name": name} for name in names]}
    bpy.ops.neural_texture.add_style_images(**given)
    maps = {"colour": "filepath"} | {name: name for name in ("normal", "height", "roughness", "packed")}
    found = [{kind: Path(getattr(row, name)).name for kind, name in maps.items()} for row in rows]
    return [
        {kind: name for kind, name in each.items() if name} | {"name": row.name, "green": row.green}
        for each, row in zip(found, rows, strict=True)
    ]


def drawn() -> list[str]:
    """The properties that the panel shows."""
    layout = mock.MagicMock()
    layout.panel.return_value = (mock.MagicMock(), None)
    module("style_images_panel").draw(layout, bpy.context.scene.neural_texture)
    return [call.args[1] for call in layout.mock_calls if call[0].endswith("prop") and len(call.args) > 1]


with extension() as findings:
    findings["by its normal"] = chosen("wall_NormalDX.png")
    settings = bpy.context.scene.neural_texture
    settings.maps = {"colour", "normal"}
    findings["drawn"] = drawn()
    findings["by two"] = chosen("wall_Color.png", "wall_Roughness.png")
    findings["alone"] = chosen("plain.png")
    findings["alone: drawn"] = drawn()
    findings["by its folder"] = chosen(filepath=f"{folder}/stones")
    findings["drawn of a packed file"] = drawn()
    findings["packed as"] = [settings.images[0].packed_as]
    findings["of unity"] = chosen(filepath=f"{folder}/tiles")
    findings["packed as"].append(settings.images[0].packed_as)
    scene_job = module("job_from_scene")
    made = scene_job.job(scene_job.Choice.of(settings), lambda: False)
    findings["in the job"] = made.exemplars[0].packed_as.value
    findings["of two surfaces"] = complaint(lambda: chosen(filepath=folder))
    findings["without a colour"] = complaint(lambda: chosen("moss_Height.png"))
