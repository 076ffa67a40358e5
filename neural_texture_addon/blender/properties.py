"""What the artist sets. Defaults and ranges are the job's: none is written here."""
# bpy.props are declared by calls in annotations, as Blender wants them:
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from enum import Enum
from typing import Any

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

from ..job.description import Canvas, Device, Exemplar, Job, MapKind, Request, Tiling, limits
from ..job.presets import Family
from . import described, late, preset_list, words
from .extension import MAY_BE_RELATIVE
from .job_from_scene import AS_PRESET, AUTO
from .placement import PlacementProperties

_FEATURES = {
    AUTO: ("Automatic", "The best that the preset can do: with the trained network, if it was downloaded"),
    Family.PATCHES: ("Without Download", "By random filters over small windows: fine detail; needs no download"),
    Family.VGG19: ("VGG-19", "By what a network sees that was trained on photographs; needs a download"),
    Family.BOTH: ("Both", "Small windows for the details and the trained network for whole objects; needs a download"),
}
_DEVICE = {
    Device.AUTO: ("Automatic", "The graphics card if there is a suitable one, else the processor"),
    Device.CPU: ("Processor (CPU)", "Works everywhere; the same seed gives the same picture"),
    Device.CUDA: ("Graphics Card (CUDA)", "NVIDIA or AMD, by CUDA or ROCm"),
    Device.MPS: ("Graphics Card (Metal)", "Apple"),
}


def _items(said: dict) -> list[described.Item]:
    return [described.enum_item(key.value if isinstance(key, Enum) else key, *texts) for key, texts in said.items()]


def _tilings() -> list[described.Item]:
    as_preset = described.enum_item(AS_PRESET, "As the Preset", "In both directions, for most presets")
    return [as_preset, *described.enum_items(Tiling)]


def _file(kind: MapKind, label: str = "") -> Any:
    name, shows = words.CHOICES[kind]
    return StringProperty(
        name=label or name,
        description=f"The style image's file: {shows.lower()}",
        subtype="FILE_PATH",
        options={"ANIMATABLE", *MAY_BE_RELATIVE},
    )


def _image(kind: MapKind, label: str = "") -> Any:
    name, shows = words.CHOICES[kind]
    tip = f"An image in this .blend, in place of a file: {shows.lower()}"
    return PointerProperty(name=label or name, description=tip, type=bpy.types.Image)


class NeuralTextureStyleImage(PropertyGroup):
    """A style image: the texture to resemble."""

    filepath: _file(MapKind.COLOUR, "File")
    normal: _file(MapKind.NORMAL)
    height: _file(MapKind.HEIGHT)
    roughness: _file(MapKind.ROUGHNESS)
    occlusion: _file(MapKind.OCCLUSION)
    metalness: _file(MapKind.METALNESS)
    image: _image(MapKind.COLOUR, "Image")
    normal_image: _image(MapKind.NORMAL)
    height_image: _image(MapKind.HEIGHT)
    roughness_image: _image(MapKind.ROUGHNESS)
    occlusion_image: _image(MapKind.OCCLUSION)
    metalness_image: _image(MapKind.METALNESS)
    enabled: BoolProperty(name="Use", description="Whether this style image takes part", default=True)
    weight: described.prop(Exemplar, "weight")
    scale: described.prop(Exemplar, "scale")
    magnifications: described.prop(Exemplar, "magnifications")
    use_crop: BoolProperty(name="Crop", description="Have the texture resemble a part of the image only")
    crop: described.prop(Exemplar, "crop")
    packed: described.prop(Exemplar, "packed")
    packed_as: described.prop(Exemplar, "packed_as")
    green: described.prop(Exemplar, "green")


class JobProperties:
    """What the scene's settings and the Generate operator's keywords have in common."""

    width: described.prop(Canvas, "width")
    height: described.prop(Canvas, "height")
    seed: described.prop(Canvas, "random_seed")
    tiling: described.prop(Canvas, "tiling", items=_tilings(), default=AS_PRESET)
    preset: EnumProperty(
        name="Preset",
        description="A ready recipe: for what kind of texture, and how long it may take",
        items=late.preset_items,
        default=preset_list.DEFAULT,
    )
    features: EnumProperty(
        name="Features",
        description="How texture and style images are compared: by small windows, what a trained network sees, or both",
        items=_items(_FEATURES),
        default=AUTO,
    )
    device: EnumProperty(
        name="Device", description="Where to compute", items=_items(_DEVICE), default=Request.device.value
    )
    memory: FloatProperty(
        name="Memory Limit",
        description="Gigabytes that the engine may hold on the device, so that some are left for Blender; 0 takes what "
        "is free. What does not fit is made in pieces: just as exact, but it takes longer",
        min=limits(Request, "memory")[0],
        max=limits(Request, "memory")[1],
        soft_max=64.0,
        default=Request.memory,
        precision=1,
        step=50,
    )


class NeuralTextureSettings(JobProperties, PlacementProperties, PropertyGroup):
    """The panel's settings, saved with the .blend."""

    images: CollectionProperty(type=NeuralTextureStyleImage, name="Style Images")
    active_image: IntProperty(name="Active Style Image", description="The selected style image", min=0)
    folder: StringProperty(
        name="Save In",
        description="Each texture gets a folder of its own in this one. "
        "If empty: textures/neural_texture beside the .blend",
        subtype="DIR_PATH",
        options={"ANIMATABLE", *MAY_BE_RELATIVE},
    )
    maps: described.prop(Canvas, "maps")
    map_weights: described.prop(Canvas, "map_weights")
    use_colour: BoolProperty(name="Colour Is There", description="Make maps that follow a colour map made before")
    colour: described.prop(Canvas, "colour")
    output: described.prop(Job, "output")
    use_content: BoolProperty(name="Content Image", description="Follow the layout of an image")
    content: described.prop(Job, "content")
    use_octaves: BoolProperty(
        name="Octaves",
        description="Sizes of your own in place of the preset's: the texture is made small at first, then larger and "
        "larger (octaves)",
    )
    octaves: described.prop(Job, "octaves")
    use_start: BoolProperty(
        name="Start From",
        description="What the picture is before the first step: a choice of your own in place of the preset's",
    )
    start: described.prop(Canvas, "seed")
    customised: BoolProperty(name="Customised", description="Whether the steps below stand in place of the preset's")
    steps: described.prop(Job, "steps")


CLASSES = (*described.CLASSES, NeuralTextureStyleImage, NeuralTextureSettings)


def settings_of(context: bpy.types.Context) -> NeuralTextureSettings:
    """The panel's settings in the scene at hand."""
    return getattr(context.scene, "neural_texture")  # noqa: B009  # a property made by register(), unknown to type checkers


def register() -> None:
    """Give every scene the settings."""
    late.presets.append(preset_list.items)
    bpy.types.Scene.neural_texture = PointerProperty(type=NeuralTextureSettings)  # type: ignore[attr-defined, func-returns-value]


def unregister() -> None:
    """Take them away."""
    del bpy.types.Scene.neural_texture  # type: ignore[attr-defined]
    late.presets.clear()
