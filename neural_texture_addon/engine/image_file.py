"""Image files: read as float texels, encoded to bytes. Knows formats, not textures.

Eight bits a channel are Pillow's; what is deeper goes through `deep_image`.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import torch
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError

from ..job.description import Bits, FileFormat, MapKind, Output, PackedAs
from . import deep_image, memory, srgb
from .errors import InputError

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "TGA", "PPM", "JPEG2000", "AVIF", "DDS", "PSD")
"""That Pillow reads by itself. Others it hands to programs (EPS to Ghostscript): no stranger's file may start one."""
_BYTES_A_TEXEL = 40
"""Of memory that reading takes at the peak: the picture, some copies of it, and one as float32."""
_BYTES_A_TRANSPARENT_TEXEL = 120
"""Likewise, where it is laid over its average in double precision."""
_HIGHEST = {"I;16": 65535, "I;16B": 65535, "I;16L": 65535, "I": 65535, "F": 1}
"""The value of white in the modes of deep greyscale."""
_MISREAD = {"I;12", "I;32N"}
"""Greys of 12 bits, and of 32 without a sign: how they lie in the file, as Pillow has it."""
_TIFF = {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}
"""How such a file begins, the large kind as well."""
_OF_A_DAMAGED_FILE = (SyntaxError, ValueError, LookupError, TypeError, AssertionError, struct.error)
"""What Pillow's readers raise beside OSError; Image.open takes most of them for "not this format", too."""
_LUMA = (0.299, 0.587, 0.114)
"""What a grey is made of, as Pillow has it (ITU-R 601-2)."""
_DESCRIPTION = "Description"
"""PNG's own keyword for it, as OpenImageIO has it too."""
_ENCODING: dict[FileFormat, dict[str, Any]] = {
    FileFormat.PNG: {"format": "PNG"},
    FileFormat.TIFF: {"format": "TIFF", "compression": "tiff_adobe_deflate"},
    # exact: a fourth channel is data as the others, also where it is 0
    FileFormat.WEBP: {"format": "WEBP", "lossless": True, "exact": True},
}
_QUICK = 1
"""Of zlib's levels."""


@dataclass(frozen=True, kw_only=True)
class Texels:
    """The content of an image file."""

    values: Float[Tensor, "1 c h w"]
    """0 to 1; a colour map display-encoded (sRGB)."""
    notes: tuple[str, ...]
    """What was left out in reading."""


def read(path: str, kind: MapKind) -> Texels:
    """The first picture of a file, upright, with the channels of its map. Raises InputError."""
    return _read(path, kind, alpha=False)


def read_packed(path: str, packed_as: PackedAs) -> Texels:
    """The channels of a file that holds a map in each: three, or four with an alpha that is data. Raises InputError."""
    # as a normal map: three channels that are no colours
    return _read(path, MapKind.NORMAL, alpha=packed_as is not PackedAs.ARM)


def _read(path: str, kind: MapKind, *, alpha: bool) -> Texels:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            # not by its name: Pillow turns a TIFF that it maps into memory upright in size only
            with open(path, "rb") as file:  # noqa: PTH123, the path may be no Path
                return _of_any_depth(file, kind, path, alpha=alpha)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; an image file is wanted") from None
    except PermissionError:
        raise InputError(f"{path}: may not be read (permission denied)") from None
    except UnidentifiedImageError:
        raise InputError(f"{path}: is not an image that can be read; PNG, JPEG, TIFF, WebP and EXR are") from None
    except Image.DecompressionBombError:
        raise InputError(f"{path}: has more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} px; scale it down") from None
    except MemoryError:
        raise InputError(f"{path}: takes more memory to be read than there is; scale it down") from None
    except (OSError, EOFError, *_OF_A_DAMAGED_FILE) as error:
        said = str(error) or "its parts don't fit together"
        raise InputError(f"{path}: the image is damaged or incomplete ({said})") from None


