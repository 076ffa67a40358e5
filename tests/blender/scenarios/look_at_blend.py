"""What a .blend holds, opened in a Blender that doesn't know the extension."""

import json
import sys
from pathlib import Path

import bpy

bpy.ops.wm.open_mainfile(filepath=sys.argv[3])
(plane,) = bpy.data.objects
(texture,) = [node for node in plane.active_material.node_tree.nodes if node.type == "TEX_IMAGE"]
findings = {"path": texture.image.filepath, "size": list(texture.image.size)}
Path(sys.argv[1]).write_text(json.dumps(findings), encoding="utf-8")
