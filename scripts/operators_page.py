"""Write docs/operators.md: every operator of the extension with its keywords, as Blender itself knows them.

Run it with a Python that has bpy:  python scripts/operators_page.py
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "operators.md"
_HEAD = """\
# Operators

All of them, with their keywords, as `bpy.ops.neural_texture.NAME(KEYWORD=...)`. `scripts/operators_page.py` writes this
page. What each is for in scripts: [scripting.md](scripting.md).
"""
_HELPERS = {"check_existing", "filter_glob", "filter_image", "filter_folder", "files", "directory"}
"""What the file browser needs."""


def page() -> str:
    """The page's text, for the extension that is enabled."""
    names = sorted(name for name in dir(bpy.ops.neural_texture) if not name.startswith("_"))
    return "\n".join([_HEAD, *(line for name in names for line in _section(name))])


def _section(name: str) -> Iterator[str]:
    kind = getattr(bpy.ops.neural_texture, name).get_rna_type()
    yield f"## {name}\n"
    yield f"{kind.description.removesuffix('.')}.\n"
    keywords = [p for p in kind.properties if p.identifier != "rna_type" and p.identifier not in _HELPERS]
    for keyword in keywords:
        about = f": {keyword.description}." if keyword.description else ""
        yield f"- `{keyword.identifier}` ({_values(keyword)}){about}"
    if keywords:
        yield ""


def _values(keyword: Any) -> str:
    """What it may be, and what it is if it isn't said."""
    match keyword.type:
        case "ENUM":
            return ", ".join(_marked(item.identifier, keyword.default) for item in keyword.enum_items) or "a name"
        case "INT" | "FLOAT":
            low, high = (f"{end:g}" if abs(end) < 2**31 - 1 else "" for end in (keyword.hard_min, keyword.hard_max))
            ends = f"{low} to {high}" if high else f"from {low}" if low else "a number"
            return f"{ends}; {round(keyword.default, 6):g}"
        case "BOOLEAN":
            return str(keyword.default)
    return f"a text; {keyword.default!r}" if keyword.default else "a text"


def _marked(item: str, default: str) -> str:
    return f"**{item}**" if item == default else item


def main() -> None:
    sys.path.insert(0, str(ROOT))
    bpy.ops.preferences.addon_enable(module="neural_texture_addon")
    try:
        PAGE.write_text(page(), encoding="utf-8")
    finally:
        bpy.ops.preferences.addon_disable(module="neural_texture_addon")
    print(PAGE)


if __name__ == "__main__":
    main()
