"""Many cases of hypothesis in one process of its own, within a gigabyte and a minute each.

    python tests/support/fuzzing.py PROGRAM CASES SEED

`PROGRAM` has a function ``case`` that draws what it needs and raises if something is wrong. On stdout comes one line of
JSON: how many cases there were, and how many bytes of memory they took beyond what the imports had taken.
"""

import faulthandler
import json
import runpy
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import job_strategies  # noqa: F401  # registers them
import psutil
import torch
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from neural_texture_addon.engine import memory

MOST_MEMORY = 10**9
"""Bytes that the cases may take."""
PATIENCE = 60
"""Seconds that a case may take."""


def run(case: Callable[[st.DataObject], object], cases: int, random_seed: int) -> int:
    """Do so many cases; the most memory that they took, in bytes. Raises what a case raised, shrunk."""
    torch.set_num_threads(1)  # each more would reserve address space
    process, counted = psutil.Process(), [0]
    before = memory.held(torch.device("cpu"))
    if hasattr(process, "rlimit"):
        most = process.memory_info().vms + MOST_MEMORY
        process.rlimit(psutil.RLIMIT_AS, (most, psutil.RLIM_INFINITY))

    @seed(random_seed)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def one(data: st.DataObject) -> None:
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        counted[0] += 1
        case(data)

    one()
    faulthandler.cancel_dump_traceback_later()
    assert counted[0] >= cases, f"hypothesis found {counted[0]} different cases only"
    return max(0, (memory.peak(torch.device("cpu")) or 0) - before)


def main(program: str, cases: str, random_seed: str) -> None:
    warnings.simplefilter("ignore")  # Pillow's, of corrupt EXIF and the like
    sys.path.insert(0, str(Path(program).parent))
    case = runpy.run_path(program)["case"]
    print(json.dumps({"cases": int(cases), "memory": run(case, int(cases), int(random_seed))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
