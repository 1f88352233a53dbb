"""A legend of the values' colours, with the value of full colour."""

from __future__ import annotations

from manim import RIGHT, VGroup

from scenes.parts.label import Label
from scenes.parts.vector import Vector
from scenes.style import Style

_TICKS = (-1.0, -0.5, 0.0, 0.5, 1.0)


class ColourScale(VGroup):
    """A row of colours from the most negative to the most positive, and ``text`` on which value that is."""

    def __init__(self, text: str, style: Style, ink: str) -> None:
        ticks = Vector(_TICKS, style, cell=22, gap=0, largest=1)
        words = Label(text, style.type.small, ink)
        super().__init__(ticks, words.next_to(ticks, RIGHT, buff=style.px(14)).level_with(ticks))
