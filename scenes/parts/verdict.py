"""A tick for what is right, a cross for what is wrong."""

from __future__ import annotations

import numpy as np
from manim import VMobject

from scenes.marks import decoration
from scenes.style import Style

_TICK = [(0.06, 0.46), (0.36, 0.14), (0.94, 0.86)]
_CROSS = [[(0.12, 0.12), (0.88, 0.88)], [(0.12, 0.88), (0.88, 0.12)]]
_STROKE = 0.15  # of its size


def verdict(right: bool, size: float, style: Style, color: str | None = None) -> VMobject:
    """The sign in a square of ``size`` pixels, drawn: not every font has it."""
    palette = style.palette
    sign = decoration(VMobject(stroke_width=style.stroke(size * _STROKE)))
    sign.set_stroke(color or (palette.tuning_text if right else palette.error))
    for corners in [_TICK] if right else _CROSS:
        first, *rest = [style.px(size) * np.array([x - 0.5, y - 0.5, 0.0]) for x, y in corners]
        sign.start_new_path(first).add_points_as_corners(rest)
    return sign
