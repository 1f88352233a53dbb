"""A block of weights with its colour scale beneath."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, RIGHT, VGroup

from scenes.parts.label import Label
from scenes.parts.matrix import Matrix
from scenes.parts.vector import Vector
from scenes.style import Style
from wording import Wording

_GAP = 3  # pixels between cells
_TICKS = (-1.0, -0.5, 0.0, 0.5, 1.0)


class ScaledMatrix(VGroup):
    """A ``matrix`` of at most ``side`` pixels each way, and its ``scale``: what full colour stands for.

    ``largest`` is the value of full colour, which is printed.
    """

    def __init__(
        self,
        values: Sequence[float],
        columns: int,
        largest: float,
        style: Style,
        wording: Wording,
        *,
        side: float,
    ) -> None:
        rows = len(values) // columns
        cell = side / max(columns, rows) - _GAP
        self.matrix = Matrix(values, columns, style, cell=cell, gap=_GAP, largest=largest)
        ticks = Vector(_TICKS, style, cell=20, gap=0, largest=1)
        text = wording("±{value}", value=wording.significant(largest))
        number = Label(text, style.type.small, style.palette.muted)
        self.scale_bar = VGroup(ticks, number.next_to(ticks, RIGHT, buff=style.px(14)).level_with(ticks))
        super().__init__(self.matrix, self.scale_bar)
        self.arrange(DOWN, buff=style.px(18), aligned_edge=LEFT)
