"""Command lines. Whatever is said, it ends with a status and at most one line; nothing is begun that takes long."""

import argparse
import contextlib
import io
import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from PIL import Image

from neural_texture_addon.engine import cli, foreground, survey
from neural_texture_addon.job.description import Exemplar, Job, MapKind
from neural_texture_addon.job.wire import job_to_json

FOLDER = Path(tempfile.mkdtemp())
os.chdir(FOLDER)
Image.effect_noise((24, 20), 60).convert("RGB").save("style.png")
Path("job.json").write_text(job_to_json(Job(exemplars=(Exemplar(maps={MapKind.COLOUR: "style.png"}),))))

# All is read and checked, but no job is begun.
foreground.show = lambda *_: 0  # type: ignore[assignment]
survey.run = lambda *_: (nothing for nothing in ())  # type: ignore[assignment]

COMMANDS = {
    "synthesize": ["style.png", "--out=o"],
    "filter": ["style.png", "--style=style.png", "--out=o"],
    "maps": ["style.png", "--out=o", "--maps", "roughness"],
    "run": ["job.json", "--out=o"],
    "resume": ["o"],
    "survey": ["job.json", "--out=o", "--vary", "seed=1,2"],
    "plasma": ["--out=o.png", "--size=16"],
}
BEYOND = {
    "--size": ("width is ", ["0", "1", "15x64", "16385"]),
    "--seed": ("random_seed", ["-1", str(2**32)]),
    "--scale": ("scale", ["-1", "0", "17", "nan", "inf", "1e999"]),
    "--map-weight": ("map_weights", ["colour=-1", "colour=101", "colour=nan"]),
    "--memory": ("--memory", ["-1", "9999", "nan", "1e999GB", "..", "4GBB"]),
    "--roughness": ("roughness", ["-0.1", "1.1", "nan", "inf"]),
    "--light": ("light", ["-1", "361", "nan"]),
    "--relief": ("relief", ["-1", "2", "inf"]),
    "--vary": ("--vary", ["", "=", "seed", "seed=", "nothing=1", "seed=1..5000", "steps=1", "steps.0.terms.0=1"]),
}
"""Options whose numbers have a range, what is said of a number beyond it, and such numbers."""
GOOD = {"--size": "32", "--seed": "7", "--scale": "2", "--preset": "draft", "--axes": "x", "--format": "tiff"}


def case(data: st.DataObject) -> None:
    command = data.draw(st.sampled_from(sorted(COMMANDS)))
    options = options_of(command)
    line = [command, *COMMANDS[command]]
    for option in data.draw(st.lists(st.sampled_from(sorted(GOOD.keys() & options.keys()) or ["--help"]), max_size=2)):
        line += [f"{option}={GOOD[option]}"] if option in GOOD else []
    expected = ""
    option = data.draw(st.sampled_from(sorted(options)))
    match data.draw(st.sampled_from(["beyond", "no such value", "text", "rubbish", "nothing"])):
        case "beyond" if option in BEYOND:
            expected, values = BEYOND[option]
            line.append(f"{option}={data.draw(st.sampled_from(values))}")
        case "no such value" if options[option].choices or options[option].type:
            expected = option
            line.append(f"{option}=no such value")
        case "text" if options[option].nargs != 0:
            line.append(f"{option}={data.draw(st.text())}")
        case "rubbish":
            line.insert(data.draw(st.integers(0, len(line))), data.draw(st.text()))
    if data.draw(st.booleans()) and not expected:
        line.pop(data.draw(st.integers(0, len(line) - 1)))
    check(line, expected)


def check(line: list[str], expected: str) -> None:
    status, said = ended(line)
    assert status in (0, 1, 2), (line, status)
    assert "Traceback" not in said
    if status or expected:
        assert status == 2, (line, status, said)
        assert said.startswith("neural-texture"), said
        assert len(said.strip().splitlines()) == 1, said
        assert expected in said, (expected, said)


def ended(line: list[str]) -> tuple[Any, str]:
    """The exit status, and what was said on stderr."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            status = cli.main(line)
        except SystemExit as leaving:
            status = leaving.code
    return status, said.getvalue()


def options_of(command: str) -> dict[str, argparse.Action]:
    (commands,) = (a for a in cli._parser()._actions if isinstance(a, argparse._SubParsersAction))
    return {a.option_strings[-1]: a for a in commands.choices[command]._actions if a.option_strings}
