"""``python -m neural_texture_addon.engine``: the command line."""

import sys

from .cli import main

sys.exit(main())
