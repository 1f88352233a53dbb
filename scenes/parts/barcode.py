"""All tracks of a context window at once, a fine stripe each."""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, UP, VGroup, VMobject

from scenes.style import Style

_STRIPE = 0.6  # of the way to the next one
_MOST = 8192  # stripes


class Barcode(VGroup):
    """A stripe for each of ``count`` tracks in rows of ``columns``; the first ones in the colours ``taken``.

    It is ``width`` by ``height`` pixels. Of more than 8,192 tracks only every ``step``th is drawn.
    Its parts are the rows, ``ends`` the numbers of their last tracks.
    """

    def __init__(
        self, count: int, taken: Sequence[str], style: Style, *, columns: int, width: float, height: float
    ) -> None:
        px, palette = style.px, style.palette
        self.step = -(-count // _MOST)
        drawn = -(-count // self.step)
        rows = -(-drawn // columns)
        pitch, fall = width / columns, min(height / rows, width / 8)
        self.ends = [min(count, (row + 1) * columns * self.step) for row in range(rows)]
        super().__init__()
        for row in range(rows):
            colours: dict[str, VMobject] = {}
            for place in range(row * columns, min(drawn, (row + 1) * columns)):
                colour = (taken[place * self.step :] or [palette.track_edge])[0]
                path = colours.setdefault(colour, VMobject(fill_color=colour, fill_opacity=1, stroke_width=0))
                left, right = (px(pitch * (place - row * columns + part)) for part in (0, _STRIPE))
                top, low = px(-fall * row), px(-fall * (row + 0.8))
                corners = [(left, top), (right, top), (right, low), (left, low), (left, top)]
                start, *rest = [x * RIGHT + y * UP for x, y in corners]
                path.start_new_path(start).add_points_as_corners(rest)
            self.add(VGroup(*colours.values()))
