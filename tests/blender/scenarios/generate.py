"""Generate a texture by the operator's keywords; look at everything it made; undo; disable."""

import bpy
from harness import ARGUMENTS, PACKAGE, disable, extension, module

style, out = ARGUMENTS


def roughness() -> dict:
    """What becomes of a map whose numbers are no colours."""
    kind = module("job_from_scene").MapKind.ROUGHNESS
    image = module("preview").load(style, "roughness", kind)
    (texture,) = [
        node for node in module("material").build("rough", {kind: image}).node_tree.nodes if node.type == "TEX_IMAGE"
    ]
    strength = texture.outputs["Color"].links[0].to_node
    goes_to = [strength.name, strength.outputs[0].links[0].to_socket.name]
    return {"is data": image.colorspace_settings.is_data, "goes to": goes_to}


def ways() -> list:
    """Where the maps go that do not go straight to the shader."""
    kinds = module("job_from_scene").MapKind
    images = {kind: module("preview").load(style, kind, kind) for kind in (kinds.NORMAL, kinds.HEIGHT)}
    links = module("material").build("relief", images).node_tree.links
    return sorted(f"{k.from_node.type}.{k.from_socket.name} > {k.to_node.type}.{k.to_socket.name}" for k in links)


def describe(material: bpy.types.Material) -> dict:
    tree = material.node_tree
    (texture,) = [node for node in tree.nodes if node.type == "TEX_IMAGE"]
    image = texture.image
    return {
        "links": sorted(
            f"{k.from_node.type}.{k.from_socket.name} > {k.to_node.type}.{k.to_socket.name}" for k in tree.links
        ),
        "extension": texture.extension,
        "size": list(image.size),
        "colour space": image.colorspace_settings.name,
        "is data": image.colorspace_settings.is_data,
        "path": bpy.path.abspath(image.filepath),
        "users": image.users,
        "has pixels": max(image.pixels[:]) > 0.1,
    }


def state() -> dict:
    cube = bpy.data.objects["Cube"]
    return {
        "slots": [slot.material.name for slot in cube.material_slots],
        "images": sorted(image.name for image in bpy.data.images if image.type == "IMAGE"),
        "materials": sorted(
            material.name for material in bpy.data.materials if material.users and not material.is_grease_pencil
        ),
    }


with extension() as findings:
    scene = bpy.context.scene.neural_texture
    findings["defaults"] = {name: getattr(scene, name) for name in ("width", "height", "seed", "tiling", "preset")}
    bpy.ops.ed.undo_push(message="Before")
    findings["before"] = state()
    findings["result"] = list(
        bpy.ops.neural_texture.generate(
            images=style, width=64, height=48, seed=7, preset="draft", device="cpu", out=out
        )
    )
    findings["after"] = state()
    findings["material"] = describe(bpy.data.materials["speckles"])
    bpy.ops.ed.undo()
    findings["undone"] = state()
    bpy.ops.ed.redo()
    findings["redone"] = state()
    findings["roughness"] = roughness()
    findings["normal and height"] = ways()
    disable()
    kinds = ("Panel", "Operator", "UIList", "PropertyGroup", "AddonPreferences")
    findings["left"] = [
        cls.__name__
        for kind in kinds
        for cls in getattr(bpy.types, kind).__subclasses__()
        if cls.__module__.startswith(PACKAGE) and cls.is_registered
    ] + [name for name in dir(bpy.ops.neural_texture) if not name.startswith("_")]
    findings["property left"] = hasattr(bpy.types.Scene, "neural_texture")
    findings["handlers left"] = [f.__name__ for f in bpy.app.handlers.load_pre if f.__module__.startswith(PACKAGE)]
