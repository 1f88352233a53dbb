"""How many of some tries were right, a cell for each."""

from __future__ import annotations

from manim import DOWN, RIGHT, Rectangle, VGroup

from scenes.marks import decoration, show
from scenes.parts.verdict import verdict
from scenes.style import Style
from scenes.traced_value import TracedValue

_LARGEST = 50  # pixels of a cell
_PITCH = 1.2  # from one cell to the next, in parts of its width
_SIGN = 0.62  # of a cell's smaller side
_LEAST = 12  # pixels of a sign: a smaller one is left out


class Tally(VGroup):
    """A cell for each of the ``tries``, in ``lines`` at most ``width`` pixels wide; the ``right`` are teal.

    A tick in a cell says that it was right, a cross that it was not. ``blank`` are the cells before that.
    """

    def __init__(
        self, right: TracedValue, tries: TracedValue, style: Style, *, width: float, lines: int = 1
    ) -> None:
        palette, count = style.palette, round(tries.number)
        columns = -(-count // lines)
        pitch = min(_LARGEST * _PITCH, width / max(1, columns))
        self.cells: list[VGroup] = []
        self.blank = VGroup()
        size = _SIGN * min(pitch / _PITCH, _LARGEST)
        for place in range(count):
            hit = place < right.number
            cell = Rectangle(
                width=style.px(pitch / _PITCH),
                height=style.px(_LARGEST),
                fill_color=palette.tuning_text if hit else palette.special_fill,
                fill_opacity=1,
                stroke_color=palette.tuning_text if hit else palette.special_edge,
                stroke_width=style.stroke(min(style.hairline, pitch / 10)),
            )
            line, column = divmod(place, columns)
            cell.shift(style.px(pitch * column) * RIGHT + style.px(_LARGEST * _PITCH * line) * DOWN)
            empty = decoration(cell.copy()).set_fill(opacity=0)
            self.blank.add(empty.set_stroke(palette.special_edge))
            ink = palette.background if hit else None
            signs = [verdict(hit, size, style, ink).move_to(cell)] if size >= _LEAST else []
            self.cells.append(VGroup(cell, *signs))
        hits = round(right.number)
        # no cell is filled where none was right: all of them then say so
        filled = show(VGroup(*self.cells[:hits] or self.cells), right)
        super().__init__(filled, show(VGroup(*self.cells[hits:] if hits else ()), tries))
