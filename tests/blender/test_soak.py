"""A hundred textures in one Blender, and a long one: nothing becomes more. Less of both unless --slow is given."""

import statistics
import sys

import pytest

pytestmark = [
    pytest.mark.blender,
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="what is held is looked up in /proc"),
]
FLAT = 1.05
"""Memory may become so many times what it was after the first textures: a heap has holes."""


@pytest.mark.parametrize("count", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_nothing_is_left_of_many_textures(blender, style, tmp_path, count):
    found = soaked(blender, style, tmp_path, "short", count)
    assert found["ended"] == "Finished"
    memories = found["memories"]
    assert len(memories) == count
    early, late = statistics.median(memories[count // 4 : count // 2]), statistics.median(memories[-count // 4 :])
    print(f"memory after {count} textures: {late / early:.3f} of what it was; {early / 1e6:.0f} MB")
    assert late < FLAT * early
    first, last = found["held"][0], found["held"][-1]
    assert last == first
    assert not first["processes"]
    assert not first["timer"]


@pytest.mark.parametrize("seconds", [20, pytest.param(1200, marks=pytest.mark.slow)])
def test_nothing_piles_up_while_a_long_texture_is_shown(blender, style, tmp_path, seconds):
    found = soaked(blender, style, tmp_path, "long", seconds)
    assert found["goes on"]
    assert found["images more"] == [0]
    assert max(found["preview files"]) <= 2, "the one that is there, and the one that is being written"
    assert found["events that wait"] < 50
    memories = found["memories"]
    third = len(memories) // 3
    early, late = statistics.median(memories[third : 2 * third]), statistics.median(memories[-third:])
    print(f"memory after {seconds} s: {late / early:.3f} of what it was; {early / 1e6:.0f} MB")
    assert late < FLAT * early
    assert not found["more than before"]


def soaked(blender, style, folder, what, number):
    """What the scenario found; the system's folder for temporary files is empty before it."""
    temporary = folder / "temporary"
    temporary.mkdir()
    return blender.run("soak", style, folder, what, number, patience=600 + 60 * number, TMPDIR=str(temporary))
