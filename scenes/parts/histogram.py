"""A histogram: how many of the values fall into each bin."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, Line, Rectangle, VGroup

from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.parts.vector import shade
from scenes.style import Style
from scenes.traced_value import TracedValue

_AXIS = 18  # pixels: the height of the axis, a colour scale
_TICK = 10  # pixels: how far the mark at 0 reaches below the axis


class Histogram(VGroup):
    """A bar per bin, the tallest ``height`` pixels high, over an axis in the colours of the values.

    The axis is a scale up to ``largest``, the value of full colour. ``ends`` is printed below its ends, and
    ``zero`` below the mark at 0. ``ink`` is the colour of what is printed and of the mark.
    """

    def __init__(
        self,
        counts: TracedValue,
        edges: TracedValue,
        ends: tuple[str, str],
        zero: str,
        largest: float,
        style: Style,
        *,
        width: float,
        height: float,
        ink: str,
    ) -> None:
        palette, px = style.palette, style.px
        heights, limits = counts.numbers, edges.numbers
        step, most = px(width) / len(heights), max(*heights, 1)
        bars, scale = VGroup(), VGroup()
        for place, count in enumerate(heights):
            middle = step * (place + 0.5) * RIGHT
            value = (limits[place] + limits[place + 1]) / 2
            part = Rectangle(width=step, height=px(_AXIS), stroke_width=0)
            part.set_fill(shade(value, largest, style), opacity=1)
            scale.add(part.move_to(middle + px(_AXIS / 2) * DOWN))
            if count:
                bar = Rectangle(width=step, height=px(height) * count / most, stroke_width=0)
                show(bar, counts, cell=place)
                bars.add(bar.set_fill(palette.special_edge, opacity=1).move_to(middle, DOWN))
        rim = Rectangle(width=px(width), height=px(_AXIS), stroke_color=palette.cell_edge).move_to(scale)
        rim.set_stroke(width=style.stroke(style.hairline))
        self.axis = decoration(VGroup(scale, rim))
        self.ends = VGroup(*(Label(text, style.type.small, ink) for text in ends))
        for label, side in zip(self.ends, (LEFT, RIGHT), strict=True):
            label.next_to(self.axis, DOWN, buff=px(12)).align_to(self.axis, side)
        low, high = limits[0], limits[-1]
        at = px(width) * (0 - low) / (high - low) * RIGHT + px(_AXIS) * DOWN
        tick = Line(at, at + px(_TICK) * DOWN, color=ink, stroke_width=style.stroke(style.line))
        nought = Label(zero, style.type.small, ink).next_to(self.axis, DOWN, buff=px(12))
        self.zero = VGroup(decoration(tick), nought.set_x(at[0]))
        super().__init__(bars, self.axis, self.ends, self.zero)
