"""Some of a matrix's values as numbers, each in a cell of its colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import DOWN, RIGHT, Rectangle, VGroup

from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.parts.vector import shade
from scenes.style import Style
from scenes.traced_value import TracedValue
from scenes.wording import Wording

_TINT = 0.42  # how much of its colour a cell takes at most: its number stays readable on it
_GAP = 4  # pixels between cells
_INSIDE = 12  # pixels between a number and its cell's edges, at least


class NumberGrid(VGroup):
    """Rows of printed values in ``width`` by ``height`` pixels, blue if negative and orange if positive.

    Of each row the first ``columns`` are drawn. ``largest`` is the value of full colour. The matrix has more
    values than these: the last cell has an ellipsis in place of one.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[TracedValue]],
        style: Style,
        wording: Wording,
        *,
        columns: int,
        width: float,
        height: float,
        largest: float,
    ) -> None:
        palette, px = style.palette, style.px
        self.largest = largest
        across, down = px(width / columns), px(height / len(rows))
        room = across - px(_GAP + _INSIDE)
        super().__init__()
        for row, values in enumerate(rows):
            for column in range(columns):
                more = row == len(rows) - 1 and column == columns - 1
                cell = Rectangle(
                    width=across - px(_GAP), height=down - px(_GAP), stroke_width=0, fill_opacity=1
                )
                label = Label(
                    "…" if more else wording.decimal(values[column]), style.type.small, palette.text
                )
                label.scale(min(1, room / label.width))
                number = 0.0 if more else values[column].number
                cell.set_fill(shade(number, largest, style, most=_TINT))
                cell.shift(across * column * RIGHT + down * row * DOWN)
                decoration(cell) if more else show(cell, values[column])
                self.add(VGroup(cell, label.move_to(cell).level_with(cell)))
        self.move_to(np.zeros(3))
