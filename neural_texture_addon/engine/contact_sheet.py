"""A contact sheet: small pictures in rows and columns with their labels. Knows no jobs."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ..job.description import MapKind
from . import image_file

_LARGEST_THUMBNAIL, _SMALLEST_THUMBNAIL = 256, 16
_LONGEST = 12_000
"""Of the sheet's thumbnails in a row or column together, in px; where there are more, they are smaller."""
_GAP = 8
_PAPER, _INK, _FAINT, _RED = (32, 32, 32), (225, 225, 225), (80, 80, 80), (255, 110, 90)
Place = tuple[int, ...]
"""Where a picture belongs: its row, its column, and its place along each further axis."""


class ContactSheet:
    """The sheet. What isn't on it yet is left blank."""

    def __init__(self, axes: Sequence[Sequence[str]]) -> None:
        """The labels of the rows, of the columns, and of what makes blocks of rows and columns."""
        rows, columns, *blocks = [*axes, [""]][: max(len(axes), 2)]
        self._rows, self._columns = rows, columns
        self._blocks = list(itertools.product(*map(enumerate, blocks)))
        most = max(len(rows) * len(self._blocks), len(columns))
        self._side = max(min(_LONGEST // most, _LARGEST_THUMBNAIL), _SMALLEST_THUMBNAIL)
        self._pictures: dict[Place, Image.Image] = {}
        self._marks: dict[Place, str] = {}
        self._font = ImageFont.load_default(13)

    def put(self, place: Place, path: Path) -> None:
        """Hangs up a picture, smaller if need be, never larger. Raises InputError if it is none."""
        texels = image_file.read(str(path), MapKind.COLOUR).values[0]
        picture = Image.fromarray((texels * 255).round().byte().permute(1, 2, 0).contiguous().numpy())
        picture.thumbnail((self._side, self._side), Image.Resampling.LANCZOS)
        self._pictures[_full(place)] = picture

    def mark(self, place: Place, remark: str) -> None:
        """Says why there is no picture."""
        self._marks[_full(place)] = remark

    def png(self) -> bytes:
        """The sheet as it stands."""
        buffer = io.BytesIO()
        self.draw().save(buffer, format="PNG")
        return buffer.getvalue()

    def draw(self) -> Image.Image:
        """The sheet as it stands."""
        blocks = [self._draw_block(block) for block in self._blocks]
        size = max(block.width for block in blocks), sum(block.height for block in blocks)
        sheet, y = Image.new("RGB", size, _PAPER), 0
        for block in blocks:
            sheet.paste(block, (0, y))
            y += block.height
        return sheet

    def _draw_block(self, block: tuple[tuple[int, str], ...]) -> Image.Image:
        """Rows and columns at one place along the further axes."""
        title, cell, line = ", ".join(label for _, label in block), self._cell(), self._line() + _GAP
        widths = [max(self._length(label) for label in self._rows) + _GAP]
        widths += [max(cell[0], self._length(label)) + _GAP for label in self._columns]
        lefts = [_GAP + sum(widths[:i]) for i in range(len(widths))]
        top = _GAP + (line if title else 0)
        first = top + (line if any(self._columns) else 0)
        height = max(cell[1] + _GAP, line)
        width = max(sum(widths) + _GAP, self._length(title) + 2 * _GAP)
        image = Image.new("RGB", (width, first + height * len(self._rows) + _GAP), _PAPER)
        draw = ImageDraw.Draw(image)
        draw.text((_GAP, _GAP), title, _INK, self._font)
        for x, label in zip(lefts[1:], self._columns, strict=True):
            draw.text((x, top), label, _INK, self._font)
        for row, label in enumerate(self._rows):
            y = first + row * height
            draw.text((_GAP, y), label, _INK, self._font)
            for column, x in enumerate(lefts[1:]):
                self._hang(image, draw, (row, column, *(i for i, _ in block)), (x, y))
        return image

    def _hang(self, image: Image.Image, draw: ImageDraw.ImageDraw, place: Place, at: tuple[int, int]) -> None:
        if place in self._pictures:
            image.paste(self._pictures[place], at)
            return
        width, height = self._cell()
        draw.rectangle((*at, at[0] + width - 1, at[1] + height - 1), outline=_FAINT)
        draw.text((at[0] + 4, at[1] + 2), self._marks.get(place, ""), _RED, self._font)

    def _cell(self) -> tuple[int, int]:
        sizes = [picture.size for picture in self._pictures.values()] or [(self._side, self._side)]
        return max(width for width, _ in sizes), max(height for _, height in sizes)

    def _length(self, text: str) -> int:
        return int(self._font.getlength(text)) + 1

    def _line(self) -> int:
        return int(self._font.getbbox("Ag")[3]) + 2


def _full(place: Place) -> Place:
    """With a column, where there is one only."""
    return place if len(place) > 1 else (*place, 0)