def _of_any_depth(file: BinaryIO, kind: MapKind, path: str, *, alpha: bool) -> Texels:
    head = file.read(4)
    if deep_image.is_exr(head):
        return _deep_texels(path, kind, scene_linear=True, alpha=alpha)
    file.seek(0)
    try:
        with Image.open(file, formats=_readable()) as image:
            if not (_is_misread(image) or (_is_deep(image, kind) and deep_image.is_there())):
                return _texels(image, kind, path, alpha=alpha)
    except UnidentifiedImageError:
        if head not in _TIFF:  # of which there are kinds that Pillow does not know: floating point, 12 bits
            raise
    return _deep_texels(path, kind, scene_linear=False, alpha=alpha)


def check_can_encode(output: Output) -> None:
    """Raises InputError if the engine's Python can't write such files."""
    if _is_deep_output(output):
        deep_image.check_is_there(f"output.format {output.format.value} with {output.bits.value} bits")


def encode(
    texels: Float[Tensor, "1 c h w"], kind: MapKind, output: Output, says: str = "", *, quickly: bool = False
) -> bytes:
    """The file's bytes; whole numbers are rounded to the nearest. What it `says` of itself, in ASCII, is in it.

    `quickly`: a PNG of 8 bits in less time, and larger. Raises EngineError.
    """
    values = texels[0].clamp(0, 1)
    if output.format is FileFormat.EXR:
        light = srgb.linear(values) if kind is MapKind.COLOUR else values
        floats = _rows(light).astype(np.float32 if output.bits is Bits.THIRTY_TWO else np.float16)
        return deep_image.encode(floats, output.format.value, says)
    if output.bits is Bits.SIXTEEN:
        levels = (_rows(values).astype(np.float64) * 65535).round().astype(np.uint16)
        return deep_image.encode(levels, output.format.value, says)
    levels = _rows((values * 255).round().byte())
    image = Image.fromarray(levels if levels.shape[2] > 1 else levels[:, :, 0])
    buffer = io.BytesIO()
    how = _ENCODING[output.format] | (_saying(says, output.format) if says else {})
    if quickly and output.format is FileFormat.PNG:
        how["compress_level"] = _QUICK
    image.save(buffer, **how)
    return buffer.getvalue()


def _saying(says: str, file_format: FileFormat) -> dict[str, Any]:
    """Where Pillow puts an image's description."""
    if file_format is FileFormat.PNG:
        chunks = PngImagePlugin.PngInfo()
        chunks.add_text(_DESCRIPTION, says)
        return {"pnginfo": chunks}
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = says
    return {"exif": exif}


def _rows(values: Float[Tensor, "c h w"]) -> np.ndarray:
    """Height, width, channels."""
    return values.permute(1, 2, 0).contiguous().cpu().numpy()


def _is_deep_output(output: Output) -> bool:
    return output.format is FileFormat.EXR or output.bits is not Bits.EIGHT


def _readable() -> list[str]:
    """Those of the formats that this build of Pillow has."""
    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]


def _is_deep(image: Image.Image, kind: MapKind) -> bool:
    """Whether Pillow would read its colours at 8 bits only. With a colour profile it has to: it knows what to do."""
    deep = image.mode not in _HIGHEST and any(";16" in _raw_mode(tile) for tile in getattr(image, "tile", ()))
    return deep and not (kind is MapKind.COLOUR and image.info.get("icc_profile"))


def _is_misread(image: Image.Image) -> bool:
    """Whether it is a grey whose white Pillow does not know."""
    return any(_raw_mode(tile) in _MISREAD for tile in getattr(image, "tile", ()))


def _raw_mode(tile: Any) -> str:
    """How Pillow calls the numbers as they lie in the file."""
    how = tile[3]
    return str(how[0] if isinstance(how, tuple) else how)


