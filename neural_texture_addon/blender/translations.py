"""Translations of what the artist reads: by language, then by context and English text. None has been made yet.

Blender collects the texts itself: `scripts/translations.py` writes those of the extension as a template. Texts with
something to be filled in are literals in ``rpt_("... {name}").format(name=...)``, not f-strings.
"""

import bpy

from .extension import BASE_PACKAGE

LANGUAGES: dict[str, dict[tuple[str, str], str]] = {}
"""E.g. ``{"de_DE": {("*", "Forecast Time and Memory"): "Zeit und Speicher vorhersagen"}}``."""


def register() -> None:
    """Let Blender know of them."""
    bpy.app.translations.register(BASE_PACKAGE, LANGUAGES)


def unregister() -> None:
    """Let Blender forget them."""
    bpy.app.translations.unregister(BASE_PACKAGE)
