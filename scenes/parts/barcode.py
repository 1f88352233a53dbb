"""All tracks of a context window at once, a fine stripe each."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, RIGHT, UP, VGroup, VMobject

from scenes.style import Style

_STRIPE = 0.6  # of the way to the next one
_MOST = 8192  # stripes


class Barcode(VGroup):
    """A stripe for each of ``count`` tracks in rows of ``columns``; the first ones in the colours ``taken``.

    It is ``width`` by ``height`` pixels. Of more than 8,192 tracks only every ``step``th is drawn behind the
    taken ones. ``rows`` are the groups of each row's stripes, ``ends`` the number of its last track.
    """

    def __init__(
        self, count: int, taken: Sequence[str], style: Style, *, columns: int, width: float, height: float
    ) -> None:
        px, palette = style.px, style.palette
        self.step = -(-count // _MOST)
        drawn = max(len(taken), -(-count // self.step))
        rows = -(-drawn // columns)
        pitch, fall = width / columns, min(height / rows, width / 8)
        self.ends = [min(count, (row + 1) * columns * self.step) for row in range(rows)]
        super().__init__()
        for row in range(rows):
            colours: dict[str, VMobject] = {}
            for place in range(row * columns, min(drawn, (row + 1) * columns)):
                colour = taken[place] if place < len(taken) else palette.track_edge
                path = colours.setdefault(colour, VMobject(fill_color=colour, fill_opacity=1, stroke_width=0))
                left, right = (px(pitch * (place - row * columns + part)) for part in (0, _STRIPE))
                top, low = px(-fall * row), px(-fall * (row + 0.8))
                corners = [(left, top), (right, top), (right, low), (left, low), (left, top)]
                start, *rest = [x * RIGHT + y * UP for x, y in corners]
                path.start_new_path(start).add_points_as_corners(rest)
            self.add(VGroup(*colours.values()))

    def first(self, style: Style) -> VMobject:
        """Return a point at the first track."""
        return VMobject().set_points([self.get_corner(UP + LEFT) + style.px(20) * (RIGHT + DOWN)])
