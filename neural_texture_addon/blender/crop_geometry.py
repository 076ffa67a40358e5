"""A rectangle that is dragged over an image: plain arithmetic, in whole px from the upper left. Knows no bpy."""

from dataclasses import dataclass
from enum import Flag

SHORTEST = 16
"""A side's least length in px, as the engine wants of a style image."""


class Grip(Flag):
    """The edges that go with the mouse: one, the two at a corner, all four; none of them outside."""

    LEFT, TOP, RIGHT, BOTTOM = 1, 2, 4, 8
    INSIDE = LEFT | TOP | RIGHT | BOTTOM
    OUTSIDE = 0


@dataclass(frozen=True)
class Rectangle:
    """A part of an image. `right` and `bottom` are the first px beyond it."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of(cls, left: float, top: float, width: float, height: float, size: tuple[int, int]) -> "Rectangle":
        """The part given as shares of the image's `size`, rounded as the engine does, at least as large as allowed."""
        found = (left * size[0], top * size[1], (left + width) * size[0], (top + height) * size[1])
        return spanned((found[0], found[1]), (found[2], found[3]), size)

    @classmethod
    def whole(cls, size: tuple[int, int]) -> "Rectangle":
        """All of an image."""
        return cls(0, 0, *size)

    @property
    def width(self) -> int:
        """In px."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In px."""
        return self.bottom - self.top

    def shares(self, size: tuple[int, int]) -> tuple[float, float, float, float]:
        """Left, top, width and height as shares of the image's `size`."""
        return self.left / size[0], self.top / size[1], self.width / size[0], self.height / size[1]


def hit(rectangle: Rectangle, at: tuple[float, float], reach: tuple[float, float]) -> Grip:
    """What the mouse takes hold of; an edge from as far as `reach` in px of the image, across and down."""
    (x, y), (across, down) = at, reach
    within = rectangle.left - across <= x <= rectangle.right + across
    if not within or not rectangle.top - down <= y <= rectangle.bottom + down:
        return Grip.OUTSIDE
    edges = _nearer(x, rectangle.left, rectangle.right, across, (Grip.LEFT, Grip.RIGHT))
    edges |= _nearer(y, rectangle.top, rectangle.bottom, down, (Grip.TOP, Grip.BOTTOM))
    return edges or Grip.INSIDE


def taken(rectangle: Rectangle, at: tuple[float, float], reach: tuple[float, float], size: tuple[int, int]) -> Grip:
    """As `hit`; but the whole of an image can't be moved: within it another rectangle is begun."""
    grip = hit(rectangle, at, reach)
    return Grip.OUTSIDE if grip is Grip.INSIDE and rectangle == Rectangle.whole(size) else grip


def dragged(
    rectangle: Rectangle, grip: Grip, by: tuple[float, float], size: tuple[int, int], *, in_proportion: bool = False
) -> Rectangle:
    """`rectangle` after its `grip` was dragged `by` so many px, within an image of this `size`.

    No side gets shorter than SHORTEST. `in_proportion` keeps the proportions.
    """
    if grip is Grip.INSIDE:
        x = round(_clamped(by[0], -rectangle.left, size[0] - rectangle.right))
        y = round(_clamped(by[1], -rectangle.top, size[1] - rectangle.bottom))
        return Rectangle(rectangle.left + x, rectangle.top + y, rectangle.right + x, rectangle.bottom + y)
    if in_proportion and grip:
        return _in_proportion(rectangle, grip, by, size)
    left, right = _resized(rectangle.left, rectangle.right, by[0], size[0], Grip.LEFT in grip, Grip.RIGHT in grip)
    top, bottom = _resized(rectangle.top, rectangle.bottom, by[1], size[1], Grip.TOP in grip, Grip.BOTTOM in grip)
    return Rectangle(left, top, right, bottom)


def spanned(
    start: tuple[float, float], end: tuple[float, float], size: tuple[int, int], *, square: bool = False
) -> Rectangle:
    """The rectangle between two corners, within an image of this `size`, at least SHORTEST a side."""
    if square:
        side = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
        room = [start[i] if end[i] < start[i] else size[i] - start[i] for i in (0, 1)]
        side = min(side, *(max(0.0, length) for length in room))
        end = tuple(start[i] - side if end[i] < start[i] else start[i] + side for i in (0, 1))  # type: ignore[assignment]
    left, right = _span(start[0], end[0], size[0])
    top, bottom = _span(start[1], end[1], size[1])
    return Rectangle(left, top, right, bottom)


def _in_proportion(rectangle: Rectangle, grip: Grip, by: tuple[float, float], size: tuple[int, int]) -> Rectangle:
    """Grown about the corner or the middle of the edge opposite."""
    wide, high = rectangle.width, rectangle.height
    outwards = {Grip.LEFT: -by[0] / wide, Grip.RIGHT: by[0] / wide, Grip.TOP: -by[1] / high, Grip.BOTTOM: by[1] / high}
    growth = [1 + share for edge, share in outwards.items() if edge in grip]
    factor = max(growth, key=lambda grown: abs(grown - 1))
    across = _anchor(rectangle.left, rectangle.right, Grip.LEFT in grip, Grip.RIGHT in grip)
    down = _anchor(rectangle.top, rectangle.bottom, Grip.TOP in grip, Grip.BOTTOM in grip)
    most = min(_most(across, wide, size[0]), _most(down, high, size[1]))
    least = max(min(SHORTEST, size[0]) / wide, min(SHORTEST, size[1]) / high)
    factor = _clamped(factor, min(least, most), most)
    left, right = _grown(across, wide * factor, size[0])
    top, bottom = _grown(down, high * factor, size[1])
    return Rectangle(left, top, right, bottom)


def _anchor(low: int, high: int, low_moves: bool, high_moves: bool) -> tuple[float, float]:
    """The place that stays, and which share of the length lies before it."""
    if low_moves:
        return high, 1.0
    return (low, 0.0) if high_moves else ((low + high) / 2, 0.5)


def _most(anchor: tuple[float, float], length: float, size: int) -> float:
    """How far it can grow before it meets the image's border."""
    place, before = anchor
    rooms = [place / (before * length)] if before else []
    rooms += [(size - place) / ((1 - before) * length)] if before < 1 else []
    return min(rooms)


def _grown(anchor: tuple[float, float], length: float, size: int) -> tuple[int, int]:
    place, before = anchor
    whole = round(_clamped(length, min(SHORTEST, size), size))
    low = round(_clamped(place - before * whole, 0, size - whole))
    return low, low + whole


def _resized(low: int, high: int, by: float, size: int, low_moves: bool, high_moves: bool) -> tuple[int, int]:
    shortest = min(SHORTEST, size)
    if low_moves:
        low = round(_clamped(low + by, 0, high - shortest))
    if high_moves:
        high = round(_clamped(high + by, low + shortest, size))
    return low, high


def _span(start: float, end: float, size: int) -> tuple[int, int]:
    low, high = (round(_clamped(place, 0, size)) for place in sorted((start, end)))
    short = max(0, min(SHORTEST, size) - (high - low))
    if end < start:
        low = max(0, low - short)
        return low, max(high, low + min(SHORTEST, size))
    high = min(size, high + short)
    return min(low, high - min(SHORTEST, size)), high


def _nearer(place: float, low: int, high: int, reach: float, edges: tuple[Grip, Grip]) -> Grip:
    to_low, to_high = abs(place - low), abs(place - high)
    if min(to_low, to_high) > reach:
        return Grip.OUTSIDE
    return edges[0] if to_low <= to_high else edges[1]


def _clamped(number: float, low: float, high: float) -> float:
    return max(low, min(number, high))