def _deep_texels(path: str, kind: MapKind, *, scene_linear: bool, alpha: bool) -> Texels:
    picture = deep_image.read(path)
    values, notes = picture.values, []
    if alpha:
        return _four(path, values, picture.alpha)
    if picture.alpha is not None and picture.alpha.min() < 1:
        notes.append(f"{path}: its transparency is left out")
        colours = (values if picture.premultiplied else values * picture.alpha).clip(0, 1)  # one infinite would be all
        average = colours.sum((0, 1)) / max(picture.alpha.sum(), 1e-9)
        values = colours + average * (1 - picture.alpha)
    texels = torch.tensor(np.moveaxis(values, 2, 0)[None].copy()).float()
    if scene_linear and kind is MapKind.COLOUR:
        texels = srgb.encoded(texels)
    if kind.channels < texels.shape[1]:
        texels = (texels * torch.tensor(_LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
    return Texels(values=texels.clamp(0, 1).expand(-1, kind.channels, -1, -1).contiguous(), notes=tuple(notes))


def _four(path: str, colours: np.ndarray, alpha: np.ndarray | None) -> Texels:
    """Of height, width, channels; alpha is data as the others."""
    if alpha is None:
        raise InputError(f"{path}: has no alpha channel, in which a packed file of this kind holds the smoothness")
    values = np.concatenate([np.broadcast_to(colours, (*alpha.shape[:2], 3)), alpha], 2)
    return Texels(values=torch.tensor(np.moveaxis(values, 2, 0)[None].copy()).float().clamp(0, 1), notes=())


def _texels(image: Image.Image, kind: MapKind, path: str, *, alpha: bool) -> Texels:
    notes = []
    if getattr(image, "n_frames", 1) > 1:
        notes.append(f"{path}: only the first of its {image.n_frames} pictures is used")  # type: ignore[attr-defined]
    each = _BYTES_A_TRANSPARENT_TEXEL if image.has_transparency_data else _BYTES_A_TEXEL
    memory.check_can_be_read(path, *image.size, each)
    image.load()
    upright = ImageOps.exif_transpose(image)
    if alpha:
        numbers = np.asarray(upright.convert("RGBA"), dtype=np.float32) / 255
        return _four(path, numbers[:, :, :-1], numbers[:, :, -1:] if upright.has_transparency_data else None)
    if upright.mode in _HIGHEST:
        grey = np.asarray(upright, dtype=np.float32)[:, :, None] / _HIGHEST[upright.mode]
        values = np.broadcast_to(np.nan_to_num(grey).clip(0, 1), (*grey.shape[:2], kind.channels))
    else:
        if _is_transparent(upright):
            notes.append(f"{path}: its transparency is left out")
        mode = "RGB" if kind.channels > 1 else "L"
        opaque = _opaque(upright)
        coloured = _in_srgb(opaque, upright.info.get("icc_profile")) if kind is MapKind.COLOUR else opaque
        bytes_ = np.asarray(coloured.convert(mode))
        values = bytes_.reshape(*bytes_.shape[:2], kind.channels)
    planes = torch.from_numpy(np.moveaxis(values, 2, 0)[None].copy())
    texels = planes if planes.is_floating_point() else planes.float().div_(255)
    return Texels(values=texels, notes=tuple(notes))


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB, if it carries another colour profile (phones, AdobeRGB, print)."""
    if not profile:
        return image
    image = image if image.mode == "CMYK" else image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile: the numbers as they stand are the best guess
    return converted or image


def _is_transparent(image: Image.Image) -> bool:
    """Whether any of it is: many programs write an alpha that is opaque all over."""
    return image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema() != (255, 255)


def _opaque(image: Image.Image) -> Image.Image:
    """The picture over its own average colour, where it is transparent."""
    if not _is_transparent(image):
        return image
    texels = np.asarray(image.convert("RGBA"), dtype=np.float64)
    alpha = texels[:, :, 3:] / 255
    average = (texels[:, :, :3] * alpha).sum((0, 1)) / max(alpha.sum(), 1e-9)
    return Image.fromarray((texels[:, :, :3] * alpha + average * (1 - alpha)).round().astype(np.uint8))
