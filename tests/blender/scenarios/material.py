"""Textures put into materials that an artist made; images kept beside the .blend and packed; undo."""

import bpy
from harness import ARGUMENTS, extension, module

style, folder = ARGUMENTS
COLOUR, NORMAL, HEIGHT, ROUGHNESS = ("colour", "normal", "height", "roughness")


def image(name: str) -> bpy.types.Image:
    return bpy.data.images.get(name) or bpy.data.images.new(name, 8, 8)


def fresh(name: str, kind: str = "BSDF_PRINCIPLED") -> tuple[bpy.types.Material, bpy.types.Node]:
    """A material on the cube, and its shader."""
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    bpy.data.objects["Cube"].active_material = material
    return material, next(node for node in material.node_tree.nodes if node.type == kind)


def described(tree: bpy.types.NodeTree) -> dict:
    """Every node with all that it holds and where it stands, and every link."""
    nodes = {}
    for node in tree.nodes:
        names = [p.identifier for p in node.bl_rna.properties if p.type not in ("POINTER", "COLLECTION")]
        held = {name: str(getattr(node, name)) for name in names if name not in ("select",)}
        held |= {s.identifier: str(list(v) if hasattr(v := s.default_value, "__len__") else v) for s in values(node)}
        nodes[node.name] = held | {
            "location": list(node.location),
            "image": getattr(getattr(node, "image", 0), "name", ""),
        }
    return {"nodes": nodes, "links": links(tree)}


def values(node: bpy.types.Node) -> list:
    return [socket for socket in node.inputs if hasattr(socket, "default_value")]


def links(tree: bpy.types.NodeTree) -> list:
    return sorted(
        f"{k.from_node.name}.{k.from_socket.identifier} > {k.to_node.name}.{k.to_socket.identifier}" for k in tree.links
    )


def artists() -> bpy.types.Material:
    """Nodes as artists make them: a masked mix of two colours, corrected; a roughness from a ramp; a glow."""
    material, principled = fresh("artist's")
    tree = material.node_tree
    nodes, link = tree.nodes, tree.links.new
    coordinates, mapping = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = (3, 4, 5)
    link(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    textures = {}
    for row, name in enumerate(("mask", "brick", "rough", "glow")):
        textures[name] = nodes.new("ShaderNodeTexImage")
        textures[name].image, textures[name].location = image(name), (-600, -300 * row)
        textures[name].interpolation, textures[name].projection = "Cubic", "SPHERE"
        link(mapping.outputs["Vector"], textures[name].inputs["Vector"])
    mix, corrected, ramp = (nodes.new(f"ShaderNode{kind}") for kind in ("MixRGB", "HueSaturation", "ValToRGB"))
    reroute = nodes.new("NodeReroute")
    link(textures["mask"].outputs["Color"], mix.inputs["Fac"])
    link(textures["brick"].outputs["Color"], reroute.inputs[0])
    link(reroute.outputs[0], mix.inputs["Color2"])
    link(mix.outputs["Color"], corrected.inputs["Color"])
    link(corrected.outputs["Color"], principled.inputs["Base Color"])
    link(textures["rough"].outputs["Color"], ramp.inputs["Fac"])
    link(ramp.outputs["Color"], principled.inputs["Roughness"])
    link(textures["glow"].outputs["Color"], principled.inputs["Emission Color"])
    nodes.active = textures["glow"]
    return material


def put(material: bpy.types.Material, *maps: str) -> dict:
    """Put a texture of these maps into the material; what became of it."""
    kinds, projection = module("preview").MapKind, module("projection")
    before = described(material.node_tree)
    remark = module("image_swap").swap(
        material, {kinds(kind): image(f"new {kind}") for kind in maps}, projection.Layout()
    )
    after = described(material.node_tree)
    return {
        "remark": remark,
        "changed": {
            name: node["image"]
            for name, node in after["nodes"].items()
            if name in before["nodes"] and node != before["nodes"][name]
        },
        "only images changed": all(
            node | {"image": ""} == after["nodes"][name] | {"image": ""} for name, node in before["nodes"].items()
        ),
        "links broken": [link for link in before["links"] if link not in after["links"]],
        "links made": [link for link in after["links"] if link not in before["links"]],
    }


def taken() -> dict:
    """A procedural colour."""
    material, principled = fresh("procedural")
    noise = material.node_tree.nodes.new("ShaderNodeTexNoise")
    material.node_tree.links.new(noise.outputs["Color"], principled.inputs["Base Color"])
    return put(material, COLOUR)


def without_principled() -> dict:
    """The image that is selected, in a material of another shader."""
    material, principled = fresh("diffuse")
    tree = material.node_tree
    tree.nodes.remove(principled)
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image = image("brick")
    tree.nodes.active = texture
    return put(material, COLOUR, HEIGHT)


def built() -> dict:
    """Our own material, of all maps."""
    kinds = module("preview").MapKind
    made = module("material").build("all", {kind: image(kind.value) for kind in kinds})
    return {"links": links(made.node_tree), "displacement": made.displacement_method}


def state() -> dict:
    cube = bpy.data.objects["Cube"]
    return {
        "worn": cube.active_material.name,
        "tree": described(cube.active_material.node_tree),
        "images": sorted(image.name for image in bpy.data.images if image.type == "IMAGE"),
        "materials": sorted(material.name for material in bpy.data.materials if material.users),
    }


def generated(**chosen: object) -> dict:
    """A texture made by the engine."""
    words = {"images": style, "width": 32, "height": 32, "preset": "draft", "device": "cpu"}
    bpy.ops.ed.undo_push(message="Before")
    before = state()
    bpy.ops.neural_texture.generate(**words, **chosen)
    after = state()
    (name,) = {*after["images"]} - {*before["images"]}
    made = bpy.data.images[name]
    found = {"path": made.filepath, "packed": made.packed_file is not None, "pixels": max(made.pixels[:]) > 0.1}
    found |= {"worn": after["worn"], "before": sorted(before["tree"]["nodes"]), "after": sorted(after["tree"]["nodes"])}
    bpy.ops.ed.undo()
    return found | {"undone": state() == before}


with extension() as findings:
    findings["artist's"] = put(artists(), COLOUR, ROUGHNESS, NORMAL, HEIGHT)
    findings["taken"] = taken()
    findings["without principled"] = without_principled()
    findings["built"] = built()
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/scene.blend")
    artists()
    findings["replaced"] = generated(into="active", storage="pack")
    findings["beside"] = generated(into="new", storage="beside")
    bpy.data.objects["Cube"].data.materials.clear()
    fresh("plain")
    findings["into a plain one"] = generated(into="active", texture_width=0.5)
