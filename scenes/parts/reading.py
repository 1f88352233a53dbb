"""Lines of text that go into the model above them, round and round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import DOWN, UP, Animation, VGroup, VMobject, linear

from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.style import Style

_SHRUNK = 0.45  # of its size, that of a line which is about to go into the model
_FUNNEL = 0.6  # of the last step, in which a line gets smaller; in the rest it goes in
_NEAR = 5  # how many times nearer than the next line one must be to be seen on its way up
_INSIDE = 50  # pixels: how far into the model a line goes


class Reading(VGroup):
    """``seen`` of the ``lines``, one below the other; the first is the nearest to the model.

    A line of more than ``width`` pixels is made smaller.
    """

    def __init__(self, lines: Sequence[str], style: Style, *, seen: int, pitch: float, width: float) -> None:
        self.style, self.seen, self.pitch = style, seen, style.px(pitch)
        self.lines = [Label(line, style.type.small, style.palette.muted) for line in lines]
        for place, line in enumerate(self.lines):
            line.scale(min(1, style.px(width) / line.width)).move_to(place * self.pitch * DOWN)
        self.shapes = [line.points - line.get_center() for line in self.lines]
        self.whole = VGroup(*self.lines)
        # an empty path where the nearest line stands while none does
        self.first = decoration(VMobject().set_points(np.tile(self.lines[0].get_center(), (4, 1))))
        super().__init__(self.first, *self.lines[:seen])

    def stream(self, start: float = 0, end: float = 1, **options: Any) -> Animation:
        """Lines go into the model, which stands above; from 0 to 1 all of them do, and stand as they did."""
        return _Stream(self, start, end, **options)


class _Stream(Animation):
    def __init__(self, reading: Reading, start: float, end: float, **options: Any) -> None:
        self.reading, self.whole, self.span = reading, reading.whole, (start, end)
        super().__init__(self.whole, **{"rate_func": linear, **options})

    def create_starting_mobject(self) -> VGroup:
        """Nothing to keep: the lines are set anew at each time."""
        return self.whole

    def interpolate_mobject(self, alpha: float) -> None:
        """Set each line to where it is at ``alpha`` of the time."""
        reading, count = self.reading, len(self.reading.lines)
        start, end = self.span
        passed = (start + (end - start) * self.rate_func(alpha)) * count
        top = reading.first.get_center()
        for place, (line, points) in enumerate(zip(reading.lines, reading.shapes, strict=True)):
            # how many lines stand before it; from -1 to 0 it goes in
            ahead = (place - passed + 1) % count - 1
            inside = min(1.0, max(0.0, -ahead))
            size = 1 - (1 - _SHRUNK) * min(1.0, inside / _FUNNEL)
            rise = reading.pitch * min(1.0, inside / _FUNNEL) * 0.5
            rise += (reading.pitch + reading.style.px(_INSIDE)) * max(0.0, inside - _FUNNEL) / (1 - _FUNNEL)
            # by whole pixels: a video keeps text that moves by parts of one in many bytes
            pixel = reading.style.px(1)
            lower = round(max(0.0, ahead) * reading.pitch / pixel) * pixel
            line.points = top + (rise - lower) * UP + points * size
            # not to be seen where it still stands on what is below
            line.set_fill(opacity=min(1.0, max(0.0, 1 - _NEAR * (ahead - reading.seen + 1))))
