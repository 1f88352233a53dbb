"""A legend of the values' colours."""

from __future__ import annotations

from manim import LEFT, RIGHT, VGroup

from scenes.parts.label import Label
from scenes.parts.vector import Vector
from scenes.style import Style
from scenes.wording import Wording

_TICKS = (-1.0, -0.5, 0.0, 0.5, 1.0)
_CELL = 40  # pixels: a letter finds room in it


class ColourScale(VGroup):
    """A row of colours from the most negative to the most positive value, with 0 in the middle."""

    def __init__(self, style: Style, wording: Wording) -> None:
        palette, size = style.palette, style.type.small
        ticks = Vector(_TICKS, style, cell=_CELL, gap=0, largest=1)
        zero = Label("0", size, palette.text).move_to(ticks).level_with(ticks)
        below, above = (Label(text, size, palette.muted) for text in (wording("below 0"), wording("above 0")))
        below.next_to(ticks, LEFT, buff=style.px(14)).level_with(ticks)
        above.next_to(ticks, RIGHT, buff=style.px(14)).level_with(ticks)
        super().__init__(below, ticks, zero, above)
