"""The layers that one token climbs: thin slabs, which light goes up through."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import RIGHT, UP, Animation, Mobject, VGroup, VMobject, interpolate_color, linear, squish_rate_func
from manim.utils.color import ManimColor

from scenes.marks import decoration
from scenes.parts.light import LENGTH, PEAK, Light
from scenes.style import Style
from scenes.traced_value import TracedValue

_THICK = 0.8  # of the way from slab to slab
_LIT = 0.7  # of the way from a track's filling to its edge: a slab that the token has passed


class LayerColumn(VGroup):
    """A slab for each of the ``strengths``, the first at the bottom, ``width`` by ``height`` scene units.

    All are alike and ``lit``; ``climb`` lights them one by one. The strengths are how much each layer changed
    the token's vector: so bright is the light there.
    """

    def __init__(self, strengths: TracedValue, style: Style, *, width: float, height: float) -> None:
        palette = style.palette
        self.strengths = strengths.numbers
        self.dark = _slabs(len(self.strengths), width, height).set_fill(palette.track_fill, opacity=1)
        passed = interpolate_color(ManimColor(palette.track_fill), ManimColor(palette.track_edge), _LIT)
        self.lit = self.dark.copy().set_fill(passed)
        self.light = Light(palette.track)
        super().__init__(*(decoration(part) for part in (self.dark, self.lit, self.light)))

    def climb(self, start: float = 0, end: float = 1, share: float = 1) -> Animation:
        """The token goes up: light climbs from ``start`` to ``end`` of its way, and leaves the slabs lit.

        It takes the first ``share`` of the time.
        """
        return _Climb(self, start, end, rate_func=squish_rate_func(linear, 0, share))

    def reach(self, share: float) -> LayerColumn:
        """Only so large a part of the slabs is lit, from the foot up."""
        each = len(self.dark.points) // len(self.strengths)
        rows = round(min(1.0, max(0.0, share)) * len(self.strengths))
        self.lit.points = self.dark.points[: rows * each].copy()
        return self


class _Climb(Animation):
    def __init__(self, column: LayerColumn, start: float, end: float, **options: Any) -> None:
        super().__init__(column, **options)
        self.column, self.span = column, (start, end)

    def create_starting_mobject(self) -> Mobject:
        """Nothing to keep: the light is drawn anew at each time."""
        return self.column

    def interpolate_mobject(self, alpha: float) -> None:
        """Light the slabs that the light has passed at ``alpha`` of the time."""
        column, (start, end) = self.column, self.span
        progress = start + (end - start) * self.rate_func(alpha)
        column.reach(progress * (1 + LENGTH) - PEAK)
        column.light.shine(column.dark, 0, UP, column.strengths, progress)


def _slabs(count: int, width: float, height: float) -> VMobject:
    """Slabs as one path: a long text has thousands."""
    path, pitch = VMobject(stroke_width=0), height / count
    # the top slab ends at the top
    thickness = pitch * _THICK
    fall = (height - thickness) / max(1, count - 1)
    for row in range(count):
        low = row * fall if count > 1 else 0.0
        corners = [(0, low), (width, low), (width, low + thickness), (0, low + thickness), (0, low)]
        start, *rest = [np.asarray(x * RIGHT + y * UP) for x, y in corners]
        path.start_new_path(start).add_points_as_corners(rest)
    return path
