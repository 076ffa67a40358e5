"""A material's maps: packed in one image, how strong they are, as they are drawn; estimated by a script."""

import importlib
from unittest import mock

import bpy
from harness import ARGUMENTS, PACKAGE, extension, module

maps, folder = ARGUMENTS
KINDS = ("colour", "normal", "height", "roughness", "occlusion", "metalness")
QUICK = [{"type": "optimise", "solver": {"type": "adam", "iterations": 3, "coarse_iterations": 3}}]


def kind_of(name: str) -> object:
    return module("preview").MapKind(name)


def wired(material: bpy.types.Material) -> dict:
    """The image of each map, and what its texture leads to."""
    found = {}
    for name in KINDS:
        texture = module("image_swap").texture_of(material.node_tree, kind_of(name))
        if texture:
            links = [link for output in texture.outputs for link in output.links]
            found[name] = [texture.image.name, sorted({link.to_node.bl_label for link in links})]
    return found


def strengths(material: bpy.types.Material) -> dict:
    tree = material.node_tree
    sockets = {name: module("material_maps").strength(tree, kind_of(name)) for name in KINDS}
    return {name: [s.node.bl_label, s.name, round(s.default_value, 4)] for name, s in sockets.items() if s}


def drawn(material: bpy.types.Material) -> dict:
    """Labels, icons and sliders of the panel."""
    layout = mock.MagicMock()
    row = mock.MagicMock()
    layout.panel.return_value = (mock.MagicMock(), row)
    with mock.patch.object(module("thumbnails"), "of_image", lambda image: image.session_uid):
        module("material_maps").draw(layout, material)
    calls = row.mock_calls
    column = [call for call in calls if ".column()." in call[0]]
    return {
        "icons": len([call for call in calls if call[0].endswith("template_icon")]),
        "labels": [call.kwargs["text"] for call in column if call[0].endswith(".label")],
        "sliders": [call.kwargs["text"] for call in column if call[0].endswith(".prop")],
    }


def said(call: object) -> str:
    try:
        call()
    except api.Error as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


with extension() as findings:
    api = importlib.import_module(f"{PACKAGE}.api")
    style = api.Exemplar(
        maps={"colour": f"{maps}/wall_Color.png", "normal": f"{maps}/wall_Normal.png"}, packed=f"{maps}/wall_ARM.png"
    )
    words = {"width": 32, "height": 24, "steps": QUICK, "folder": folder}
    sorts = [kind for kind in KINDS if kind != "height"]
    cube = bpy.data.objects["Cube"]
    for packing, naming in (("packed", "plain"), ("separate", "unity"), ("separate", "plain")):
        texture = api.synthesise(style, maps=sorts, packing=packing, naming=naming, **words).wait()
        worn = texture.apply_to(cube, projection="box" if naming == "plain" else "uv")
        findings[f"{packing} {naming}"] = {
            "wired": wired(worn),
            "files": {kind: path.name for kind, path in texture.files.items()},
            "alpha": sorted({image.alpha_mode for image in texture.images.values()}),
        }
        if packing == "packed":
            packed = worn
            record = module("image_record")
            before = {kind: image.session_uid for kind, image in texture.images.items()}
            findings["record"] = sorted(record.maps_of(i := texture.images["colour"], record.read(i)))
            bpy.ops.neural_texture.change_seed()
            findings["again"] = wired(worn)
            findings["again: images"] = sorted({image.name for image in bpy.data.images if image.type == "IMAGE"})
            findings["in place"] = before == {kind: image.session_uid for kind, image in texture.images.items()}
    findings["strengths"] = strengths(worn)
    reader = module("material_maps").strength(worn.node_tree, kind_of("normal"))
    reader.default_value = 0.5
    bpy.ops.neural_texture.set_size(projection="uv")
    findings["strengths by UV"] = strengths(worn)["normal"]
    findings["drawn"] = drawn(worn)

    cube.active_material = packed
    texture.apply_to(cube, into="active")
    findings["other files in it"] = [wired(packed), texture.notes[-1]]

    alone = api.synthesise(f"{maps}/wall_Color.png", **words).make_material()
    made = api.estimate_maps(alone, ["height", "normal"], relief=0.02, folder=folder)
    findings["estimated"] = {kind: image.name for kind, image in made.items()}
    findings["estimated: wired"] = sorted(wired(alone))
    findings["estimated: strengths"] = strengths(alone)
    bare = bpy.data.materials.new("bare")
    if bpy.app.version < (5, 0, 0):
        bare.use_nodes = True
    findings["faults"] = {
        "colour": said(lambda: api.estimate_maps(bare)),
        "field": said(lambda: api.estimate_maps(alone, releif=1)),
        "value": said(lambda: api.estimate_maps(alone, relief=7)),
        "map": said(lambda: api.estimate_maps(alone, ["heihgt"])),
        "thing": said(lambda: api.estimate_maps(cube)),
        "none": said(lambda: api.estimate_maps(alone, [])),
    }
