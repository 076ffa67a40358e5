"""What the files of a material's maps are called, by the conventions of several programs. Touches no file."""

from collections.abc import Mapping
from dataclasses import dataclass

from .description import PACKED as PACKED
from .description import Green, MapKind, Naming


@dataclass(frozen=True, kw_only=True)
class _Convention:
    """How a program calls its files: what stands before and behind a material's name."""

    suffixes: Mapping[MapKind, str]
    packed: str
    prefix: str = ""
    green: Green = Green.OPENGL


_CONVENTIONS = {
    Naming.BLENDER: _Convention(
        suffixes={
            MapKind.COLOUR: "_Color",
            MapKind.NORMAL: "_Normal",
            MapKind.HEIGHT: "_Displacement",
            MapKind.ROUGHNESS: "_Roughness",
            MapKind.OCCLUSION: "_AmbientOcclusion",
            MapKind.METALNESS: "_Metalness",
        },
        packed="_ARM",
    ),
    Naming.UNREAL: _Convention(
        prefix="T_",
        suffixes={
            MapKind.COLOUR: "_BC",
            MapKind.NORMAL: "_N",
            MapKind.HEIGHT: "_H",
            MapKind.ROUGHNESS: "_R",
            MapKind.OCCLUSION: "_AO",
            MapKind.METALNESS: "_M",
        },
        packed="_ORM",
        green=Green.DIRECTX,
    ),
    Naming.UNITY: _Convention(
        suffixes={
            MapKind.COLOUR: "_BaseMap",
            MapKind.NORMAL: "_Normal",
            MapKind.HEIGHT: "_Height",
            MapKind.ROUGHNESS: "_Roughness",
            MapKind.OCCLUSION: "_Occlusion",
            MapKind.METALNESS: "_Metallic",
        },
        packed="_ORM",
    ),
    Naming.GODOT: _Convention(
        suffixes={
            MapKind.COLOUR: "_albedo",
            MapKind.NORMAL: "_normal",
            MapKind.HEIGHT: "_height",
            MapKind.ROUGHNESS: "_roughness",
            MapKind.OCCLUSION: "_ao",
            MapKind.METALNESS: "_metallic",
        },
        packed="_orm",
    ),
    Naming.GLTF: _Convention(
        suffixes={
            MapKind.COLOUR: "_baseColor",
            MapKind.NORMAL: "_normal",
            MapKind.HEIGHT: "_height",
            MapKind.ROUGHNESS: "_roughness",
            MapKind.OCCLUSION: "_occlusion",
            MapKind.METALNESS: "_metallic",
        },
        packed="_occlusionRoughnessMetallic",
    ),
}
_COLOUR_ENDINGS = (
    "_color",
    "_colour",
    "_col",
    "_diff",
    "_diffuse",
    "_albedo",
    "_basecolor",
    "_basecolour",
    "_base_color",
    "_basemap",
    "_bc",
)
"""With which the name of a colour map may end, in small letters."""


def stem(naming: Naming, material: str, kind: MapKind | None) -> str:
    """The name of a map's file without its suffix; of the packed image for None."""
    convention = _CONVENTIONS[naming]
    return convention.prefix + material + (convention.suffixes[kind] if kind else convention.packed)


def green(naming: Naming) -> Green:
    """Which way the green of the normal map points in that program."""
    return _CONVENTIONS[naming].green


def material(colour_stem: str) -> str:
    """The material's name, of its colour map's without suffix: ``wall`` for ``wall_Color`` and ``T_wall_BC``."""
    ending = max((e for e in _COLOUR_ENDINGS if colour_stem.lower().endswith(e)), key=len, default="")
    name = colour_stem[: len(colour_stem) - len(ending)]
    prefix = _CONVENTIONS[Naming.UNREAL].prefix
    return (name.removeprefix(prefix) if ending == "_bc" else name) or colour_stem
