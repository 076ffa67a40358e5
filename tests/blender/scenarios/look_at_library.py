"""What an asset library holds, opened in a Blender that doesn't know the extension."""

import json
import sys
from pathlib import Path

import bpy

bpy.ops.wm.open_mainfile(filepath=sys.argv[3])
findings = {}
for material in bpy.data.materials:
    (texture,) = [node for node in material.node_tree.nodes if node.type == "TEX_IMAGE"]
    (mapping,) = [node for node in material.node_tree.nodes if node.type == "MAPPING"]
    image, data = texture.image, material.asset_data
    findings[material.name] = {
        "author": data.author,
        "licence": data.license,
        "description": data.description,
        "tags": sorted(tag.name for tag in data.tags),
        "catalog": data.catalog_id,
        "thumbnail": list(material.preview.image_size),
        "scale": json.loads(image["neural_texture"])["job"]["exemplars"][0]["scale"],
        "image": [image.filepath, bool(image.packed_file), max(image.pixels[:]) > 0.1, *image.size],
        "projection": [texture.projection, round(mapping.inputs["Scale"].default_value[0], 6)],
    }
Path(sys.argv[1]).write_text(json.dumps(findings), encoding="utf-8")
