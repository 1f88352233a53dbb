"""Some of a matrix's values as numbers, each in a cell of its colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import RIGHT, UP, Rectangle, VGroup

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
    """Rows of printed values in ``width`` by ``height`` pixels, blue where negative and orange where positive.

    ``largest`` is the value of full colour. The matrix has more values than these: the last cell has none
    of them, but an ellipsis.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[TracedValue]],
        style: Style,
        wording: Wording,
        *,
        width: float,
        height: float,
        largest: float,
    ) -> None:
        palette, px = style.palette, style.px
        self.largest = largest
        across, down = px(width / max(1, len(rows[0]))), px(height / len(rows))
        room = across - px(_GAP + _INSIDE)
        super().__init__()
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                more = row == len(rows) - 1 and column == len(values) - 1
                cell = Rectangle(
                    width=across - px(_GAP), height=down - px(_GAP), stroke_width=0, fill_opacity=1
                )
                text, color = (
                    ("…", palette.zero)
                    if more
                    else (wording.decimal(value), shade(value.number, largest, style, most=_TINT))
                )
                label = Label(text, style.type.small, palette.text)
                label.scale(min(1, room / label.width))
                cell.set_fill(color).shift(across * column * RIGHT + down * row * -UP)
                both = VGroup(cell, label.move_to(cell).level_with(cell))
                self.add(decoration(both) if more else show(both, value))
        self.move_to(np.zeros(3))
