"""A histogram: how many of the values fall into each bin."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, UP, Line, Rectangle, VGroup

from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.style import Style
from scenes.traced_value import TracedValue
from scenes.wording.printed import lines_of


class Histogram(VGroup):
    """A bar per bin, the tallest ``height`` pixels high; blue below 0, orange above, grey around it.

    ``ends`` is printed at the first and the last edge; ``peak``, in lines, says how tall the tallest is:
    at the right, or above it with ``peak_above``.
    """

    def __init__(
        self,
        counts: TracedValue,
        edges: TracedValue,
        ends: tuple[str, str],
        peak: str,
        style: Style,
        *,
        width: float,
        height: float,
        peak_above: bool = False,
    ) -> None:
        palette, px = style.palette, style.px
        heights, limits = counts.numbers, edges.numbers
        step, most = px(width) / len(heights), max(*heights, 1)
        bars = VGroup()
        for place, count in enumerate(heights):
            color = palette.special_edge
            if limits[place + 1] <= 0 or limits[place] >= 0:
                color = palette.negative if limits[place] < 0 else palette.positive
            bar = Rectangle(
                width=step, height=px(height) * count / most, fill_color=color, fill_opacity=1, stroke_width=0
            )
            if count:
                bars.add(show(bar, counts, cell=place).move_to(step * (place + 0.5) * RIGHT, DOWN))
        axis = decoration(Line(px(0) * RIGHT, px(width) * RIGHT, color=palette.arrow))
        axis.set_stroke(width=style.stroke(style.hairline))
        below = [Label(text, style.type.small, palette.muted) for text in ends]
        for label, side in zip(below, (LEFT, RIGHT), strict=True):
            label.next_to(axis, DOWN, buff=px(12)).align_to(axis, side)
        top = (heights.index(max(heights)) + 1) * step * RIGHT + px(height - style.hairline / 2) * UP
        words = VGroup(*(Label(line, style.type.small, palette.muted) for line in lines_of(peak)))
        super().__init__(bars, axis, *below, words)
        if peak_above:
            top += step / 2 * LEFT
            words.arrange(DOWN, buff=px(4)).next_to(top, UP, buff=px(12))
            # over the axis, though the tallest bar be the first or the last
            beyond = (words.width - axis.width) / 2
            words.set_x(min(max(top[0], axis.get_x() + beyond), axis.get_x() - beyond))
        else:
            words.arrange(DOWN, buff=px(4), aligned_edge=RIGHT)
            words.align_to(axis, RIGHT).shift((top[1] - words[0].get_y()) * UP)
            leader = Line(top, words[0].get_left() + px(14) * LEFT, color=palette.muted)
            decoration(leader).set_stroke(width=style.stroke(style.hairline))
            self.add(leader)
        self.axis, self.ends = axis, VGroup(*below)
