"""Outputs that nobody listens to."""

from __future__ import annotations

from collections.abc import Sequence

from manim import Dot, Line, VGroup

from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.style import Style

_GAP = 20  # pixels between the line and its word


def dropped(columns: Sequence[float], y: float, word: str, style: Style) -> VGroup:
    """A dot over each column; where there is room, a line through them with the ``word`` for it."""
    palette, px = style.palette, style.px
    dots = VGroup(*(Dot((x, y, 0), radius=px(6), color=palette.special_edge) for x in columns))
    decoration(dots)
    label = Label(word, style.type.small, palette.muted)
    if len(dots) < 2 or dots.width < label.width + px(8 * _GAP):
        return dots
    label.move_to(dots).level_with(dots)
    ends = label.get_left()[0] - px(_GAP), label.get_right()[0] + px(_GAP)
    lines = VGroup(
        Line(dots.get_left(), (ends[0], y, 0)),
        Line((ends[1], y, 0), dots.get_right()),
    ).set_stroke(palette.special_edge, width=style.stroke(style.hairline))
    return decoration(VGroup(lines, *(dot for dot in dots if not ends[0] < dot.get_x() < ends[1]), label))
