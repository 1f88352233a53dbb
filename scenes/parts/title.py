"""The line over a picture."""

from __future__ import annotations

from manim import UL, UP

from scenes.parts.label import Label
from scenes.style import FRAME_WIDTH_PX, Style

_RISE = 36  # pixels it stands higher than the margin


def title(text: str, style: Style, *, width: float | None = None) -> Label:
    """The title in the upper left corner, in smaller type where it is wider than ``width`` pixels."""
    px, sizes = style.px, style.type
    room = px(FRAME_WIDTH_PX - 2 * style.margin if width is None else width)
    for size in (sizes.title, sizes.heading, sizes.body):
        label = Label(text, size, style.palette.text, weight="SEMIBOLD")
        if label.width <= room:
            break
    label.to_corner(UL, buff=px(style.margin))
    return label.shift(px(_RISE) * UP)
