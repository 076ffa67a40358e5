"""The maps of one surface among image files, recognised by their names. Opens no image.

A name is that of the surface, then what the map is, as ambientCG, Poly Haven, Substance, Quixel, Unreal's style guide
Unity and this program write it; the resolution may stand before or after: ``Bricks097_2K-PNG_NormalGL.png``,
``brick_wall_nor_gl_2k.exr``, ``T_Wall_ORM.tga``, ``Wall_MaskMap.png``, ``result_height.png``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .description import Exemplar, Green, MapKind, PackedAs

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".exr", ".tga", ".bmp")
"""Of image files, in lower case."""


class MapFilesError(ValueError):
    """Files that are not the maps of one surface: says in one line why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Tag:
    """What a name says that the map is."""

    kind: MapKind | None
    """None for a packed file."""
    green: Green | None = None
    """None where the name does not say."""
    packed: PackedAs | None = None
    """Of a packed file."""


_OPENGL, _DIRECTX = Green.OPENGL, Green.DIRECTX
_WORDS: Mapping[Tag, str] = {
    Tag(kind=MapKind.COLOUR): "color colour col diffuse diff albedo alb basecolor basecolour basemap",
    Tag(kind=MapKind.NORMAL): "normal normals nor nrm norm normalmap",
    Tag(kind=MapKind.NORMAL, green=_OPENGL): "normalgl normalogl normalopengl norgl nrmgl",
    Tag(kind=MapKind.NORMAL, green=_DIRECTX): "normaldx normaldirectx nordx nrmdx",
    Tag(kind=MapKind.HEIGHT): "height heightmap displacement disp bump",
    Tag(kind=MapKind.ROUGHNESS): "roughness rough rgh",
    Tag(kind=MapKind.OCCLUSION): "ambientocclusion ao occlusion occ",
    Tag(kind=MapKind.METALNESS): "metalness metallic metal",
    Tag(kind=None, packed=PackedAs.ARM): "arm orm occlusionroughnessmetallic occlusionroughnessmetalness",
    Tag(kind=None, packed=PackedAs.MASK_MAP): "maskmap",
    Tag(kind=None, packed=PackedAs.METALLIC_SMOOTHNESS): "metallicsmoothness metallicgloss metallicglossmap",
}
_TAGS = {word: tag for tag, words in _WORDS.items() for word in words.split()}
_UNREAL = {
    "bc": Tag(kind=MapKind.COLOUR),
    "d": Tag(kind=MapKind.COLOUR),
    "n": Tag(kind=MapKind.NORMAL, green=_DIRECTX),
    "h": Tag(kind=MapKind.HEIGHT),
    "r": Tag(kind=MapKind.ROUGHNESS),
    "m": Tag(kind=MapKind.METALNESS),
}
"""Of names that begin with T_, besides the others; normal maps there are DirectX's if nothing else is said."""
_RESOLUTION = re.compile(r"\d+k|\d{3,5}(x\d{3,5})?|\d+bit|png|jpe?g|tiff?|exr|webp")
"""A word of a name that says nothing of the surface or the map."""
_MOST_WORDS = 3
"""Of a tag: as in occlusion_roughness_metallic."""
Key = tuple[str, ...]
"""The words of a file's name that say of which surface it is, and how large."""


def in_folder(folder: str) -> Exemplar:
    """The one set of maps in a folder. Raises MapFilesError: none, several, no colour, a map twice, unreadable."""
    try:
        paths = sorted(str(path) for path in Path(folder).iterdir() if path.is_file())
    except OSError as error:
        raise MapFilesError(f"{folder}: can't be read ({error.strerror})") from None
    found = sets_of(paths)
    if not found:
        raise MapFilesError(
            f"{folder}: holds no maps that can be told by their names (such as _Color, _NormalGL, _Roughness, "
            "_Displacement); name the files one by one"
        )
    if len(found) > 1:
        names = ", ".join(sorted(_shown(key) for key in found))
        raise MapFilesError(f"{folder}: holds the maps of several surfaces ({names}); name a folder with one of them")
    ((_, files),) = found.items()
    return _exemplar(folder, files)


