"""What the artist reads, in the language of Blender's interface. No translation has been made yet.

Labels and tooltips Blender looks up itself. A message that is made when it is needed is looked up by `rpt_`, as Blender
calls it, before anything is filled in: ``rpt_("Saved {path}").format(path=path)``. So Blender's own tool collects all
texts (``scripts/translation_template.py``).
"""

from collections.abc import Callable
from typing import Any

import bpy
from bpy.app import translations

from .extension import BASE_PACKAGE

LANGUAGES: dict[str, dict[tuple[str, str], str]] = {}
"""By language, then by context and English text: ``{"de_DE": {("*", "Width"): "Breite"}}``."""

_look_up: Any = translations.pgettext_rpt
rpt_: Callable[[str], str] = _look_up
"""A text in the artist's language; as it is, where there is no translation."""


def register() -> None:
    """Let Blender know of them."""
    bpy.app.translations.register(BASE_PACKAGE, LANGUAGES)


def unregister() -> None:
    """Let Blender forget them."""
    bpy.app.translations.unregister(BASE_PACKAGE)
