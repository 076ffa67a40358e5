"""Image files: read as float texels, encoded to bytes. Knows formats, not textures."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from ..job.description import FileFormat, MapKind
from .errors import InputError

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_HIGHEST = {"I;16": 65535, "I;16B": 65535, "I;16L": 65535, "I": 65535, "F": 1}
"""The value of white in the modes of deep greyscale."""
_OF_A_DAMAGED_FILE = (SyntaxError, ValueError, LookupError, TypeError, struct.error)
"""What Pillow's readers raise beside OSError; Image.open takes most of them for "not this format", too."""
_ENCODING: dict[FileFormat, dict[str, Any]] = {
    FileFormat.PNG: {"format": "PNG"},
    FileFormat.TIFF: {"format": "TIFF", "compression": "tiff_adobe_deflate"},
    FileFormat.WEBP: {"format": "WEBP", "lossless": True},
}


@dataclass(frozen=True, kw_only=True)
class Texels:
    """The content of an image file."""

    values: Float[Tensor, "1 c h w"]
    """0 to 1; a colour map display-encoded (sRGB)."""
    notes: tuple[str, ...]
    """What was left out in reading."""


def read(path: str, kind: MapKind) -> Texels:
    """The first picture of a file, upright, with the channels of its map. Raises InputError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            # not by its name: Pillow turns a TIFF that it maps into memory upright in size only
            with open(path, "rb") as file, Image.open(file) as image:  # noqa: PTH123, the path may be no Path
                return _texels(image, kind, path)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; an image file is wanted") from None
    except PermissionError:
        raise InputError(f"{path}: may not be read (permission denied)") from None
    except UnidentifiedImageError:
        raise InputError(f"{path}: is not an image that can be read; PNG, JPEG, TIFF and WebP are") from None
    except Image.DecompressionBombError:
        raise InputError(f"{path}: has more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} px; scale it down") from None
    except (OSError, EOFError, *_OF_A_DAMAGED_FILE) as error:
        raise InputError(f"{path}: the image is damaged or incomplete ({error})") from None


def encode(texels: Float[Tensor, "1 c h w"], file_format: FileFormat) -> bytes:
    """The file's bytes, 8 bits a channel, rounded to the nearest."""
    levels = (texels[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().cpu().numpy()
    image = Image.fromarray(levels if levels.shape[2] > 1 else levels[:, :, 0])
    buffer = io.BytesIO()
    image.save(buffer, **_ENCODING[file_format])
    return buffer.getvalue()


def _texels(image: Image.Image, kind: MapKind, path: str) -> Texels:
    notes = []
    if getattr(image, "n_frames", 1) > 1:
        notes.append(f"{path}: only the first of its {image.n_frames} pictures is used")  # type: ignore[attr-defined]
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode in _HIGHEST:
        grey = np.asarray(upright, dtype=np.float32)[:, :, None] / _HIGHEST[upright.mode]
        values = np.broadcast_to(np.nan_to_num(grey).clip(0, 1), (*grey.shape[:2], kind.channels))
    else:
        if _is_transparent(upright):
            notes.append(f"{path}: its transparency is left out")
        mode = "RGB" if kind.channels > 1 else "L"
        opaque = _opaque(upright)
        coloured = _in_srgb(opaque, upright.info.get("icc_profile")) if kind is MapKind.COLOUR else opaque
        values = np.asarray(coloured.convert(mode), dtype=np.float32) / 255
        values = values.reshape(*values.shape[:2], kind.channels)
    return Texels(values=torch.tensor(np.moveaxis(values, 2, 0)[None].copy()), notes=tuple(notes))


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
