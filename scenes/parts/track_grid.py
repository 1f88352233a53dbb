"""All places of a context window at once: a cell for each, free or taken."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from manim import LEFT, RIGHT, UP, VGroup, VMobject

from scenes.marks import decoration, show
from scenes.style import Point, Style
from scenes.traced_value import TracedValue

_COLUMNS, _MOST = 64, 2048  # cells: in a row, and in all
_EDGE, _APART = 1.5, 3  # pixels: the width of a cell's edge, and between two cells


class TrackGrid(VGroup):
    """A free cell for each of the ``tracks``, row by row; a path for each row.

    It is at most ``width`` by ``height`` pixels. Of more than 2,048 places a cell stands for ``step``.
    """

    def __init__(self, tracks: TracedValue, style: Style, *, width: float, height: float) -> None:
        self.count = round(tracks.number)
        self.step = -(-self.count // _MOST)
        self.style, self.cells = style, -(-self.count // self.step)
        self.columns = min(_COLUMNS, self.cells)
        # of few places, fewer in a row: no cell is much higher than wide
        while self.columns > 1 and height / -(-self.cells // self.columns) > 1.5 * width / self.columns:
            self.columns = -(-self.columns // 2)
        rows = -(-self.cells // self.columns)
        # whole pixels: all edges are equally dark
        self.pitch, self.fall = style.px(width // self.columns), style.px(height // rows)
        super().__init__(*(free(row, style) for row in self._rows()))
        show(self, tracks)

    def taken(self, colours: Sequence[str]) -> VGroup:
        """The cells of the first places, as many as there are ``colours``, each filled with its own.

        Where a cell stands for several places, each takes its part of it.
        """
        paths = VGroup()
        for colour, places in groupby(range(len(colours)), lambda place: colours[place]):
            path = VMobject(fill_color=colour, fill_opacity=1, stroke_width=0)
            for cell, parts in groupby(places, lambda place: place // self.step):
                inside = [place % self.step for place in parts]
                self._cell(path, cell, inside[0] / self.step, (inside[-1] + 1) / self.step)
            paths.add(path)
        return decoration(paths.shift(self._corner))

    def rest(self, first: int) -> VGroup:
        """The cells of all places but the ``first`` ones, which the text can go on to take.

        A path for each row that has any.
        """
        palette = self.style.palette
        rest = VGroup(*self._rows(first)).shift(self._corner)
        rest.set_fill(palette.output_fill, opacity=1)
        return decoration(rest.set_stroke(palette.output_full, width=self.style.stroke(_EDGE)))

    def tracks_but(self, rows: int) -> int:
        """How many places stand above the last rows, so many."""
        return min(self.count, (len(self) - rows) * self.columns * self.step)

    @property
    def _corner(self) -> Point:
        """From the scene's middle to where the first cell's share of the grid begins, at its upper left."""
        corner: Point = self.get_corner(UP + LEFT) + self.style.px(_APART / 2) * (LEFT + UP)
        return corner

    def _rows(self, first: int = 0) -> list[VMobject]:
        """The rows of cells, without those of the ``first`` places."""
        rows = []
        for start in range(0, self.cells, self.columns):
            row = VMobject()
            for cell in range(start, min(start + self.columns, self.cells)):
                part = max(0.0, first / self.step - cell)
                if part < 1:
                    self._cell(row, cell, part)
            if len(row.points):
                rows.append(row)
        return rows

    def _cell(self, path: VMobject, cell: int, start: float = 0, end: float = 1) -> None:
        """Add to the path a cell of the grid, or its part from ``start`` to ``end``."""
        row, column = divmod(cell, self.columns)
        apart = self.style.px(_APART)
        left, right = (self.pitch * column + apart / 2 + (self.pitch - apart) * part for part in (start, end))
        top, low = -row * self.fall - apart / 2, -(row + 1) * self.fall + apart / 2
        corners = [(left, top), (right, top), (right, low), (left, low), (left, top)]
        first, *rest = [x * RIGHT + y * UP for x, y in corners]
        path.start_new_path(first).add_points_as_corners(rest)


def free(cell: VMobject, style: Style) -> VMobject:
    """Give a cell, or a row of them, the look of a free place."""
    cell.set_fill(style.palette.special_fill, opacity=1)
    return cell.set_stroke(style.palette.cell_edge, width=style.stroke(_EDGE))
