"""The part of the tab that is about the material. Drawing never computes."""

from typing import Any

from .placement import Into


def draw(layout: Any, settings: Any) -> None:
    """Draw how the texture comes onto the surface, in a panel of its own."""
    header, body = layout.panel("NEURAL_TEXTURE_material", default_closed=True)
    header.label(text="Material")
    if not body:
        return
    body.prop(settings, "into", text="Goes To")
    column = body.column()
    column.active = settings.into == Into.NEW.value
    column.prop(settings, "projection")
    column.prop(settings, "texture_width")
    body.prop(settings, "storage")
