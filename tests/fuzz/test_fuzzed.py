"""What comes from outside, in ten thousand forms: read as it stands, or refused in a line that names what is wrong.

In the short form always the same cases; with --slow others each time.
"""

import json
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
PROGRAM = FOLDER.parent / "support" / "fuzzing.py"
MANY = 10_000
WHAT = [("jobs", 200), ("flags", 200), ("images", 200), ("event_lines", 50)]
"""A case of the last starts a process."""


@pytest.mark.parametrize(
    ("what", "cases"), [*WHAT, *(pytest.param(what, MANY, marks=pytest.mark.slow) for what, _ in WHAT)]
)
def test_nothing_falls_over_hangs_or_takes_a_gigabyte(what: str, cases: int) -> None:
    if what == "event_lines" and sys.platform == "win32":
        pytest.skip("its worker is cat")
    seed = 1 if cases < MANY else secrets.randbelow(2**32)
    command = [sys.executable, str(PROGRAM), str(FOLDER / f"{what}.py"), str(cases), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, f"seed {seed}\n{done.stdout}{done.stderr}"
    found = json.loads(done.stdout.splitlines()[-1])
    print(what, "seed", seed, found)
    assert found["cases"] == cases
    assert found["memory"] < 10**9
