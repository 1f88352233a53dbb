"""Lines of text that go into a model, one after the other, round and round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import DOWN, Animation, VGroup, VMobject, linear

from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.style import Point, Style

_SHRUNK = 0.45  # of its size, that of a line when it is in the model
_STILL = 0.4  # of the time between two lines, in which all of them stand still
_NEAR = 5  # how many times nearer than the next line one must be to be seen on its way up


class Reading(VGroup):
    """``seen`` of the ``lines``, one below the other; the first is the next to go into the model.

    A line of more than ``width`` pixels is made smaller.
    """

    def __init__(self, lines: Sequence[str], style: Style, *, seen: int, pitch: float, width: float) -> None:
        self.style, self.seen, self.pitch = style, seen, style.px(pitch)
        self.lines = [Label(line, style.type.small, style.palette.muted) for line in lines]
        for place, line in enumerate(self.lines):
            line.scale(min(1, style.px(width) / line.width)).move_to(place * self.pitch * DOWN)
        self.shapes = [line.points - line.get_center() for line in self.lines]
        self.whole = VGroup(*self.lines)
        # an empty path where the first line stands while none does
        self.first = decoration(VMobject().set_points(np.tile(self.lines[0].get_center(), (4, 1))))
        super().__init__(self.first, *self.lines[:seen])

    def stream(self, into: Point, start: float = 0, end: float = 1, **options: Any) -> Animation:
        """Lines go to the point ``into`` in the model; from 0 to 1 all of them do, and stand as they did."""
        return _Stream(self, into, start, end, **options)


class _Stream(Animation):
    def __init__(self, reading: Reading, into: Point, start: float, end: float, **options: Any) -> None:
        self.reading, self.whole, self.into, self.span = reading, reading.whole, into, (start, end)
        super().__init__(self.whole, **{"rate_func": linear, **options})

    def create_starting_mobject(self) -> VGroup:
        """Nothing to keep: the lines are set anew at each time."""
        return self.whole

    def interpolate_mobject(self, alpha: float) -> None:
        """Set each line to where it is at ``alpha`` of the time."""
        reading, count = self.reading, len(self.reading.lines)
        start, end = self.span
        passed = (start + (end - start) * self.rate_func(alpha)) * count
        # a text that stands still takes no bytes in a video
        whole = int(passed)
        passed = whole + max(0.0, (passed - whole - _STILL) / (1 - _STILL))
        first, pixel = reading.first.get_center(), reading.style.px(1)
        for place, (line, points) in enumerate(zip(reading.lines, reading.shapes, strict=True)):
            # how many lines stand before it; from -1 to 0 it goes in
            ahead = (place - passed + 1) % count - 1
            inside = min(1.0, max(0.0, -ahead))
            way = inside * (self.into - first) + max(0.0, ahead) * reading.pitch * DOWN
            # by whole pixels: a video keeps text that moves by parts of one in many bytes
            line.points = first + np.round(way / pixel) * pixel + points * (1 - (1 - _SHRUNK) * inside)
            # not to be seen where it still stands on what is below
            line.set_fill(opacity=min(1.0, max(0.0, 1 - _NEAR * (ahead - reading.seen + 1))))
