"""How many of some tries were right, a cell for each."""

from __future__ import annotations

from manim import RIGHT, Rectangle, VGroup

from scenes.marks import show
from scenes.style import Style
from scenes.traced_value import TracedValue

_LARGEST = 34  # pixels of a cell


class Tally(VGroup):
    """A cell for each of the ``tries`` in at most ``width`` pixels; the first ``right`` are filled."""

    def __init__(self, right: TracedValue, tries: TracedValue, style: Style, *, width: float) -> None:
        palette, count = style.palette, round(tries.number)
        pitch = min(_LARGEST * 1.28, width / max(1, count))
        self.cells: list[Rectangle] = []
        for place in range(count):
            hit = place < right.number
            cell = Rectangle(
                width=style.px(pitch / 1.28),
                height=style.px(_LARGEST),
                fill_color=palette.output_fill if hit else palette.special_fill,
                fill_opacity=1,
                stroke_color=palette.output_edge if hit else palette.special_edge,
                stroke_width=style.stroke(min(style.hairline, pitch / 10)),
            )
            self.cells.append(cell.shift(style.px(pitch * place) * RIGHT))
        hits = round(right.number)
        # no cell is filled where none was right: all of them then say so
        filled = show(VGroup(*self.cells[:hits] or self.cells), right)
        super().__init__(filled, show(VGroup(*self.cells[hits:] if hits else ()), tries))
