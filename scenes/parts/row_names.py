"""What stands in each row of a picture, at its left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import DOWN, RIGHT, VGroup, VMobject

from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.style import Style

_NEAR, _HOOK = 16, 10  # pixels from the names to the bracket, and how far its ends reach


class RowNames(VGroup):
    """A column of ``names``, each so many pixels from the top, flush right where the widest ends."""

    def __init__(self, names: Sequence[tuple[str, float]], style: Style) -> None:
        self.style = style
        labels = [Label(text, style.type.small, style.palette.muted) for text, _ in names]
        self.edge = style.at(style.margin, 0)[0] + max(label.width for label in labels)
        for label, (_, y) in zip(labels, names, strict=True):
            label.move_to(style.at(0, y)).align_to(self.edge * RIGHT, RIGHT)
        super().__init__(*labels)

    def bracket(self, text: str, top: float, bottom: float) -> VGroup:
        """Words for all rows between two heights, in pixels from the top, and the bracket round them."""
        style, palette = self.style, self.style.palette
        words = VGroup(*(Label(line, style.type.small, palette.muted) for line in text.split("\n")))
        words.arrange(DOWN, buff=style.px(8)).set_y(style.at(0, (top + bottom) / 2)[1])
        for line in words:
            line.align_to(self.edge * RIGHT, RIGHT)
        near, far = (self.edge + style.px(away) for away in (_NEAR, _NEAR + _HOOK))
        high, low = (style.at(0, y)[1] for y in (top, bottom))
        round_them = VMobject(stroke_color=palette.special_edge, stroke_width=style.stroke(style.hairline))
        corners = [np.array([x, y, 0]) for x, y in ((far, high), (near, high), (near, low), (far, low))]
        return VGroup(words, decoration(round_them).set_points_as_corners(corners))
