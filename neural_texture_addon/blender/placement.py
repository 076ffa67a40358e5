"""How a texture comes onto a surface: into which material, how large, by which projection, its pixels kept where."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bpy.props import EnumProperty, FloatProperty
from bpy.types import Object

from ..job import wire
from ..job.description import MapKind, limits, ranged
from ..job.wire import WireError
from . import described
from .errors import UserError


class Into(StrEnum):
    """The material that gets the texture."""

    NEW = "new"
    ACTIVE = "active"
    """The one that the object wears; only its images change."""


class Projection(StrEnum):
    """What the texture's coordinates are taken from."""

    UV = "uv"
    OBJECT = "object"
    BOX = "box"


class Storage(StrEnum):
    """Where the pixels live."""

    BESIDE = "beside"
    PACK = "pack"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What the artist chose."""

    into: Into = Into.NEW
    projection: Projection = Projection.UV
    texture_width: float = ranged(1.0, 1e-4, 1e6)
    """Of one repeat, in Blender units."""
    storage: Storage = Storage.BESIDE

    @classmethod
    def of(cls, settings: Any) -> "Placement":
        """From properties."""
        return cls(
            into=Into(settings.into),
            projection=Projection(settings.projection),
            texture_width=settings.texture_width,
            storage=Storage(settings.storage),
        )

    @classmethod
    def said(cls, **fields: Any) -> "Placement":
        """From what a script says. Raises UserError."""
        try:
            return wire.from_plain(cls, wire.to_plain(fields))
        except WireError as error:
            raise UserError(str(error)) from None

    def overruled_by(self, operator: Any) -> "Placement":
        """With the keywords that were given to `operator` in place of these."""
        said = vars(Placement.of(operator))
        given: dict[str, Any] = {name: said[name] for name in said if operator.properties.is_property_set(name)}
        return replace(self, **given)


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """A texture that is made again: its images get other pixels where they are."""

    images: Mapping[MapKind, int]
    """Their session_uids."""
    texture: str
    """As in its record."""
    texture_width: float | None
    """As in its record: before."""
    grows: float = 1.0
    """By which factor one repeat becomes wider on the surface."""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a finished texture goes, noted when its job starts."""

    placement: Placement = Placement()
    object_uid: int | None = None
    """session_uid of the object that will wear the texture."""
    slot: int | None = None
    """Number of the slot in which it will; None: it had none."""
    wore_uid: int | None = None
    """session_uid of the material that was there."""
    material_uid: int | None = None
    """session_uid of the material whose images will be exchanged; None: a new material."""
    preset: str = ""
    """What the job was made from, to be noted with the image."""
    images_only: bool = False
    """No material is made: a script will say which."""
    replaced: Replaced | None = None
    """If there is one, nothing else changes: no object gets another material."""

    @classmethod
    def on(cls, target: Object | None, placement: Placement, preset: str = "") -> "Destination":
        """`target` as it is now."""
        wore = target.active_material if target else None
        worn = wore if placement.into is Into.ACTIVE else None
        return cls(
            placement=placement,
            object_uid=target.session_uid if target else None,
            slot=target.active_material_index if target and target.material_slots else None,
            wore_uid=wore.session_uid if wore else None,
            material_uid=worn.session_uid if worn else None,
            preset=preset,
        )


_INTO = {
    Into.NEW: ("New Material", "Make a material and put it into the object's active slot"),
    Into.ACTIVE: (
        "Replace in Active Material",
        "Exchange the images in the material that the object wears. Your nodes and links stay as they are",
    ),
}
_PROJECTION = {
    Projection.UV: ("UV", "Along the object's UV map. Where the map is uneven, so is the texture"),
    Projection.OBJECT: ("Object", "From above, along the object's own Z axis: for floors and other flat surfaces"),
    Projection.BOX: ("Box", "From six sides: for walls and other shapes without a UV map"),
}
_STORAGE = {
    Storage.BESIDE: ("Save Beside .blend", "The image files stay in the texture's folder; the .blend refers to them"),
    Storage.PACK: ("Pack into .blend", "The .blend holds the images itself and becomes larger by them"),
}


def _items(said: Mapping[StrEnum, tuple[str, str]]) -> list[described.Item]:
    return [described.enum_item(key.value, *texts) for key, texts in said.items()]


class LayProperties:
    """How a texture lies on the surface."""

    projection: EnumProperty(
        name="Projection",
        description="How the texture is laid on the object",
        items=_items(_PROJECTION),
        default=Placement.projection.value,
    )
    texture_width: FloatProperty(
        name="Texture Width",
        description="How wide one repeat of the texture is on the surface, at any scale of the object: "
        "more makes everything in it larger",
        subtype="DISTANCE",
        default=Placement.texture_width,
        min=limits(Placement, "texture_width")[0],
        soft_min=0.01,
        soft_max=100.0,
        step=10,
        precision=3,
    )


class PlacementProperties(LayProperties):
    """What the scene's settings and the Generate operator's keywords have in common."""

    into: EnumProperty(
        name="Texture Goes To",
        description="Which material gets the texture",
        items=_items(_INTO),
        default=Placement.into.value,
    )
    storage: EnumProperty(
        name="Images",
        description="Where the texture's pixels live",
        items=_items(_STORAGE),
        default=Placement.storage.value,
    )
