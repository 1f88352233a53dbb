"""A value over the steps of a training, as a line."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Animation, Create, Dot, Line, Succession, VGroup, VMobject, linear

from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.style import Point, Style
from scenes.traced_value import TracedValue


class LineChart(VGroup):
    """One point per value on a scale from 0 to the largest, the first and the last printed.

    ``axes`` have their 0 and, at the end of the steps, the ``steps`` text.
    """

    def __init__(
        self,
        values: TracedValue,
        printed: tuple[str, str],
        zero: str,
        steps: str,
        style: Style,
        *,
        width: float,
        height: float,
        color: str,
    ) -> None:
        px, palette = style.px, style.palette
        self.values, self.style = values.numbers, style
        self.size = (px(width), px(height))
        corner = [np.array([0.0, y, 0.0]) for y in (self.size[1], 0.0)]
        axis = VMobject(stroke_color=palette.arrow, stroke_width=style.stroke(style.hairline))
        axis.set_points_as_corners([*corner, np.array([self.size[0], 0.0, 0.0])])
        nought = Label(zero, style.type.small, palette.muted)
        nought.next_to(corner[1], LEFT, buff=px(12))
        under = Label(steps, style.type.small, palette.muted)
        under.next_to(axis, DOWN, buff=px(12)).align_to(axis, RIGHT)
        self.axes = VGroup(decoration(axis), nought, under)
        points = [self._point(step) for step in range(len(self.values))]
        stroke = style.stroke(style.line * 1.4)
        dots = (Dot(point, radius=px(8), color=color) for point in points)
        self.dots = VGroup(*(show(dot, values, cell=step) for step, dot in enumerate(dots)))
        self.lines = VGroup(
            *(
                decoration(Line(one, other, color=color, stroke_width=stroke))
                for one, other in pairwise(points)
            )
        )
        self.first, self.last = (Label(text, style.type.body, color, weight="SEMIBOLD") for text in printed)
        self._over(self.first, 0, LEFT)
        self._over(self.last, len(self.values) - 1, RIGHT)
        super().__init__(self.axes, self.lines, self.dots, self.first, self.last)

    def start(self) -> VGroup:
        """Return the chart's parts that are there before the first step."""
        return VGroup(self.axes, self.dots[0], self.first)

    def draw(self, first: int, last: int) -> Animation:
        """The steps after ``first`` up to ``last``, at an even speed; their dots come when they are there."""
        return Succession(
            *(Create(line, rate_func=linear) for line in self.lines[first:last]), rate_func=linear
        )

    def _point(self, step: int) -> Point:
        """Where a step's value stands; half a step is left at either end, and a fifth of the height above."""
        across = (step + 0.5) / len(self.values)
        up = 0.8 * self.values[step] / max(max(self.values), 1e-9)
        return np.array([self.size[0] * across, self.size[1] * up, 0.0])

    def _over(self, label: Label, step: int, side: Point) -> None:
        """Set a number over its point, clear of the line."""
        label.move_to(self._point(step)).align_to(self._point(step) + self.style.px(10) * side, side)
        points = np.array([self._point(place) for place in range(len(self.values))])
        ends = [label.get_left()[0], label.get_right()[0]]
        under = (points[:, 0] >= ends[0]) & (points[:, 0] <= ends[1])
        highest = [*points[under, 1], *np.interp(ends, points[:, 0], points[:, 1])]
        label.align_to((max(highest) + self.style.px(12)) * UP, DOWN)
