"""A block of weights as a grid of cells, blue for negative and orange for positive."""

from __future__ import annotations

from manim import DOWN, VGroup

from scenes.parts.vector import Vector
from scenes.style import Style
from scenes.traced_value import TracedValue


class Matrix(VGroup):
    """Rows of values as square cells of ``cell`` pixels, all on one colour scale.

    ``values`` are row by row, ``columns`` to a row. ``largest`` is the value of full colour: by default
    the largest of these, so that a block of small values needs its scale printed beside it.
    """

    def __init__(
        self,
        values: TracedValue,
        columns: int,
        style: Style,
        *,
        cell: float,
        gap: float,
        largest: float | None = None,
    ) -> None:
        count = len(values.numbers)
        self.largest = max(abs(value) for value in values.numbers) if largest is None else largest
        rows = [range(start, min(count, start + columns)) for start in range(0, count, columns)]
        super().__init__(
            *(Vector(values, style, cell=cell, gap=gap, largest=self.largest, places=row) for row in rows)
        )
        self.arrange(DOWN, buff=style.px(gap))
