"""Mark a texture's material as an asset: what the Asset Browser gets to show, and the catalogs beside the .blend."""

from pathlib import Path

import bpy
import numpy as np
from harness import ARGUMENTS, complaint, extension, module

(folder,) = ARGUMENTS
CATALOGS = Path(folder, "blender_assets.cats.txt")
mark = bpy.ops.neural_texture.mark_as_asset


def wear(width: int = 64, height: int = 32) -> bpy.types.Image:
    """A file's texture, red on the left and blue on the right, on the cube."""
    image = bpy.data.images.new("halves", width, height)
    texels = np.ones((height, width, 4), np.float32)
    texels[:, : width // 2, 1:3] = texels[:, width // 2 :, :2] = 0.05
    image.pixels.foreach_set(texels.ravel())
    image.filepath_raw, image.file_format = f"{folder}/halves.png", "PNG"
    image.save()
    bpy.data.images.remove(image)
    preview, words, end = module("preview"), module("job_from_scene"), module("result").Finished
    colour = preview.MapKind.COLOUR
    images = {colour: preview.load(f"{folder}/halves.png", "halves", colour)}
    styles = tuple(words.StyleImage(filepath=f"/styles/{name}.jpg") for name in ("red brick", "blue brick"))
    job = words.job(words.Choice(images=styles, preset="regular"), lambda: False)
    placing = module("placement")
    to = placing.Destination.on(bpy.data.objects["Cube"], placing.Placement(), "regular")
    ended = end(maps={}, seconds=1.0, width=width, height=height, seam=0.5, peak_memory=None)
    module("result").deliver("halves", images, to, job, ended)
    return images[colour]


def thumbnail(material: bpy.types.Material) -> dict:
    width, height = material.preview.image_size
    pixels = np.array(material.preview.image_pixels_float[:]).reshape(height, width, 4)
    row = pixels[height // 2]
    return {
        "size": [width, height],
        "corner": pixels[2, 2].tolist(),
        "middle left": row[width // 4].tolist(),
        "middle right": row[3 * width // 4].tolist(),
        "light is above": float(pixels[3 * height // 4, :, :3].sum()) > float(pixels[height // 4, :, :3].sum()),
    }


with extension() as findings:
    findings["no texture"] = mark.poll()
    wear()
    bpy.ops.ed.undo_push(message="Before")
    findings["unsaved"] = list(mark("EXEC_DEFAULT", True))  # True: with its undo step
    bpy.ops.ed.undo()
    findings["undone"] = bpy.data.materials["halves"].asset_data is None

    bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/scene.blend")
    words = {"author": "A. Mason", "licence": "CC0 1.0", "description": "Two halves", "tags": "wall, outdoor,, wall"}
    findings["result"] = list(mark(**words))
    material = bpy.data.materials["halves"]
    data = material.asset_data
    findings["said"] = [data.author, data.license, data.description]
    findings["tags"] = sorted(tag.name for tag in data.tags)
    findings["catalog"] = data.catalog_id
    findings["thumbnail"] = thumbnail(material)
    findings["file"] = CATALOGS.read_text("utf-8")
    mark(**words)
    findings["again"] = CATALOGS.read_text("utf-8") == findings["file"], len(data.tags)
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=f"{folder}/scene.blend")
    material = bpy.data.materials["halves"]
    findings["kept in the .blend"] = thumbnail(material) == findings["thumbnail"]

    theirs = "# ours\r\nVERSION 1\r\n\r\n11111111-2222-4333-8444-555555555555:Walls/Old:Walls-Old"
    CATALOGS.write_bytes(theirs.encode())
    mark(catalog="Walls/Old")
    findings["an existing catalog"] = material.asset_data.catalog_id
    findings["its file"] = CATALOGS.read_bytes().decode() == theirs
    mark(catalog="Walls: / New ")
    findings["added"] = CATALOGS.read_bytes().decode().removeprefix(theirs)
    findings["no other file"] = sorted(p.name for p in Path(folder).iterdir() if "cats" in p.name)
    CATALOGS.write_bytes(b"\xff\xfe")
    findings["unreadable"] = complaint(mark)

    library = bpy.context.preferences.filepaths.asset_libraries.new(name="All", directory=str(Path(folder).parent))
    findings["in a library"] = str(module("asset_catalog").folder())
    bpy.context.preferences.filepaths.asset_libraries.remove(library)

    image = bpy.data.images["halves"]
    image.filepath = "/nowhere/at_all.png"
    image.reload()
    CATALOGS.unlink()
    findings["without its file"] = list(mark())
    large = wear(2048, 1024)
    bpy.context.view_layer.update()
    findings["large"] = list(mark()), large.size[:]
    findings["large thumbnail"] = thumbnail(bpy.data.objects["Cube"].active_material)
    findings["images"] = sorted(image.name for image in bpy.data.images)
