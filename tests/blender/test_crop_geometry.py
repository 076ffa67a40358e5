"""The module is loaded by itself, as its package needs bpy."""

import importlib.util
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

PATH = Path(__file__).resolve().parents[2] / "neural_texture_addon" / "blender" / "crop_geometry.py"


def load():
    spec = importlib.util.spec_from_file_location("crop_geometry", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


geometry = load()
Grip, Rectangle = geometry.Grip, geometry.Rectangle
SIZES = st.tuples(st.integers(1, 5000), st.integers(1, 5000))
FAR = st.floats(-9000, 9000)
EDGES = (Grip.LEFT, Grip.TOP, Grip.RIGHT, Grip.BOTTOM)
CORNERS = (Grip.LEFT | Grip.TOP, Grip.RIGHT | Grip.TOP, Grip.LEFT | Grip.BOTTOM, Grip.RIGHT | Grip.BOTTOM)
GRIPS = st.sampled_from((*EDGES, *CORNERS, Grip.INSIDE))


@st.composite
def rectangles(draw):
    """A rectangle that is allowed, and the image's size."""
    size = draw(SIZES)
    start, end = draw(st.tuples(FAR, FAR)), draw(st.tuples(FAR, FAR))
    return geometry.spanned(start, end, size, square=draw(st.booleans())), size


def is_allowed(rectangle, size):
    shortest = [min(geometry.SHORTEST, length) for length in size]
    assert 0 <= rectangle.left <= rectangle.right <= size[0], rectangle
    assert 0 <= rectangle.top <= rectangle.bottom <= size[1], rectangle
    assert rectangle.width >= shortest[0], rectangle
    assert rectangle.height >= shortest[1], rectangle
    return True


@given(rectangles())
def test_what_is_drawn_anew_is_allowed(drawn):
    assert is_allowed(*drawn)


@given(rectangles(), GRIPS, st.tuples(FAR, FAR), st.booleans())
def test_what_is_dragged_stays_allowed(drawn, grip, by, in_proportion):
    rectangle, size = drawn
    assert is_allowed(geometry.dragged(rectangle, grip, by, size, in_proportion=in_proportion), size)


@given(rectangles(), GRIPS, st.booleans())
def test_dragged_nowhere_it_stays_as_it_is(drawn, grip, in_proportion):
    rectangle, size = drawn
    assert geometry.dragged(rectangle, grip, (0, 0), size, in_proportion=in_proportion) == rectangle


@given(rectangles(), st.tuples(FAR, FAR))
def test_held_inside_it_keeps_its_size_and_follows_the_mouse_as_far_as_the_border(drawn, by):
    rectangle, size = drawn
    moved = geometry.dragged(rectangle, Grip.INSIDE, by, size)
    assert (moved.width, moved.height) == (rectangle.width, rectangle.height)
    for went, wanted, low, high, length in (
        (moved.left - rectangle.left, by[0], moved.left, moved.right, size[0]),
        (moved.top - rectangle.top, by[1], moved.top, moved.bottom, size[1]),
    ):
        assert abs(went - wanted) <= 0.5 or (low == 0 and wanted < went) or (high == length and wanted > went)


@given(rectangles(), st.sampled_from((*EDGES, *CORNERS)), st.tuples(FAR, FAR))
def test_edges_that_are_not_held_stay(drawn, grip, by):
    rectangle, size = drawn
    after = geometry.dragged(rectangle, grip, by, size)
    for edge, name in zip(EDGES, ("left", "top", "right", "bottom"), strict=True):
        assert edge in grip or getattr(after, name) == getattr(rectangle, name)


@given(rectangles(), st.sampled_from((*EDGES, *CORNERS)), st.tuples(FAR, FAR))
def test_proportions_are_kept_to_a_texel(drawn, grip, by):
    rectangle, size = drawn
    after = geometry.dragged(rectangle, grip, by, size, in_proportion=True)
    factor = after.width / rectangle.width
    assert min(size) < geometry.SHORTEST or abs(after.height - factor * rectangle.height) <= 0.5 + 0.5 * (
        rectangle.height / rectangle.width
    )


@given(rectangles(), st.sampled_from(CORNERS), st.tuples(FAR, FAR))
def test_in_proportion_the_corner_opposite_stays(drawn, grip, by):
    rectangle, size = drawn
    after = geometry.dragged(rectangle, grip, by, size, in_proportion=True)
    assert Grip.LEFT in grip or after.left == rectangle.left
    assert Grip.RIGHT in grip or after.right == rectangle.right
    assert Grip.TOP in grip or after.top == rectangle.top
    assert Grip.BOTTOM in grip or after.bottom == rectangle.bottom


@given(SIZES.filter(lambda size: min(size) > 100), st.floats(0, 1), st.floats(0, 1), st.tuples(FAR, FAR))
def test_a_square_is_a_square_where_it_has_room(size, x, y, end):
    start = (x * (size[0] - 40) + 20, y * (size[1] - 40) + 20)
    square = geometry.spanned(start, end, size, square=True)
    assert abs(square.width - square.height) <= 1


@given(rectangles())
def test_shares_of_the_image_say_the_same_rectangle_to_us_and_the_engine(drawn):
    rectangle, size = drawn
    left, top, width, height = rectangle.shares(size)
    assert Rectangle.of(left, top, width, height, size) == rectangle
    assert (round(left * size[0]), round((left + width) * size[0])) == (rectangle.left, rectangle.right)
    assert (round(top * size[1]), round((top + height) * size[1])) == (rectangle.top, rectangle.bottom)
    assert max(left + width, top + height) <= 1 + 1e-6


@given(rectangles(), st.floats(0.5, 50))
def test_corners_edges_inside_and_outside_are_found(drawn, reach):
    rectangle, _ = drawn
    reaches = (reach, reach)
    middle = ((rectangle.left + rectangle.right) / 2, (rectangle.top + rectangle.bottom) / 2)
    assert geometry.hit(rectangle, (rectangle.left, rectangle.top), reaches) == Grip.LEFT | Grip.TOP
    assert geometry.hit(rectangle, (rectangle.right, rectangle.bottom), reaches) == Grip.RIGHT | Grip.BOTTOM
    assert geometry.hit(rectangle, (rectangle.right + 1.01 * reach, middle[1]), reaches) == Grip.OUTSIDE
    assert geometry.hit(rectangle, (middle[0], rectangle.top - 1.01 * reach), reaches) == Grip.OUTSIDE
    if min(rectangle.width, rectangle.height) > 2 * reach + 1:
        assert geometry.hit(rectangle, middle, reaches) is Grip.INSIDE
        assert geometry.hit(rectangle, (rectangle.left, middle[1]), reaches) is Grip.LEFT
        assert geometry.hit(rectangle, (middle[0], rectangle.bottom), reaches) is Grip.BOTTOM
    else:
        assert geometry.hit(rectangle, middle, reaches) is not Grip.OUTSIDE


@given(rectangles(), st.floats(0.5, 50), st.tuples(FAR, FAR))
def test_within_the_whole_image_another_rectangle_is_begun(drawn, reach, at):
    rectangle, size = drawn
    reaches, whole = (reach, reach), Rectangle.whole(size)
    assert geometry.taken(whole, at, reaches, size) is not Grip.INSIDE
    assert geometry.taken(whole, (0, 0), reaches, size) == geometry.hit(whole, (0, 0), reaches)
    if rectangle != whole:
        assert geometry.taken(rectangle, at, reaches, size) is geometry.hit(rectangle, at, reaches)
