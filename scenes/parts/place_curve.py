"""A token's rank among all, layer by layer, as a curve on a logarithmic scale: the first at the top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from manim import DOWN, LEFT, UP, Animation, Create, DashedLine, Dot, Line, VGroup, VMobject, linear

from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.style import Point, Style
from scenes.traced_value import TracedValue
from scenes.wording import Wording

_TICKS = (0, 2, 4)  # powers of ten that are printed
_ABOVE = 0.06  # of the height that is left free over the first place
_RIDER = 14  # pixels between a rider and the curve's head, or its foot


class PlaceCurve(VGroup):
    """The ``places`` by depth, the first place at the top and ``last`` at the foot.

    ``marks`` are layers, from 1 and rising, each with one of the ``lines`` and its number. ``parts`` are
    the curve in parts: up to each mark, and from the last one to the end. ``axes`` hold all else but the
    ``end``.
    """

    def __init__(
        self,
        places: Sequence[TracedValue],
        last: TracedValue,
        marks: Sequence[int],
        style: Style,
        wording: Wording,
        *,
        width: float,
        height: float,
    ) -> None:
        palette, px = style.palette, style.px
        self.style, self.places, self.last = style, places, last.number
        self.size = (px(width), px(height))
        self.axis = axis = VMobject(stroke_color=palette.arrow, stroke_width=style.stroke(style.hairline))
        top = self._at(0, 1) + px(height * _ABOVE) * UP
        foot_of_all = self._at(0, self.last)
        decoration(axis).set_points_as_corners([top, foot_of_all, self._at(None, self.last)])
        ticks = VGroup()
        for power in _TICKS:
            if 10**power <= self.last:
                label = Label(wording.ordinal(10**power), style.type.small, palette.muted)
                foot = self._at(0, 10**power)
                tick = Line(foot, foot + px(10) * LEFT, color=palette.arrow)
                tick.set_stroke(width=style.stroke(style.hairline))
                ticks.add(decoration(tick), label.next_to(tick, LEFT, buff=px(8)).level_with(tick))
        # a layer that is marked twice has one line
        self.lines = [
            VGroup() if layer in marks[:number] else self._line(layer, style, wording)
            for number, layer in enumerate(marks)
        ]
        end = Label(wording.integer(len(places) - 1), style.type.small, palette.muted)
        end.next_to(self._at(len(places) - 1, self.last), DOWN, buff=px(14))
        name = Label(wording("layer"), style.type.small, palette.muted)
        name.next_to(foot_of_all, DOWN, buff=px(14)).align_to(foot_of_all, LEFT)
        numbers = [line[1] for line in self.lines if line]
        free = [each for each in (name, end) if all(_apart(each, number, px(14)) for number in numbers)]
        self.axes = VGroup(axis, ticks, *free)
        color = palette.output_edge
        ends = [0, *marks, len(places) - 1]
        self.parts = [self._part(first, then, style) for first, then in pairwise(ends)]
        self.end = decoration(Dot(self._point(len(places) - 1), radius=px(11), color=color))
        super().__init__(self.axes, *self.lines, *self.parts, self.end)

    def draw(self, number: int) -> Animation:
        """The curve goes on to the next mark, or to its end."""
        return Create(self.parts[number], rate_func=linear)

    def seat(self, rider: VMobject, head: Point) -> Point:
        """Where the middle of a rider is, who sits before the ``head`` of the curve and above its foot."""
        lowest = self.axis.get_bottom()[1] + rider.height / 2 + self.style.px(_RIDER)
        aside = rider.width / 2 + self.style.px(_RIDER)
        return np.array([head[0] + aside, max(float(head[1]), lowest), 0.0])

    def ride(self, rider: VMobject, number: int) -> Animation:
        """The rider goes along with ``draw``."""
        return _Ride(rider, [self.seat(rider, head) for head in self.heads(number)], self.style)

    def heads(self, number: int) -> list[Point]:
        """The points of a part, depth by depth."""
        points = self.parts[number].points
        return [points[0], *points[3::4]]

    def _at(self, depth: int | None, place: float) -> Point:
        """The point of a depth (None: past the last one) and a place."""
        across = 1.03 if depth is None else depth / max(1, len(self.places) - 1)
        up = 1 - math.log(max(1, place)) / math.log(max(2, self.last))
        return np.array([self.size[0] * across, self.size[1] * up, 0.0])

    def _point(self, depth: int) -> Point:
        """The point of the curve at a depth."""
        return self._at(depth, self.places[depth].number)

    def _part(self, first: int, then: int, style: Style) -> VMobject:
        part = VMobject(stroke_color=style.palette.output_edge, stroke_width=style.stroke(style.line * 1.6))
        depths = range(first, then + 1)
        points = [self._point(depth) for depth in depths]
        part.set_points_as_corners(points if len(points) > 1 else points * 2)
        # a depth where two parts meet is shown by the later one
        for number, depth in enumerate(depths if then == len(self.places) - 1 else depths[:-1]):
            at = max(0, part.n_points_per_curve * number - 1)
            show(part, self.places[depth], points=slice(at, at + 1))
        return decoration(part)

    def _line(self, layer: int, style: Style, wording: Wording) -> VGroup:
        foot, top = self._at(layer, self.last), self._at(layer, 1)
        line = DashedLine(foot, top, color=style.palette.track, dash_length=style.px(14))
        line.set_stroke(width=style.stroke(style.line * 0.7))
        text = Label(wording.integer(layer), style.type.small, style.palette.track, weight="SEMIBOLD")
        return VGroup(decoration(line), text.next_to(foot, DOWN, buff=style.px(14)))


class _Ride(Animation):
    """The rider passes the ``seats``, each in the same time."""

    def __init__(self, rider: VMobject, seats: Sequence[Point], style: Style) -> None:
        super().__init__(rider, rate_func=linear)
        self.seats, self.style = seats, style

    def interpolate_mobject(self, alpha: float) -> None:
        """Sit between two seats; by whole pixels, which costs a video fewer bytes."""
        assert isinstance(self.mobject, VMobject)
        last = len(self.seats) - 1
        done = alpha * last
        first = min(int(done), last)
        then = min(first + 1, last)
        start, end = self.seats[first], self.seats[then]
        pixel = self.style.px(1)
        way = np.round((start + (end - start) * (done - first) - self.seats[0]) / pixel) * pixel
        self.mobject.move_to(end if alpha == 1 else self.seats[0] + way)


def _apart(one: VMobject, other: VMobject, gap: float) -> bool:
    """Whether two labels of one line have this much between them."""
    return abs(one.get_x() - other.get_x()) >= (one.width + other.width) / 2 + gap
