"""Set up what the tests need in .venv and run all of them. Any Python from 3.8 on.

python3 scripts/test.py [PYTEST_ARGUMENTS]        e.g. tests/engine -k torus, or --slow for the long forms
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
    sys.exit(subprocess.call([python, "-m", "pytest", *sys.argv[1:]], cwd=str(environments.ROOT)))


if __name__ == "__main__":
    main()
