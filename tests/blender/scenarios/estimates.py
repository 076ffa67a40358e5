"""Maps From Colour, with the engine's own process: of a texture made here, and of an image that is the artist's."""

import time
from pathlib import Path

import bpy
from harness import ARGUMENTS, complaint, disable, extension, few_iterations, module

style, folder = ARGUMENTS
make = bpy.ops.neural_texture.maps_from_colour


def worn() -> bpy.types.Material:
    return bpy.data.objects["Cube"].active_material


def maps() -> dict:
    """Each map that the material takes, with what its image says of itself."""
    kinds, found = module("preview").MapKind, {}
    for kind in kinds:
        texture = module("image_swap").texture_of(worn().node_tree, kind)
        if texture:
            image = texture.image
            found[kind.value] = {
                "name": image.name,
                "label": texture.label,
                "estimate": module("image_record").is_estimate(image),
                "space": image.colorspace_settings.name,
                "size": list(image.size),
                "differs": len(set(image.pixels[:][::4])) > 1,
                "coordinates": [link.from_node.name for link in texture.inputs["Vector"].links],
                "there": Path(bpy.path.abspath(image.filepath)).is_file(),
            }
    return found


def scales() -> list[float]:
    """Of displacements."""
    return [node.inputs["Scale"].default_value for node in worn().node_tree.nodes if node.type == "DISPLACEMENT"]


def of_an_image(path: str) -> bpy.types.Image:
    """A plain material with this colour, worn by the cube."""
    material = bpy.data.materials.new("plain")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    tree = material.node_tree
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image = bpy.data.images.load(path)
    tree.links.new(texture.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    bpy.data.objects["Cube"].active_material = material
    return texture.image


def pump(done: object) -> bool:
    end = time.monotonic() + 120
    while not done() and time.monotonic() < end:
        module("estimation").tick()
        time.sleep(0.05)
    return done()


def begin() -> object:
    """As the button does where there is a window, but for the timer, which does not fire here."""
    kinds, estimation = module("preview").MapKind, module("estimation")
    image = next(node.image for node in worn().node_tree.nodes if node.type == "TEX_IMAGE")
    return estimation.ask(image, worn(), [kinds.HEIGHT], estimation.Estimates(), None, folder)


with extension() as findings:
    session = module("session")
    bpy.context.scene.neural_texture.folder = folder
    bpy.data.objects["Cube"].data.materials.clear()
    findings["nothing worn"] = complaint(make)
    few_iterations()
    words = {"images": style, "width": 64, "height": 64, "device": "cpu", "texture_width": 2.0}
    bpy.ops.neural_texture.generate(**words)
    findings["made"] = list(make(relief=0.03, maps={"normal", "height", "roughness", "occlusion", "metalness"}))
    findings["said"] = session.estimates.message.text
    findings["maps"] = maps()
    findings["scales"] = scales()
    findings["method"] = worn().displacement_method
    bpy.ops.neural_texture.set_size(texture_width=4.0, projection="box")
    findings["scales at 4 m"] = scales()
    findings["again"] = list(make(relief=0.06))
    findings["again: scales"] = scales()
    findings["again: size"] = list(bpy.ops.neural_texture.set_size(texture_width=2.0))
    findings["again: images"] = sorted(image.name for image in bpy.data.images if "(" in image.name)
    findings["again: nodes"] = sum(node.type == "TEX_IMAGE" for node in worn().node_tree.nodes)

    findings["regenerated"] = list(bpy.ops.neural_texture.regenerate())
    findings["regenerated: said"] = session.texture.message.text

    image = of_an_image(style)
    tree = worn().node_tree
    own = tree.nodes.new("ShaderNodeTexImage")
    own.image = bpy.data.images.new("own roughness", 8, 8)
    tree.links.new(own.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Roughness"])
    tree.nodes.active = tree.nodes["Image Texture"]
    findings["an image"] = list(make(tiling="both", maps={"height", "roughness"}))
    findings["an image: said"] = session.estimates.message.text
    findings["an image: maps"] = {kind: each["estimate"] for kind, each in maps().items()}
    image.filepath = "/nowhere/stones.png"
    findings["gone"] = complaint(make)
    broken = Path(folder, "broken.png")
    broken.write_bytes(Path(style).read_bytes()[:60])
    image.filepath = str(broken)
    findings["broken"] = complaint(make)
    findings["none chosen"] = complaint(lambda: make(maps=set()))
    findings["left"] = sorted(path.name for path in Path(folder).iterdir() if path.is_dir())

    of_an_image(style)
    asked = begin()
    findings["a second one"] = complaint(make)
    findings["by the timer"] = pump(lambda: asked.ended)
    findings["by the timer: said"] = session.estimates.message.text
    asked = begin()
    bpy.ops.neural_texture.cancel_maps()
    pump(lambda: asked.ended)
    findings["cancelled"] = session.estimates.message.text
    asked = begin()
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    asked.task.join(10)
    findings["file load"] = [asked.task.outcome.name, session.estimates.running is None]
    of_an_image(style)
    asked = begin()
    disable()
    asked.task.join(10)
    findings["disabled"] = asked.task.outcome.name
