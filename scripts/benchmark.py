"""Time and memory of the default job, each size in a process of its own. Prints a table.

.venv/tests/bin/python scripts/benchmark.py [--sizes 256 512] [--exemplar IMAGE] [--device auto] [--weights FILE]
    [--gradient]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXEMPLAR = ROOT / "examples" / "pebbles" / "pebbles_Color.png"
_ENGINE = [sys.executable, "-m", "neural_texture_addon.engine"]
_LIKE = "import sys, PIL.Image as I; I.open(sys.argv[1]).resize((256, 256), I.LANCZOS).save(sys.argv[2])"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["256", "512"])
    parser.add_argument("--exemplar", default=EXEMPLAR)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--weights", help="file of VGG-19's; without it, the job that needs none")
    parser.add_argument("--gradient", action="store_true", help="compare the two forms of a strided convolution")
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        exemplar = Path(folder, "exemplar.png")
        subprocess.run([sys.executable, "-c", _LIKE, parsed.exemplar, exemplar], check=True)
        print("exemplar 256x256 px, default preset; seconds from the start of the process to its end")
        print("| size | seconds | peak memory, MB |\n|---|---|---|")
        for size in parsed.sizes:
            seconds, megabytes = measure(exemplar, size, parsed, Path(folder, size))
            print(f"| {size} | {seconds:.1f} | {megabytes:.0f} |", flush=True)
    if parsed.gradient:
        compare_gradients()


def measure(exemplar, size, parsed, out):
    """Seconds and peak resident megabytes of one `neural-texture synthesize`."""
    features = ["--weights", parsed.weights] if parsed.weights else ["--features", "patches"]
    command = [*_ENGINE, "synthesize", exemplar, "--size", size, "--device", parsed.device, *features, "--out", out]
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with status {process.returncode}")
    unit = 2**20 if sys.platform == "darwin" else 2**10  # what ru_maxrss counts
    return time.perf_counter() - began, usage.ru_maxrss / unit


def compare_gradients():
    """Forward and backward of 64 filters of 7x7 with stride 2 over 256x256x3, in both forms."""
    import torch
    from torch.nn import functional

    sys.path.insert(0, str(ROOT))
    from neural_texture_addon.engine.features.patches import _every

    image, kernels = torch.rand(1, 3, 262, 262, requires_grad=True), torch.randn(64, 3, 7, 7)
    forms = {
        "strided": lambda: functional.conv2d(image, kernels, stride=2),
        "phases": lambda: _every(2, image, kernels),
    }
    print("| form of the convolution | ms, best of 10 |\n|---|---|")
    for name, form in forms.items():
        best = float("inf")
        for _ in range(10):
            began = time.perf_counter()
            form().sum().backward()
            best = min(best, time.perf_counter() - began)
        print(f"| {name} | {best * 1e3:.1f} |")


if __name__ == "__main__":
    main()
