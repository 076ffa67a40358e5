"""``blender --command neural_texture ARGUMENTS``, by the function that Blender would call."""

import sys

from harness import ARGUMENTS, extension, module

with extension() as findings:
    findings["status"] = module("cli_command").main(ARGUMENTS)
sys.exit(findings["status"])
