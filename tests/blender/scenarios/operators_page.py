"""docs/operators.md as it should be."""

import sys

from harness import ARGUMENTS, extension

sys.path.insert(0, ARGUMENTS[0])
import operators_page

with extension() as findings:
    findings["page"] = operators_page.page()
