"""A block of weights with its colour scale beneath."""

from __future__ import annotations

from manim import DOWN, LEFT, VGroup

from scenes.parts.colour_scale import ColourScale
from scenes.parts.matrix import Matrix
from scenes.style import Style
from scenes.traced_value import TracedValue
from scenes.wording import Wording

_GAP = 3  # pixels between cells


class ScaledMatrix(VGroup):
    """A ``matrix`` of at most ``side`` pixels each way, and its ``scale``: what full colour stands for.

    ``largest`` is the value of full colour, which is printed.
    """

    def __init__(
        self,
        values: TracedValue,
        columns: int,
        largest: TracedValue,
        style: Style,
        wording: Wording,
        *,
        side: float,
    ) -> None:
        rows = len(values.numbers) // columns
        cell = side / max(columns, rows) - _GAP
        self.matrix = Matrix(values, columns, style, cell=cell, gap=_GAP, largest=largest.number)
        text = wording("±{value}", value=wording.significant(largest))
        self.scale_bar = ColourScale(text, style, style.palette.muted)
        super().__init__(self.matrix, self.scale_bar)
        self.arrange(DOWN, buff=style.px(18), aligned_edge=LEFT)
