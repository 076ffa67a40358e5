import subprocess
from collections.abc import Callable
from pathlib import Path

from neural_texture_addon.job import presets

Engine = Callable[..., subprocess.CompletedProcess[str]]


def test_the_presets_are_listed_with_what_they_are_and_the_families_they_are_made_for(engine: Engine) -> None:
    done = engine("presets")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == presets.names()
    for line, preset in zip(lines, map(presets.load, presets.names()), strict=True):
        assert f"{preset.title}: {preset.description} ({', '.join(preset.jobs)})" in line


def test_a_preset_is_not_made_for_any_family(engine: Engine, style: Path) -> None:
    unfit = [(n, f) for n in presets.names() for f in presets.Family if f not in presets.load(n).jobs]
    for name, family in unfit[:1]:
        done = engine("synthesize", style, "--preset", name, "--features", family, "--out", "out")
        assert done.returncode == 2
        assert f"preset {name} is not made for {family}" in done.stderr


def test_a_reader_that_has_seen_enough_ends_it_without_a_word(start: Callable[..., subprocess.Popen[str]]) -> None:
    """As in ``neural-texture presets | head -1``."""
    process = start("presets")
    process.stdout.close()  # long before Python has started
    assert process.wait(60) == 1
    assert process.stderr.read() == ""
