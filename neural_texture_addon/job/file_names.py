"""What a file or a folder may be called on Linux, Windows and macOS alike. A name leads nowhere else."""

import re

ALLOWED = 'a name without / \\ : * ? " < > | and control characters, that Windows does not use itself (CON, NUL ...)'
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE)
"""Windows opens a device by such a name, whatever the folder and the suffix."""


def is_portable(name: str) -> bool:
    """Whether a file may be called so, or have a name that begins so."""
    return bool(name.strip(". ")) and not _FORBIDDEN.search(name) and not _DEVICE.fullmatch(name)


def portable(name: str) -> str:
    """The name, or the most similar one that is."""
    clean = _FORBIDDEN.sub("_", name).rstrip(". ") or "_"
    return f"_{clean}" if _DEVICE.fullmatch(clean) else clean
