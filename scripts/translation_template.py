"""Write what an artist reads into a template for translators (a PO file), as Blender's own tool collects it.

Run it with a Python that has bpy 4.2 to 4.5 on the built extension:  python scripts/translation_template.py ZIP FILE.po
"""

import contextlib
import io
import os
import sys
import tempfile

os.environ.setdefault("BLENDER_USER_RESOURCES", tempfile.mkdtemp())

import bpy  # first: it makes the others known

# isort: split
from bl_i18n_utils import bl_extract_messages, settings

PACKAGE = "bl_ext.user_default.neural_texture"


class Settings:
    """The tool's own settings, but for what it expects in Blender's source."""

    PRESETS_DIR = bpy.utils.system_resource("SCRIPTS", path="presets")

    def __init__(self) -> None:
        """With the tool's defaults."""
        self._defaults = settings.I18nSettings()

    def __getattr__(self, name: str) -> object:
        """All others."""
        return getattr(self._defaults, name)


def main(extension: str, file: str) -> None:
    bpy.ops.extensions.package_install_files(filepath=extension, repo="user_default", enable_on_install=True)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            found = bl_extract_messages.dump_addon_messages(PACKAGE, False, Settings())
        found.write("PO", file)
    finally:
        bpy.ops.preferences.addon_disable(module=PACKAGE)
    print(f"{file}: {len(found.msgs)} texts", flush=True)
    os._exit(0)  # the tool leaves things behind that keep the wheel of 4.5 from ending


if __name__ == "__main__":
    main(*sys.argv[1:])
