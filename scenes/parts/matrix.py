"""A block of weights as a grid of cells, blue for negative and orange for positive."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, VGroup

from scenes.parts.vector import Vector
from scenes.style import Style


class Matrix(VGroup):
    """Rows of values as square cells of ``cell`` pixels, all on one colour scale.

    ``values`` are row by row, ``columns`` to a row. ``largest`` is the value of full colour: by default
    the largest of these, so that a block of small values needs its scale printed beside it.
    """

    def __init__(
        self,
        values: Sequence[float],
        columns: int,
        style: Style,
        *,
        cell: float,
        gap: float,
        largest: float | None = None,
    ) -> None:
        self.largest = max(abs(value) for value in values) if largest is None else largest
        rows = [values[start : start + columns] for start in range(0, len(values), columns)]
        super().__init__(*(Vector(row, style, cell=cell, gap=gap, largest=self.largest) for row in rows))
        self.arrange(DOWN, buff=style.px(gap))
