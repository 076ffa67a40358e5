from pathlib import Path

import numpy as np
import pytest
import torch
from toys import noise

from neural_texture_addon.engine import live_preview
from neural_texture_addon.engine.live_preview import LivePreview
from neural_texture_addon.job.description import MapKind
from neural_texture_addon.job.events import Previewed

COLOUR = (MapKind.COLOUR,)


class Time:
    """A clock on the wall that is moved by hand; a preview takes `cost`."""

    now = 0.0
    cost = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Time:
    moved = Time()
    monkeypatch.setattr(live_preview, "time", moved)
    write = live_preview.write_atomically

    def slow(*args, **kwargs) -> None:
        write(*args, **kwargs)
        moved.now += moved.cost

    monkeypatch.setattr(live_preview, "write_atomically", slow)
    return moved


def picture(height: int, width: int, channels: int = 3) -> torch.Tensor:
    return noise(1, channels, height, width).float()


def texels(event: Previewed) -> np.ndarray:
    """Rows from the top, as a canvas has them."""
    flat = np.fromfile(event.path, "<f4")
    return flat.reshape(event.height, event.width, 4)[::-1]


def shown(folder: Path, canvas: torch.Tensor, size: int, maps: tuple[MapKind, ...] = COLOUR) -> tuple[Previewed, ...]:
    with LivePreview(folder, size, maps) as preview:
        event = preview.of(canvas, 2, 7)
        return event, texels(event)


def encoded(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def test_a_small_canvas_is_shown_texel_by_texel_in_linear_light(tmp_path: Path) -> None:
    canvas = picture(5, 8)
    canvas[0, :, 0, 0] = torch.tensor([0.0, 0.02, 1.0])
    event, seen = shown(tmp_path, canvas, 8)
    assert (event.octave, event.octaves, event.width, event.height) == (2, 7, 8, 5)
    np.testing.assert_allclose(encoded(seen[:, :, :3]), canvas[0].movedim(0, 2), atol=1e-6)
    assert (seen[:, :, 3] == 1).all()


@pytest.mark.parametrize(("sides", "expected"), [((64, 64), (16, 16)), ((30, 60), (8, 16)), ((100, 7), (16, 1))])
def test_a_large_one_is_shown_by_the_means_of_its_areas(
    tmp_path: Path, sides: tuple[int, int], expected: tuple[int, int]
) -> None:
    event, seen = shown(tmp_path, torch.full((1, 3, *sides), 0.5), 16)
    assert (event.height, event.width) == expected
    np.testing.assert_allclose(encoded(seen[:, :, :3]), 0.5, atol=1e-6)
    canvas = picture(64, 64)
    _, seen = shown(tmp_path, canvas, 16)
    means = canvas[0].reshape(3, 16, 4, 16, 4).mean((2, 4)).movedim(0, 2)
    np.testing.assert_allclose(encoded(seen[:, :, :3]), means, atol=1e-6)


def test_the_colours_are_shown_wherever_they_lie_and_else_the_first_map_as_it_is(tmp_path: Path) -> None:
    canvas = picture(6, 6, 4)
    _, seen = shown(tmp_path, canvas, 6, (MapKind.HEIGHT, MapKind.COLOUR))
    np.testing.assert_allclose(encoded(seen[:, :, :3]), canvas[0, 1:].movedim(0, 2), atol=1e-6)
    _, seen = shown(tmp_path, canvas[:, :2], 6, (MapKind.HEIGHT, MapKind.ROUGHNESS))
    np.testing.assert_array_equal(seen[:, :, :3], canvas[0, :1].expand(3, -1, -1).movedim(0, 2))


def test_nothing_of_it_stays(tmp_path: Path) -> None:
    (tmp_path / ".preview.rgba.0123abcd").write_bytes(b"of a process that was killed")
    with LivePreview(tmp_path, 16, COLOUR) as preview:
        event = preview.of(picture(4, 4), 1, 1)
        assert [str(path) for path in tmp_path.iterdir()] == [event.path]
    assert list(tmp_path.iterdir()) == []


def test_without_a_size_nothing_is_shown(tmp_path: Path) -> None:
    with LivePreview(tmp_path, 0, COLOUR) as preview:
        assert preview.of(picture(4, 4), 1, 1) is None
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("cost", "gap"), [(0.001, 0.3), (0.1, 1.9)])
def test_the_dearer_the_rarer(tmp_path: Path, wall: Time, cost: float, gap: float) -> None:
    """At most one in 0.3 s, and at most 5 % of the time; the first at once."""
    wall.cost = cost
    at = []
    with LivePreview(tmp_path, 16, COLOUR) as preview:
        while wall.now < 20:
            began = wall.now
            if preview.of(picture(4, 4), 1, 1):
                at.append(began)
            wall.now += 0.01
    assert at[0] == 0
    gaps = np.diff(at) - cost
    assert gaps.min() >= gap - 1e-6
    assert gaps.max() <= gap + 0.011


def test_a_preview_that_cannot_be_written_is_left_out(tmp_path: Path, wall: Time) -> None:
    with LivePreview(tmp_path / "gone", 16, COLOUR) as preview:
        assert preview.of(picture(4, 4), 1, 1) is None
        wall.now += 10
        (tmp_path / "gone").mkdir()
        assert preview.of(picture(4, 4), 1, 1) is not None