def around(path: str) -> Exemplar | None:
    """The set of maps that a file belongs to, with the others beside it; None if it is alone. Raises MapFilesError."""
    folder = Path(path).parent
    try:
        beside = sorted(str(other) for other in folder.iterdir() if other.is_file())
    except OSError:
        return None
    files = next((files for files in sets_of(beside).values() if any(file == path for _, file in files)), [])
    return _exemplar(str(folder), files) if len(files) > 1 else None


def sets_of(paths: Iterable[str]) -> dict[Key, list[tuple[Tag, str]]]:
    """The files with what each is, by the surface that they belong to.

    A file that is named like the surface alone is its colour, if none says so. Files that are no images, whose names
    begin with a dot or that belong to nothing are left out.
    """
    images = [path for path in paths if _is_image(Path(path))]
    found: dict[Key, list[tuple[Tag, str]]] = {}
    for path in images:
        key, tag = read(Path(path).stem)
        if tag:
            found.setdefault(key, []).append((tag, path))
    for path in images:
        files = found.get(key := tuple(_words(Path(path).stem)), [])
        if files and not any(tag.kind is MapKind.COLOUR for tag, _ in files):
            _take_from_others(found, key, path)
            files.append((Tag(kind=MapKind.COLOUR), path))
    return found


def read(stem: str) -> tuple[Key, Tag | None]:
    """The surface and the map that a file's name without its suffix says; no tag if it says no map."""
    words = _words(stem)
    end = len(words)
    while end and _RESOLUTION.fullmatch(words[end - 1]):
        end -= 1
    for count in range(min(_MOST_WORDS, end), 0, -1):
        said = "".join(words[end - count : end])
        tag = _TAGS.get(said) or (_UNREAL.get(said) if words[0] == "t" else None)
        if tag:
            return (*words[: end - count], *words[end:]), _with_default(tag, words)
    return tuple(words), None


def kinds_of(exemplar: Exemplar) -> tuple[MapKind, ...]:
    """The maps that it has files for, in the order of `MapKind`."""
    return tuple(kind for kind in MapKind if exemplar.path_of(kind))


def _with_default(tag: Tag, words: list[str]) -> Tag:
    plain = tag.kind is MapKind.NORMAL and tag.green is None
    return Tag(kind=tag.kind, green=_DIRECTX) if plain and words[0] == "t" else tag


def _words(stem: str) -> list[str]:
    return [word for word in re.split(r"[\s_.\-]+", stem.lower()) if word]


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _take_from_others(found: dict[Key, list[tuple[Tag, str]]], key: Key, path: str) -> None:
    """A colour that is named like the surface may have been taken for a map of another: ``rusty_metal.png``."""
    for other in [other for other in found if other != key]:
        found[other] = [(tag, file) for tag, file in found[other] if file != path]
        if not found[other]:
            del found[other]


def _exemplar(folder: str, files: list[tuple[Tag, str]]) -> Exemplar:
    """The set as a style image. Of normals in both conventions, OpenGL's; of packed files, the first of `PackedAs`."""
    maps: dict[MapKind, str] = {}
    green = Green.OPENGL
    for kind in MapKind:
        chosen = [(tag, path) for tag, path in files if tag.kind is kind]
        if len({tag.green for tag, _ in chosen}) > 1:
            chosen = [(tag, path) for tag, path in chosen if tag.green is not _DIRECTX]
        if not chosen:
            continue
        maps[kind] = _only(folder, kind.value, [path for _, path in chosen])
        green = chosen[0][0].green or green if kind is MapKind.NORMAL else green
    packed_as = next((each for each in PackedAs if any(tag.packed is each for tag, _ in files)), PackedAs.ARM)
    packed = [path for tag, path in files if tag.packed is packed_as]
    if MapKind.COLOUR not in maps:
        there = ", ".join([*(kind.value for kind in maps), *(["packed"] if packed else [])])
        raise MapFilesError(
            f"{folder}: holds no colour map that can be told by its name (_Color, _diff, _albedo), only {there}; "
            "name the files one by one"
        )
    one = _only(folder, "packed", packed) if packed else ""
    return Exemplar(maps=maps, packed=one, packed_as=packed_as, green=green)


def _only(folder: str, what: str, paths: list[str]) -> str:
    if len(paths) > 1:
        names = " or ".join(Path(path).name for path in paths)
        raise MapFilesError(f"{folder}: its {what} map may be {names}; leave one there, or name the files one by one")
    return paths[0]


def _shown(key: Key) -> str:
    return "_".join(key) or "without a name"
