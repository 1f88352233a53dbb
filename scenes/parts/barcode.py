"""All tracks of a context window at once, a fine stripe each."""

from __future__ import annotations

from manim import RIGHT, UP, VGroup, VMobject

from scenes.marks import show
from scenes.style import Style
from scenes.traced_value import TracedValue

_STRIPE = 0.6  # of the way to the next one
_PALE = 0.3  # opacity of the tracks that no token took
_MOST = 8192  # stripes


class Barcode(VGroup):
    """A stripe for each of the ``tracks`` in rows of ``columns``; the first ones, ``taken``, are bright.

    It is ``width`` by ``height`` pixels. Of more than 8,192 tracks only every ``step``th is drawn.
    Its parts are the ``bright`` and the ``pale`` stripes, a path for each row that has some.
    """

    def __init__(
        self, tracks: TracedValue, taken: int, style: Style, *, columns: int, width: float, height: float
    ) -> None:
        px, palette, count = style.px, style.palette, round(tracks.number)
        self.step = -(-count // _MOST)
        drawn = -(-count // self.step)
        rows = -(-drawn // columns)
        pitch, fall = width / columns, min(height / rows, width / 8)
        self.bright, self.pale = VGroup(), VGroup()
        self.pitch, self.row = px(pitch), px(fall * 0.8)
        for row in range(rows):
            places = range(row * columns, min(drawn, (row + 1) * columns))
            cut = min(max(-(-taken // self.step), places.start), places.stop)
            for group, some, opacity in (
                (self.bright, range(places.start, cut), 1),
                (self.pale, range(cut, places.stop), _PALE),
            ):
                if not some:
                    continue
                path = VMobject(fill_color=palette.model_text, fill_opacity=opacity, stroke_width=0)
                for place in some:
                    left, right = (px(pitch * (place - places.start + part)) for part in (0, _STRIPE))
                    top, low = px(-fall * row), px(-fall * (row + 0.8))
                    corners = [(left, top), (right, top), (right, low), (left, low), (left, top)]
                    start, *rest = [x * RIGHT + y * UP for x, y in corners]
                    path.start_new_path(start).add_points_as_corners(rest)
                group.add(path)
        super().__init__(self.bright, self.pale)
        show(self, tracks)
