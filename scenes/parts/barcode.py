"""All tracks of a context window at once, a fine stripe each."""

from __future__ import annotations

from manim import LEFT, RIGHT, UP, VGroup, VMobject

from scenes.marks import decoration, show
from scenes.style import Style
from scenes.traced_value import TracedValue

_STRIPE = 0.6  # of the way to the next one
_PALE = 0.25  # opacity of the tracks that no token took
_MOST = 8192  # stripes


class Barcode(VGroup):
    """A pale stripe for each of the ``tracks`` in rows of at most ``columns``, a path for each row.

    It is ``width`` by ``height`` pixels. Of more than 8,192 tracks only every ``step``th is drawn.
    """

    def __init__(
        self, tracks: TracedValue, style: Style, *, columns: int, width: float, height: float
    ) -> None:
        count = round(tracks.number)
        self.step = -(-count // _MOST)
        self.style, self.drawn = style, -(-count // self.step)
        self.columns = min(columns, self.drawn)
        rows = -(-self.drawn // self.columns)
        self.pitch, self.fall = style.px(width / self.columns), style.px(height / rows)
        super().__init__(*self._rows(self.drawn, _PALE))
        show(self, tracks)

    def taken(self, count: int) -> VGroup:
        """The stripes of the first ``count`` tracks, bright, at their places."""
        stripes = decoration(VGroup(*self._rows(-(-count // self.step), 1)))
        return stripes.shift(self.get_corner(UP + LEFT))

    def _rows(self, count: int, opacity: float) -> list[VMobject]:
        rows = []
        for start in range(0, count, self.columns):
            path = VMobject(fill_color=self.style.palette.model_text, fill_opacity=opacity, stroke_width=0)
            top = -start // self.columns * self.fall
            for place in range(min(self.columns, count - start)):
                left, right = (self.pitch * (place + part) for part in (0, _STRIPE))
                low = top - 0.8 * self.fall
                corners = [(left, top), (right, top), (right, low), (left, low), (left, top)]
                first, *rest = [x * RIGHT + y * UP for x, y in corners]
                path.start_new_path(first).add_points_as_corners(rest)
            rows.append(path)
        return rows
