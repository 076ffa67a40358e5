"""What the files of a material's maps are called, by the conventions of several programs. Touches no file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from .description import PACKED, Green, Job, MapKind, Naming, PackedAs, Packing


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What a file holds in one channel; a map of three numbers has three."""

    kind: MapKind | None = None
    """None: black all over."""
    inverted: bool = False
    """Holds 1 less the map: smoothness, of roughness."""


Channels = tuple[Channel, ...]
_METALNESS, _OCCLUSION = Channel(kind=MapKind.METALNESS), Channel(kind=MapKind.OCCLUSION)
_SMOOTHNESS = Channel(kind=MapKind.ROUGHNESS, inverted=True)
_PACKED: Mapping[PackedAs, Channels] = {
    PackedAs.ARM: tuple(Channel(kind=kind) for kind in PACKED),
    PackedAs.MASK_MAP: (_METALNESS, _OCCLUSION, Channel(), _SMOOTHNESS),
    PackedAs.METALLIC_SMOOTHNESS: (_METALNESS, _METALNESS, _METALNESS, _SMOOTHNESS),
}


@dataclass(frozen=True, kw_only=True)
class _Shared:
    """A file with several maps."""

    suffix: str
    channels: Channels = _PACKED[PackedAs.ARM]


@dataclass(frozen=True, kw_only=True)
class _Convention:
    """How a program calls its files: what stands before and behind a material's name."""

    suffixes: Mapping[MapKind, str]
    packed: _Shared
    shared: _Shared | None = None
    """What is one file even where nothing is packed."""
    prefix: str = ""
    green: Green = Green.OPENGL


_CONVENTIONS = {
    Naming.PLAIN: _Convention(
        suffixes={kind: "" if kind is MapKind.COLOUR else f"_{kind.value}" for kind in MapKind},
        packed=_Shared(suffix="_arm"),
    ),
    Naming.BLENDER: _Convention(
        suffixes={
            MapKind.COLOUR: "_Color",
            MapKind.NORMAL: "_Normal",
            MapKind.HEIGHT: "_Displacement",
            MapKind.ROUGHNESS: "_Roughness",
            MapKind.OCCLUSION: "_AmbientOcclusion",
            MapKind.METALNESS: "_Metalness",
        },
        packed=_Shared(suffix="_ARM"),
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
        packed=_Shared(suffix="_ORM"),
        green=Green.DIRECTX,
    ),
    Naming.UNITY: _Convention(
        suffixes={
            MapKind.COLOUR: "_BaseMap",
            MapKind.NORMAL: "_Normal",
            MapKind.HEIGHT: "_Height",
            MapKind.OCCLUSION: "_Occlusion",
        },
        packed=_Shared(suffix="_MaskMap", channels=_PACKED[PackedAs.MASK_MAP]),
        shared=_Shared(suffix="_MetallicSmoothness", channels=_PACKED[PackedAs.METALLIC_SMOOTHNESS]),
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
        packed=_Shared(suffix="_orm"),
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
        packed=_Shared(suffix="_occlusionRoughnessMetallic"),
    ),
}
_RESULT = "result"
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


def files(naming: Naming, packing: Packing, material: str, kinds: Iterable[MapKind]) -> dict[str, Channels]:
    """The names, without suffix, of the files that hold these maps, each with all that it holds."""
    convention = _CONVENTIONS[naming]
    several = [convention.packed] if packing is Packing.PACKED else []
    several += [convention.shared] if convention.shared else []
    found: dict[str, Channels] = {}
    for kind in kinds:
        shared = next((each for each in several if kind in held(each.channels)), None)
        suffix = shared.suffix if shared else convention.suffixes[kind]
        found[convention.prefix + material + suffix] = shared.channels if shared else (Channel(kind=kind),)
    return found


def held(channels: Channels) -> tuple[MapKind, ...]:
    """The maps in a file, each once."""
    return tuple(dict.fromkeys(channel.kind for channel in channels if channel.kind))


def place(naming: Naming, packing: Packing, kind: MapKind) -> tuple[int, Channels] | None:
    """Of a map that shares its file: the number of its channel there, and all of them. Else None."""
    (channels,) = files(naming, packing, "", [kind]).values()
    return None if len(channels) == 1 else (_number(channels, kind), channels)


def in_packed(packed_as: PackedAs, kind: MapKind) -> tuple[int, Channel]:
    """Of a map in a packed file: the number of its channel there, and what that holds."""
    channels = _PACKED[packed_as]
    return (number := _number(channels, kind)), channels[number]


def _number(channels: Channels, kind: MapKind) -> int:
    return next(number for number, channel in enumerate(channels) if channel.kind is kind)


def result(job: Job) -> dict[str, Channels]:
    """The files of a job's result, as `files` has them."""
    output, colours = job.output, (exemplar.maps.get(MapKind.COLOUR, "") for exemplar in job.exemplars)
    stem = PurePath(next(colours, "")).stem
    name = material(stem) if stem and output.naming is not Naming.PLAIN else _RESULT
    return files(output.naming, output.packing, name, job.canvas.maps)


def green(naming: Naming) -> Green:
    """Which way the green of the normal map points in that program."""
    return _CONVENTIONS[naming].green


def material(colour_stem: str) -> str:
    """The material's name, of its colour map's without suffix: ``wall`` for ``wall_Color`` and ``T_wall_BC``."""
    ending = max((e for e in _COLOUR_ENDINGS if colour_stem.lower().endswith(e)), key=len, default="")
    name = colour_stem[: len(colour_stem) - len(ending)]
    prefix = _CONVENTIONS[Naming.UNREAL].prefix
    return (name.removeprefix(prefix) if ending == "_bc" else name) or colour_stem
