"""Sizes of canvases as a person at a terminal gives them. Opens no image."""

import argparse
import re
from dataclasses import dataclass

from ..job.description import Canvas, limits

SYNTAX = "N|WxH"


@dataclass(frozen=True, kw_only=True)
class Size:
    """What was asked for: both sides or, where `height` is None, one number."""

    width: int
    height: int | None = None

    def sides(self) -> tuple[int, int]:
        """Width and height; one number means a square."""
        return self.width, self.width if self.height is None else self.height

    def sides_like(self, width: int, height: int) -> tuple[int, int]:
        """Width and height; one number is the longer side of a canvas with the proportions of a picture."""
        return like(width, height, self.width) if self.height is None else self.sides()


def parse(text: str) -> Size:
    """The size that an option names. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d{1,9})(?:[xX](\d{1,9}))?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"is {text!r}; allowed: 512 or 1024x512")
    return Size(width=int(match[1]), height=int(match[2]) if match[2] else None)


def like(width: int, height: int, longer: int) -> tuple[int, int]:
    """Sides in the proportions of a picture, the longer one as said, the other one no less than a canvas may have."""
    smallest, factor = int(limits(Canvas, "width")[0]), longer / max(width, height)
    shorter = max(round(min(width, height) * factor), smallest)
    return (longer, shorter) if width >= height else (shorter, longer)
