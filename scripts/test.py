"""Set up what the tests need in .venv and run all of them. Any Python from 3.8 on.

python3 scripts/test.py [PYTEST_ARGUMENTS]        e.g. tests/engine -k torus, or --slow for the long forms

Two tests run at a time (pytest-xdist): most wait for a Blender or a worker, or use one core. `-n 0` for one at a time.
"""

import os
import subprocess
import sys

import environments


def main():
    os.environ.pop("PYTHONPATH", None)
    python = str(environments.tests())
    for version in environments.BLENDERS:
        os.environ["NEURAL_TEXTURE_BPY_" + version.replace(".", "_")] = str(environments.blender(version))
    os.environ["NEURAL_TEXTURE_PYTHON"] = python
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait must not take the other test's core
    command = [python, "-m", "pytest", "-n", "2", "--dist", "worksteal", *sys.argv[1:]]
    sys.exit(subprocess.call(command, cwd=str(environments.ROOT)))


if __name__ == "__main__":
    main()
