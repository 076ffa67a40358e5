"""A material with a texture of ours -> an asset, with all that an artist looks for in the Asset Browser."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Image, Material, Operator

from ..job.description import MapKind
from . import active_texture, asset_catalog, asset_thumbnail, image_record, preferences, preset_list
from .errors import UserError
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


@dataclass(frozen=True, kw_only=True)
class About:
    """What is said of an asset besides its picture."""

    author: str = ""
    licence: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    """Besides those that its texture gives: the preset, the style images."""
    catalog: str = "Neural Texture"


class MarkAsAsset(Operator):
    """Make the texture's material an asset."""

    bl_idname = "neural_texture.mark_as_asset"
    bl_label = "Mark as Asset"
    bl_description = "Let the material be found in the Asset Browser, with a thumbnail, tags, author and licence"
    bl_options = {"UNDO"}  # noqa: RUF012  # Blender's own convention

    author: StringProperty(name="Author", description="Who made it")
    licence: StringProperty(name="Licence", description='What others may do with it, e.g. "CC0 1.0"')
    description: StringProperty(name="Description", description="A line about it", options={"SKIP_SAVE"})
    tags: StringProperty(
        name="Tags",
        description="Words to find it by, with commas between. The preset and the style images are among them anyway",
    )
    catalog: StringProperty(name="Catalog", description="Where to list it: names with / between", default=About.catalog)

    @classmethod
    def poll(cls, context: Context) -> bool:
        """There must be a texture in a material."""
        cls.poll_message_set("The active object wears no texture")
        return active_texture.material_of(context) is not None

    def invoke(self, context: Context, _event: Any) -> "set[OperatorReturnItems]":
        """Ask, with what was said last time."""
        said = preferences.about_assets()
        self.author, self.licence = said.asset_author, said.asset_licence
        assert context.window_manager is not None
        return context.window_manager.invoke_props_dialog(self, width=400)

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Mark it."""
        material, image = active_texture.material_of(context), active_texture.of(context)
        assert material is not None
        assert image is not None
        tags = tuple(tag.strip() for tag in self.tags.split(",") if tag.strip())
        about = About(
            author=self.author, licence=self.licence, description=self.description, tags=tags, catalog=self.catalog
        )
        try:
            remark = mark(material, image, about)
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        self.report({"INFO"}, remark or rpt_("{name} is an asset now").format(name=material.name))
        return {"FINISHED"}


CLASSES = (MarkAsAsset,)


def mark(material: Material, image: Image, about: About) -> str:
    """Make `material` an asset that looks like `image`; a remark in a line. Raises UserError."""
    if not material.is_editable:
        raise UserError(
            rpt_("{name} comes from another file: mark it there, or make it local").format(name=material.name)
        )
    path = catalog_path(about.catalog)
    where = asset_catalog.folder()
    catalog = asset_catalog.ensure(where, path) if where and path else asset_catalog.identity(path)
    material.asset_mark()
    data: Any = material.asset_data
    data.author, data.license, data.description = about.author, about.licence, about.description
    for tag in {**dict.fromkeys(_tags(image)), **dict.fromkeys(about.tags)}:
        data.tags.new(tag, skip_if_exists=True)
    if path:
        data.catalog_id = catalog
    asset_thumbnail.give(material, image)
    _refresh_browsers()
    return (
        ""
        if where
        else rpt_("{name} is an asset now. Save the .blend and mark it again to list its catalog").format(
            name=material.name
        )
    )


def catalog_path(said: str) -> str:
    """As Blender's list may have it."""
    return "/".join(part.strip() for part in said.replace(":", "-").split("/") if part.strip())


def _tags(image: Image) -> Iterator[str]:
    record = image_record.glance(image)
    if record is None:
        return
    if record.preset:
        yield preset_list.title_of(record.preset) or record.preset
    for exemplar in record.job.exemplars:
        yield Path(exemplar.maps.get(MapKind.COLOUR) or next(iter(exemplar.maps.values()))).stem


def _refresh_browsers() -> None:
    """Let Asset Browsers read the catalogs anew."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            if area.ui_type == "ASSETS":
                with bpy.context.temp_override(window=window, area=area):
                    bpy.ops.asset.library_refresh()
