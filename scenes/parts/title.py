"""The line over a picture."""

from __future__ import annotations

from manim import LEFT, UP

from scenes.parts.label import Label
from scenes.style import Style

TOP = 54  # pixels above it


def title(text: str, style: Style, *, width: float | None = None) -> Label:
    """The title in the upper left corner, in smaller type where it is wider than ``width`` pixels."""
    px, sizes = style.px, style.type
    room = px(style.room if width is None else width)
    for size in (sizes.title, sizes.heading, sizes.body):
        label = Label(text, size, style.palette.text, weight="SEMIBOLD")
        if label.width <= room:
            break
    corner = style.at(style.margin, TOP)
    return label.align_to(corner, LEFT).align_to(corner, UP)
