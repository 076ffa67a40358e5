"""What the artist sets. Defaults and ranges are the job's: none is written here."""
# bpy.props are declared by calls in annotations, as Blender wants them:
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from enum import Enum

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import PropertyGroup

from ..job import presets
from ..job.description import Canvas, Device, Exemplar, Request, Tiling, limits
from ..job.presets import Family
from .job_from_scene import AUTO

_LARGEST_INT = 2**31 - 1
_SIZE = {"min": int(limits(Canvas, "width")[0]), "max": int(limits(Canvas, "width")[1]), "soft_min": 64}
_SIZE |= {"soft_max": 4096, "step": 64}
_SEED = {"min": int(limits(Canvas, "random_seed")[0]), "max": min(_LARGEST_INT, int(limits(Canvas, "random_seed")[1]))}
_WEIGHT = dict(zip(("min", "max"), limits(Exemplar, "weight"), strict=True))
_SCALE = dict(zip(("min", "max"), limits(Exemplar, "scale"), strict=True))

_TILING = {
    Tiling.BOTH: ("Both", "Repeats without a seam in both directions"),
    Tiling.X: ("Horizontally", "Repeats to the left and right only"),
    Tiling.Y: ("Vertically", "Repeats upwards and downwards only"),
}
_FEATURES = {
    AUTO: ("Automatic", "The best that the preset can do, with pretrained features if their weights are there"),
    Family.PATCHES: ("Patches", "Random filters over small windows; needs no weights"),
    Family.VGG19: ("VGG-19", "What a network sees that was trained on photographs; needs its weights"),
    Family.BOTH: ("Both", "Patches for the details and VGG-19 for whole objects; needs the weights"),
}
_DEVICE = {
    Device.AUTO: ("Automatic", "The graphics card if there is a suitable one, else the processor"),
    Device.CPU: ("Processor (CPU)", "Works everywhere; the same seed gives the same picture"),
    Device.CUDA: ("Graphics Card (CUDA)", "NVIDIA or AMD, by CUDA or ROCm"),
    Device.MPS: ("Graphics Card (Metal)", "Apple"),
}


def _items(words: dict) -> list[tuple[str, str, str]]:
    return [(key.value if isinstance(key, Enum) else key, *said) for key, said in words.items()]


def _presets() -> list[tuple[str, str, str]]:
    return [(p.name, p.title, p.description) for p in map(presets.load, presets.names())]


class NeuralTextureStyleImage(PropertyGroup):
    """A style image: the texture to resemble."""

    filepath: StringProperty(name="File", description="The style image's file", subtype="FILE_PATH")
    enabled: BoolProperty(name="Use", description="Whether this style image takes part", default=True)
    weight: FloatProperty(
        name="Weight",
        description="How much the texture resembles this style image, relative to the others",
        default=Exemplar.weight,
        soft_max=10.0,
        **_WEIGHT,
    )
    scale: FloatProperty(
        name="Scale",
        description="Size of its features in the texture: 2 draws everything twice as large",
        default=Exemplar.scale,
        soft_min=0.25,
        soft_max=4.0,
        **_SCALE,
    )


class JobProperties:
    """What the scene's settings and the Generate operator's keywords have in common."""

    width: IntProperty(name="Width", description="In pixels", default=Canvas.width, subtype="PIXEL", **_SIZE)
    height: IntProperty(name="Height", description="In pixels", default=Canvas.height, subtype="PIXEL", **_SIZE)
    seed: IntProperty(
        name="Seed", description="Another seed gives another texture", default=Canvas.random_seed, **_SEED
    )
    tiling: EnumProperty(
        name="Repeat",
        description="The directions in which the texture repeats without a seam",
        items=_items(_TILING),
        default=Canvas.tiling.value,
    )
    preset: EnumProperty(
        name="Preset", description="How much time to give it", items=_presets(), default=presets.DEFAULT
    )
    features: EnumProperty(
        name="Features",
        description="What the texture is compared with the style images by",
        items=_items(_FEATURES),
        default=AUTO,
    )
    device: EnumProperty(
        name="Device", description="Where to compute", items=_items(_DEVICE), default=Request.device.value
    )


class NeuralTextureSettings(JobProperties, PropertyGroup):
    """The panel's settings, saved with the .blend."""

    images: CollectionProperty(type=NeuralTextureStyleImage, name="Style Images")
    active_image: IntProperty(name="Active Style Image", description="The selected style image", min=0)
    folder: StringProperty(
        name="Save In",
        description="Each texture gets a folder of its own in this one. "
        "If empty: textures/neural_texture beside the .blend",
        subtype="DIR_PATH",
    )


CLASSES = (NeuralTextureStyleImage, NeuralTextureSettings)


def settings_of(context: bpy.types.Context) -> NeuralTextureSettings:
    """The panel's settings in the scene at hand."""
    return getattr(context.scene, "neural_texture")  # noqa: B009  # a property made by register(), unknown to type checkers


def register() -> None:
    """Give every scene the settings."""
    bpy.types.Scene.neural_texture = PointerProperty(type=NeuralTextureSettings)  # type: ignore[attr-defined, func-returns-value]


def unregister() -> None:
    """Take them away."""
    del bpy.types.Scene.neural_texture  # type: ignore[attr-defined]
